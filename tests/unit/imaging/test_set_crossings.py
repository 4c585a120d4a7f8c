"""What test images of one set share with the training of another: radsieve.imaging.set_crossings."""

import pandas as pd
import pytest

from radsieve.imaging.set_crossings import check_crossings, set_crossings
from radsieve.tables.images import SET_CROSSINGS


def images(rows):
    """Images (set, split, unit, patient, picture) of several sets."""
    return pd.DataFrame(rows, columns=["set", "split", "unit", "key", "pixel_digest"])


CLEAN = [
    ("chest", "train", "u1", "p1", "a"),
    ("chest", "test", "u2", "p2", "b"),
    ("sex", "train", "u1", "p1", "a"),
    ("sex", "test", "u2", "p2", "c"),
]


def test_a_unit_may_be_in_test_of_several_sets():
    found = SET_CROSSINGS.validate(set_crossings(images(CLEAN)))
    of_sets = found.set_index(["test_of", "other"])
    assert of_sets.loc[("chest", "sex")].tolist() == [1, 0, 0, 1, 0, 0]
    check_crossings(found)


@pytest.mark.parametrize(
    "crossing",
    [
        ("sex", "train", "u2", "", "d"),  # the unit
        ("sex", "validation", "u9", "p2", "d"),  # the patient, though under another unit
        ("sex", "train", "u9", "", "b"),  # the picture
    ],
)
def test_each_kind_of_crossing_stops_the_stage(crossing):
    """Each set by itself is clean: before, it was divided and checked by itself."""
    with pytest.raises(RuntimeError, match="test split of chest shares"):
        check_crossings(set_crossings(images([*CLEAN, crossing])))


def test_images_without_a_known_patient_share_none():
    unknown = [("chest", "test", "u2", "", "b"), ("sex", "train", "u3", "", "c")]
    assert set_crossings(images(unknown))["patients"].tolist() == [0] * 4
