"""Packed images of two labels, and the errors of a set that cannot be learnt from."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radsieve import tables
from radsieve.errors import InputError
from radsieve.imaging.packs import write_pack
from radsieve.imaging.rendering import Rendering
from radsieve.screening.classifiers.labelled_images import read_labelled
from radsieve.tables.images import PACKED_IMAGES

RENDERING = Rendering("stored", "range")
SPLITS = ["train", "train", "validation", "validation", "test", "test"]


def write(folder: Path, labels: list[str], names: list[str] | None = None) -> tuple[Path, Path]:
    images = [f"{number}.png" for number in range(len(labels))]
    write_pack(folder / "pack", images, [np.zeros((1, 4, 4), np.uint8)] * len(images), (1, 4, 4), rendering=RENDERING)
    owners = list("aabbcd")[: len(images)]
    table = pd.DataFrame({"image": names or images, "sha256": "0" * 64, "patient": owners, "unit": owners})
    table = table.assign(label=labels, group="", subgroups="", split=SPLITS[: len(images)])
    tables.write(PACKED_IMAGES, table, folder / "images.csv")
    return folder / "pack", folder / "images.csv"


def test_labels_become_flags_and_patients_numbers(tmp_path: Path) -> None:
    images = read_labelled(*write(tmp_path, ["M", "F", "F", "M", "M", "F"]), "F", "p")
    assert images.truth.tolist() == [0, 1, 1, 0, 0, 1]
    assert images.negative == "M"
    assert images.rows("train", "test").tolist() == [0, 1, 4, 5]
    assert images.units(images.rows("train", "test")).tolist() == [0, 0, 1, 2]
    assert images.form() == {"pixels": 4, "channels": 1, "positive": "F", "negative": "M", **RENDERING.card()}


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["M"] * 6, "needs images of two labels, one of them p = 'F'; its labels are 'M'"),
        (["M", "N"] * 3, "its labels are 'M', 'N'"),
        (["M", "F", "M", "F", "F", "F"], "only images labelled F in the test split"),
        (["M", "F", "M", "M", "F", "M"], "only images labelled M in the validation split"),
        (["M", "F", "M", "F"], "no images in the test split"),
    ],
)
def test_a_set_that_cannot_be_learnt_from_is_refused(tmp_path: Path, labels: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_labelled(*write(tmp_path, labels), "F", "p")


def test_a_table_of_other_images_is_refused(tmp_path: Path) -> None:
    folder, table = write(tmp_path, ["M", "F"] * 3, [f"x{number}.png" for number in range(6)])
    with pytest.raises(InputError, match="its images are not those of"):
        read_labelled(folder, table, "F", "p")
