"""Packed films of two labels, and the errors of a set that cannot be learnt from."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radsieve import tables
from radsieve.errors import InputError
from radsieve.imaging.packs import write_pack
from radsieve.screening.classifiers.labelled_films import read_labelled
from radsieve.tables.films import FILMS

PARTS = ["train", "train", "validation", "validation", "test", "test"]


def write(folder: Path, labels: list[str], names: list[str] | None = None) -> tuple[Path, Path]:
    films = [f"{number}.png" for number in range(len(labels))]
    write_pack(folder / "pack", films, [np.zeros((1, 4, 4), np.uint8)] * len(films), (1, 4, 4))
    table = pd.DataFrame({"film": names or films, "sha256": "0" * 64, "patient": list("aabbcd")[: len(films)]})
    table = table.assign(label=labels, group="", part=PARTS[: len(films)])
    tables.write(FILMS, table, folder / "films.csv")
    return folder / "pack", folder / "films.csv"


def test_labels_become_flags_and_patients_numbers(tmp_path: Path) -> None:
    films = read_labelled(*write(tmp_path, ["M", "F", "F", "M", "M", "F"]), "F", "p")
    assert films.truth.tolist() == [0, 1, 1, 0, 0, 1]
    assert films.negative == "M"
    assert films.rows("train", "test").tolist() == [0, 1, 4, 5]
    assert films.patients(films.rows("train", "test")).tolist() == [0, 0, 1, 2]
    assert films.form() == {"pixels": 4, "channels": 1, "positive": "F", "negative": "M"}


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["M"] * 6, "needs films of two labels, one of them p = 'F'; its labels are 'M'"),
        (["M", "N"] * 3, "its labels are 'M', 'N'"),
        (["M", "F", "M", "F", "F", "F"], "only films labelled F in part test"),
        (["M", "F", "M", "M", "F", "M"], "only films labelled M in part validation"),
        (["M", "F", "M", "F"], "no films in part test"),
    ],
)
def test_a_set_that_cannot_be_learnt_from_is_refused(tmp_path: Path, labels: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_labelled(*write(tmp_path, labels), "F", "p")


def test_a_table_of_other_films_is_refused(tmp_path: Path) -> None:
    folder, table = write(tmp_path, ["M", "F"] * 3, [f"x{number}.png" for number in range(6)])
    with pytest.raises(InputError, match="not the films of"):
        read_labelled(folder, table, "F", "p")
