"""The sets of real films that the presets chest and skin name: which films they have, and how they are divided."""

import os
from collections import Counter
from pathlib import Path

import pytest
import yaml
from defaults import settings

from radsieve.imaging.film_packing import Form, pack_set
from radsieve.imaging.film_sets import FilmSet, choose_films

DATA = Path(os.environ.get("RADSIEVE_DATA", "no such folder"))
PRESETS = Path(__file__).parents[2] / "workflow/presets"
FORM = Form(32, 10_000_000, {"train": 0.65, "validation": 0.15, "test": 0.2}, 1)

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(
        not all((DATA / name).is_dir() for name in ("chest", "pneumonia", "skin")),
        reason="RADSIEVE_DATA does not name a folder with chest/, pneumonia/ and skin/",
    ),
]


def described(preset, name):
    changes = yaml.safe_load((PRESETS / f"{preset}.yaml").read_text(encoding="utf-8"))["pack_films"][name]
    return FilmSet.of(settings(f"pack_films.{name}", **changes), f"pack_films.{name}")


def packed(name, folder):
    films = described("chest", name)
    return pack_set(films, choose_films(films), FORM, folder)


def test_lungs_of_chest_films(tmp_path):
    """The names of the source were cut at the first dot, so that several rows of its table name one file."""
    found = packed("chest", tmp_path / "chest")
    assert found.metrics["quarantined_by_reason"] == {"mask of another size": 1, "no mask": 52, "rows disagree": 5}
    assert len(found.films) == 171 and found.metrics["patients"] == 102
    assert {part: counts["films"] for part, counts in found.metrics["parts"].items()} == {
        "train": 111,
        "validation": 26,
        "test": 34,
    }
    reasons = found.quarantine.set_index("film")["reason"]
    assert reasons["1-s2.jpg"] == "rows disagree"
    assert reasons["10.1016-slash-j.hrcr.2020.04.jpg"] == "mask of another size"
    assert found.films.groupby("patient")["part"].nunique().eq(1).all()


def test_sex(tmp_path):
    found = packed("sex", tmp_path / "sex")
    assert Counter(found.films["label"]) == {"M": 140, "F": 84}
    assert found.metrics["quarantined_by_reason"] == {"rows disagree": 5}
    assert found.films.groupby("patient")["part"].nunique().eq(1).all()


def test_normal_and_abnormal_films_of_children(tmp_path):
    found = packed("abnormality", tmp_path / "abnormality")
    assert Counter(found.films["label"]) == {"NORMAL": 1341, "PNEUMONIA": 3875}
    assert found.metrics["patients"] == 2635 and found.metrics["distinct_pictures"] == 5190
    assert found.quarantine.empty
    assert found.films.groupby("patient")["part"].nunique().eq(1).all()
    part = found.films.set_index("film")["part"]
    same = ["IM-0439-0001.jpeg", "IM-0439-0001-0002.jpeg", "NORMAL2-IM-0439-0001.jpeg"]
    assert len({part[f"NORMAL/{name}"] for name in same}) == 1
    parts = {name: counts["films"] for name, counts in found.metrics["parts"].items()}
    assert parts == {"train": 3390, "validation": 783, "test": 1043}


def test_skin_lesions_have_their_masks():
    choice = choose_films(described("skin", "skin"))
    assert len(choice.films) == 2000 and not choice.rejected
    assert all((DATA / "skin/masks" / mask).is_file() for mask in choice.films["mask"])
