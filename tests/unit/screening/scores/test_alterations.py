"""Altered copies of true images: radsieve.screening.scores.alterations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from radsieve.screening.scores.alterations import (
    PATIENT_LEFT,
    PATIENT_RIGHT,
    Extent,
    alterations,
    expected,
    exposed,
    lower_half,
    painted,
    rotated,
    shifted,
    widened,
)
from radsieve.screening.tables import SCORES, AlterationKind, Expected

EXTENT = Extent(shifts=(0.1, 0.25), widening=0.1, rotation=10, gamma=1.5)
images = arrays.arrays(np.uint8, st.tuples(st.sampled_from([1, 3]), st.integers(2, 12), st.integers(2, 12)))


@pytest.fixture
def chest():
    """An image of grey tissue with two dark lungs, and the mask of these."""
    lungs = np.zeros((64, 64), dtype=bool)
    lungs[12:52, 10:26], lungs[12:52, 38:54] = True, True
    image = np.full((1, 64, 64), 180, dtype=np.uint8)
    image[0, lungs] = 40
    return image, lungs


def test_each_copy_has_the_form_of_its_image(chest):
    image, lungs = chest
    changes = alterations(EXTENT)
    assert {"mirrored", "shifted by 10% to image right", "rotated by 10°", f"{PATIENT_RIGHT} painted over"} <= set(
        changes
    )
    for original in (image, np.repeat(image, 3, axis=0)):
        before = original.copy()
        for name, (_, change) in changes.items():
            copy = change(original, lungs)
            assert copy.shape == original.shape and copy.dtype == np.uint8, name
            assert name == "mirrored" or not np.array_equal(copy, original), name
        np.testing.assert_array_equal(original, before)
    np.testing.assert_array_equal(changes["mirrored"].change(image, lungs), image[:, :, ::-1])


def test_lungs_are_named_as_the_patients(chest):
    """On a radiograph the patient's right lies at image left; before, lungs were named after the side of the image."""
    image, lungs = chest
    changes = alterations(EXTENT)
    for name, gone, kept in (
        (PATIENT_RIGHT, slice(10, 26), slice(38, 54)),
        (PATIENT_LEFT, slice(38, 54), slice(10, 26)),
    ):
        copy = changes[f"{name} painted over"].change(image, lungs)
        assert copy[0, 20:44, gone].min() > 150 and copy[0, 20:44, kept].max() == 40
    assert "(image left)" in PATIENT_RIGHT and "(image right)" in PATIENT_LEFT
    assert not [name for name in changes if name.startswith(("left", "right"))]


def test_a_mirrored_chest_may_count_as_abnormal_but_is_as_symmetric_as_before():
    """It shows dextrocardia, or an image displayed the wrong way round; it was taken for harmless before."""
    kind = alterations(EXTENT)["mirrored"].kind
    assert kind is not alterations(EXTENT)["darker"].kind
    said = {score: expected(kind, score) for score in (*SCORES, "valid")}
    assert said["score_abnormal"] is said["valid"] is Expected.EITHER
    assert said["score_symmetry"] is said["score_left2right"] is Expected.UNCHANGED


def test_exposure_alone_must_change_nothing_and_a_lost_lung_must_be_seen():
    assert {expected(AlterationKind.EXPOSURE, score) for score in (*SCORES, "valid")} == {Expected.UNCHANGED}
    assert expected(AlterationKind.LUNG_LOST, "valid") is Expected.LOWER
    assert expected(AlterationKind.NONE, "score_shape") is Expected.UNCHANGED


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
