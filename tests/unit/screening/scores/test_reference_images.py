"""True images and which of them are altered: radsieve.screening.scores.reference_images."""

import numpy as np
import pandas as pd
import pytest

from radsieve.errors import InputError
from radsieve.screening.scores.reference_images import (
    choose_altered,
    choose_reference,
    choose_true,
    has_two_lungs,
    reference_table,
)
from radsieve.screening.settings import AlterImages
from radsieve.screening.tables import REFERENCE_IMAGES, AlterationKind


@pytest.fixture
def table():
    """Forty normal images of the validation split, then forty of the test split (two of each patient), one abnormal
    one.
    """
    names = [f"{index:02}.png" for index in range(81)]
    return pd.DataFrame(
        {
            "image": names,
            "unit": [str(index // 2) for index in range(81)],
            "label": ["normal"] * 80 + ["abnormal"],
            "split": ["validation"] * 40 + ["test"] * 41,
        }
    )


def test_true_images_are_normal_and_of_validation_and_test(table):
    rows = choose_true(table, "normal", 10, 1)
    chosen = table.iloc[rows]
    assert chosen["split"].tolist() == ["validation"] * 10 + ["test"] * 10
    assert (chosen["label"] == "normal").all() and len(set(rows)) == 20
    assert rows.tolist() == choose_true(table, "normal", 10, 1).tolist() != choose_true(table, "normal", 10, 2).tolist()
    assert len(choose_true(table, "normal", 1000, 1)) == 80


def test_altered_images_are_of_the_test_set_and_of_different_patients(table):
    true = choose_true(table, "normal", 1000, 1)
    rows = choose_altered(table, true, 15, 1)
    assert len(rows) == 15 and set(rows) <= set(true)
    assert set(table["split"].iloc[rows]) == {"test"}
    assert table["unit"].iloc[rows].is_unique
    assert len(choose_altered(table, true, 1000, 1)) == 20
    assert len(choose_altered(table, true, 0, 1)) == 0


def test_a_label_that_no_image_has_is_named(table):
    with pytest.raises(
        InputError, match=r"label = 'NORMAL': no image of the validation split has it; .* abnormal, normal"
    ):
        choose_true(table, "NORMAL", 10, 1)


def test_the_table_lists_the_unaltered_images_first(table):
    kinds = {"mirrored": AlterationKind.MIRRORED, "darker": AlterationKind.EXPOSURE}
    reference = reference_table(table, np.array([3, 50]), [50], kinds)
    assert REFERENCE_IMAGES.validate(reference).to_numpy().tolist() == [
        ["03.png", "03.png", "1", "validation", "none", "none"],
        ["50.png", "50.png", "25", "test", "none", "none"],
        ["50.png (mirrored)", "50.png", "25", "test", "mirrored", "mirrored"],
        ["50.png (darker)", "50.png", "25", "test", "darker", "exposure"],
    ]


def test_two_lungs():
    lungs = np.zeros((64, 64), dtype=bool)
    lungs[12:52, 10:26], lungs[12:52, 38:54] = True, True
    assert has_two_lungs(lungs)
    assert not has_two_lungs(lungs & (np.arange(64) < 32))
    assert not has_two_lungs(np.zeros_like(lungs))


def test_copies_follow_the_true_images_in_the_order_of_the_table(table):
    """Of every second altered image no lungs are found: no copies of it are made."""
    pixels = np.arange(81, dtype=np.uint8)[:, None, None, None] + np.zeros((1, 1, 64, 64), dtype=np.uint8)
    settings = AlterImages(
        images=10, altered=4, label="normal", shifts=(0.1,), widening=0.1, rotation=10, gamma=2, grid_images=1, seed=1
    )

    def find_lungs(images):
        lungs = np.zeros((len(images), 64, 64), dtype=bool)
        lungs[::2, 12:52, 10:26], lungs[::2, 12:52, 38:54] = True, True
        return lungs

    found = choose_reference(pixels, table, find_lungs, settings)
    rows = list(found.images)
    assert len(rows) == len(found.table) == 20 + 2 * found.metrics["alterations"]
    numbers = found.table["original"].str.removesuffix(".png").astype(int).tolist()
    unaltered = found.table["alteration"].isin(["none", "mirrored"])
    assert [int(rows[row][0, 0, 0]) for row in np.flatnonzero(unaltered)] == np.array(numbers)[unaltered].tolist()
    assert found.metrics == {
        "true_validation": 10,
        "true_test": 10,
        "altered_images": 2,
        "alterations": len(set(found.table["alteration"])) - 1,
        "without_two_lungs": 2,
    }
