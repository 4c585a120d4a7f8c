"""True images and their altered copies: radsieve.screening.scores.alterations."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from radsieve.errors import InputError
from radsieve.screening.scores.alterations import (
    Extent,
    alterations,
    choose_altered,
    choose_true,
    exposed,
    has_two_lungs,
    lower_half,
    painted,
    reference_table,
    rotated,
    shifted,
    widened,
)

EXTENT = Extent(shifts=(0.1, 0.25), widening=0.1, rotation=10, gamma=1.5)
images = arrays.arrays(np.uint8, st.tuples(st.sampled_from([1, 3]), st.integers(2, 12), st.integers(2, 12)))


@pytest.fixture
def table():
    """Forty normal images of the validation split, then forty of the test split (two of each patient), one abnormal
    one.
    """
    names = [f"{index:02}.png" for index in range(81)]
    return pd.DataFrame(
        {
            "image": names,
            "patient": [str(index // 2) for index in range(81)],
            "label": ["normal"] * 80 + ["abnormal"],
            "split": ["validation"] * 40 + ["test"] * 41,
        }
    )


@pytest.fixture
def chest():
    """An image of grey tissue with two dark lungs, and the mask of these."""
    lungs = np.zeros((64, 64), dtype=bool)
    lungs[12:52, 10:26], lungs[12:52, 38:54] = True, True
    image = np.full((1, 64, 64), 180, dtype=np.uint8)
    image[0, lungs] = 40
    return image, lungs


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
    assert table["patient"].iloc[rows].is_unique
    assert len(choose_altered(table, true, 1000, 1)) == 20
    assert len(choose_altered(table, true, 0, 1)) == 0


def test_a_label_that_no_image_has_is_named(table):
    with pytest.raises(
        InputError, match=r"label = 'NORMAL': no image of the validation split has it; .* abnormal, normal"
    ):
        choose_true(table, "NORMAL", 10, 1)


def test_the_table_lists_the_unaltered_images_first(table):
    reference = reference_table(table, np.array([3, 50]), [50], ["mirrored", "darker"])
    assert reference.to_numpy().tolist() == [
        ["03.png", "03.png", "validation", "none"],
        ["50.png", "50.png", "test", "none"],
        ["50.png (mirrored)", "50.png", "test", "mirrored"],
        ["50.png (darker)", "50.png", "test", "darker"],
    ]


def test_each_copy_has_the_form_of_its_image(chest):
    image, lungs = chest
    changes = alterations(EXTENT)
    assert {"mirrored", "shifted by 10%", "shifted by 25%", "rotated by 10°", "left lung painted over"} <= set(changes)
    for original in (image, np.repeat(image, 3, axis=0)):
        before = original.copy()
        for name, change in changes.items():
            copy = change(original, lungs)
            assert copy.shape == original.shape and copy.dtype == np.uint8, name
            assert name == "mirrored" or not np.array_equal(copy, original), name
        np.testing.assert_array_equal(original, before)
    np.testing.assert_array_equal(changes["mirrored"](image, lungs), image[:, :, ::-1])


def test_shifting_moves_to_the_right():
    image = np.arange(1, 11, dtype=np.uint8).reshape(1, 1, 10)
    assert shifted(image, 0.3).ravel().tolist() == [0, 0, 0, 1, 2, 3, 4, 5, 6, 7]


@given(image=images, gamma=st.floats(1.1, 4))
def test_exposure_keeps_black_white_and_the_order(image, gamma):
    dark, bright = exposed(image, gamma), exposed(image, 1 / gamma)
    assert (dark <= image).all() and (image <= bright).all()
    for copy in (dark, bright):
        assert (copy[image == 0] == 0).all() and (copy[image == 255] == 255).all()


def test_widening_moves_the_middle_and_keeps_the_edges():
    image = np.linspace(0, 200, 100).round().astype(np.uint8).reshape(1, 1, 100)
    wide = widened(image, 0.1).ravel()
    assert abs(int(wide[60]) - int(image.ravel()[50])) <= 2
    assert wide[0] == 0 and wide[99] == 200 and (np.diff(wide.astype(int)) >= 0).all()


def test_rotation_is_counter_clockwise():
    image = np.zeros((1, 41, 41), dtype=np.uint8)
    image[0, 20, 30:] = 255
    assert rotated(image, 90)[0, :11, 20].min() > 200


def test_a_painted_lung_looks_like_the_tissue_around_it(chest):
    image, lungs = chest
    left = lungs.copy()
    left[:, 32:] = False
    copy = painted(image, left, lungs)[0]
    assert np.abs(copy[left].astype(int) - 180).max() <= 10  # at the corners, where the edge is blurred
    assert np.median(copy[left]) == 180
    assert (copy[:, 36:] == image[0, :, 36:]).all()


def test_nothing_is_painted_where_there_is_no_lung_or_no_tissue(chest):
    image, lungs = chest
    np.testing.assert_array_equal(painted(image, np.zeros_like(lungs), lungs), image)
    everywhere = np.ones_like(lungs)
    np.testing.assert_array_equal(painted(image, everywhere, everywhere), image)


@given(arrays.arrays(np.bool_, st.tuples(st.integers(1, 10), st.integers(1, 10))))
def test_the_lower_half_is_below_and_no_more_than_half(lung):
    lower = lower_half(lung)
    assert (lower <= lung).all() and 2 * lower.sum() <= lung.sum()
    rest = np.flatnonzero((lung & ~lower).any(axis=1))
    if lower.any():
        assert rest.max() < np.flatnonzero(lower.any(axis=1)).min()


def test_the_lower_half_of_a_rectangle(chest):
    _, lungs = chest
    assert np.flatnonzero(lower_half(lungs).any(axis=1)).tolist() == list(range(32, 52))


def test_two_lungs(chest):
    _, lungs = chest
    assert has_two_lungs(lungs)
    assert not has_two_lungs(lungs & (np.arange(64) < 32))
    assert not has_two_lungs(np.zeros_like(lungs))
