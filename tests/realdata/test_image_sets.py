"""The sets of real images that the presets chest and skin name: which images they have, and how they are divided."""

import os
from collections import Counter
from pathlib import Path

import pytest
import yaml
from defaults import settings

from radsieve.imaging.image_packing import Form, pack_set
from radsieve.imaging.image_sets import ImageSet, choose_images
from radsieve.imaging.image_splits import atom, divide, linked

DATA = Path(os.environ.get("RADSIEVE_DATA", "no such folder"))
PRESETS = Path(__file__).parents[2] / "workflow/presets"
FORM = Form(32, 10_000_000)
SPLITS = settings("splits")

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(
        not all((DATA / name).is_dir() for name in ("chest", "pneumonia", "skin")),
        reason="RADSIEVE_DATA does not name a folder with chest/, pneumonia/ and skin/",
    ),
]


def described(preset, name):
    changes = yaml.safe_load((PRESETS / f"{preset}.yaml").read_text(encoding="utf-8"))["pack_images"][name]
    return ImageSet.of(settings(f"pack_images.{name}", **changes), f"pack_images.{name}")


def packed(name, folder):
    images = described("chest", name)
    return pack_set(images, choose_images(images), FORM, folder)


def test_lungs_of_chest_radiographs(tmp_path):
    """The names of the source were cut at the first dot, so that several rows of its table name one file."""
    found = packed("chest", tmp_path / "chest")
    assert found.metrics["quarantined_by_reason"] == {"mask of another size": 1, "no mask": 52, "rows disagree": 5}
    assert len(found.files) == 171 and found.metrics["patients"] == 102
    reasons = found.quarantine.set_index("image")["reason"]
    assert reasons["1-s2.jpg"] == "rows disagree"
    assert reasons["10.1016-slash-j.hrcr.2020.04.jpg"] == "mask of another size"


def test_sex(tmp_path):
    found = packed("sex", tmp_path / "sex")
    assert Counter(found.files["label"]) == {"M": 140, "F": 84}
    assert found.metrics["quarantined_by_reason"] == {"rows disagree": 5}


def test_normal_and_abnormal_images_of_children(tmp_path):
    found = packed("abnormality", tmp_path / "abnormality")
    assert Counter(found.files["label"]) == {"NORMAL": 1341, "PNEUMONIA": 3875}
    assert found.metrics["patients"] == 2443 + 1000  # by number and bacteria or virus; by number of a normal image
    assert found.metrics["distinct_pictures"] == 5190
    assert found.quarantine.empty
    patient = found.files.set_index("image")["patient"]
    same = ["IM-0439-0001.jpeg", "IM-0439-0001-0002.jpeg", "NORMAL2-IM-0439-0001.jpeg"]
    assert {patient[f"NORMAL/{name}"] for name in same} == {"IM-0439"}
    files = found.files
    units = linked(files["patient"].tolist(), files["pixel_digest"].tolist())
    atoms = [atom(*known) for known in zip(files["patient"], files["pixel_digest"], strict=True)]
    divided = files.assign(split=divide(units, atoms, SPLITS).split)
    assert divided.groupby("pixel_digest")["split"].nunique().eq(1).all()
    for label, expected in (("NORMAL", 1341), ("PNEUMONIA", 3875)):
        test = divided[(divided["label"] == label) & (divided["split"] == "test")]
        assert len(test) == pytest.approx(0.2 * expected, rel=0.15)


def test_skin_lesions_have_their_masks():
    choice = choose_images(described("skin", "skin"))
    assert len(choice.images) == 2000 and not choice.rejected
    assert all((DATA / "skin/masks" / mask).is_file() for (mask,) in choice.images["masks"])
