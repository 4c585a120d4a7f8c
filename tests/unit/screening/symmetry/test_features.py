"""The six features of symmetry, compared with a slow reference, to symmetries, and to values worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import binary_dilation

from radsieve.screening.symmetry import features as symmetry
from radsieve.screening.symmetry.features import symmetry_features

SYMMETRIC = [1, 1, 0, 1, 1, 0]
WORST = [0, 0, 0.25, 0, 0, 0.25]
ELEMENTS = st.sampled_from(["square", "disk"])
WIDTHS = st.integers(0, 12).map(lambda radius: 2 * radius + 1)


@st.composite
def masks(generate):
    shape = generate(st.tuples(st.integers(1, 3), st.integers(1, 14), st.integers(1, 150)))
    dense = generate(st.sampled_from([0.004, 0.05, 0.5]))
    seed = generate(st.integers(0, 2**32 - 1))
    return np.random.default_rng(seed).random(shape) < dense


def slow_features(mask, width, element):
    half = mask.shape[1] // 2
    left, right = mask[:, :half], mask[:, ::-1][:, :half]
    y, x = np.mgrid[-(width // 2) : width // 2 + 1, -(width // 2) : width // 2 + 1]
    structure = np.ones((width, width), bool) if element == "square" else x**2 + y**2 <= (width // 2) ** 2
    features = []
    for a, b in ((left, right), (binary_dilation(left, structure), binary_dilation(right, structure))):
        if not a.any() or not b.any():
            features += [0, 0, 0.25]
            continue
        common, areas = (a & b).sum(), (a.sum(), b.sum())
        features += [common / (a | b).sum(), common / np.sqrt(areas[0] * areas[1]), (areas[0] / sum(areas) - 0.5) ** 2]
    return features


@settings(max_examples=150, deadline=None)
@given(masks(), WIDTHS, ELEMENTS)
def test_equals_the_slow_reference(generated, width, element):
    expected = [slow_features(mask, width, element) for mask in generated]
    np.testing.assert_allclose(symmetry_features(generated, width, element), expected, atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(masks(), WIDTHS, ELEMENTS)
def test_mirroring_the_mask_leaves_all_six_as_they_are(generated, width, element):
    mirrored = symmetry_features(generated[:, :, ::-1], width, element)
    np.testing.assert_allclose(mirrored, symmetry_features(generated, width, element), atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(masks(), WIDTHS, ELEMENTS, st.booleans())
def test_a_symmetric_mask_that_is_not_empty_gives_1_1_0(generated, width, element, odd):
    generated[:, 0, 0] = True
    middle = np.ones((*generated.shape[:2], int(odd)), bool)
    whole = np.concatenate([generated, middle, generated[:, :, ::-1]], axis=2)
    assert symmetry_features(whole, width, element).tolist() == [SYMMETRIC] * len(generated)


@given(arrays(np.uint8, (2, 5, 9)))
def test_every_value_but_0_is_foreground(generated):
    assert (symmetry_features(generated, 3, "square") == symmetry_features(generated > 0, 3, "square")).all()


def test_values_worked_out_by_hand():
    """L has 3 pixels, the mirrored R 1 of them: IoU 1/3, cosine 1/sqrt(3), (3/4 - 1/2)^2."""
    mask = np.zeros((1, 3, 8), np.uint8)
    mask[0, 1, [0, 1, 2]] = 1
    mask[0, 1, 7 - 1] = 1
    found = symmetry_features(mask, 3, "disk")[0]
    # dilated by a cross: L has 3 + 3 above and below + 1 to the right (the left one lies outside); R is a cross of 5
    common = 3 + 1 + 1
    expected = [1 / 3, 1 / np.sqrt(3), 1 / 16, common / 10, common / np.sqrt(10 * 5), (10 / 15 - 0.5) ** 2]
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("filled", [[], [0, 1], [6], [3]])
def test_an_empty_half_gives_the_worst_values(filled):
    """Nothing at all; left half only; right half only; the middle column of an odd width, which is in neither half."""
    mask = np.zeros((1, 4, 7), bool)
    mask[0, :, filled] = True
    assert symmetry_features(mask, 3, "square").tolist() == [WORST]


def test_nothing_spreads_across_the_axis():
    mask = np.zeros((1, 5, 10), bool)
    mask[0, 2, 4] = True
    assert symmetry_features(mask, 9, "square").tolist() == [WORST]


def test_chunks_do_not_show(monkeypatch):
    draws = np.random.default_rng(0).random((23, 16, 130)) < 0.3
    whole = symmetry_features(draws, 5, "disk")
    monkeypatch.setattr(symmetry, "_CHUNK_PIXELS", 5 * 16 * 130)
    assert (symmetry_features(draws, 5, "disk") == whole).all()


def test_no_masks_and_no_columns():
    assert symmetry_features(np.empty((0, 8, 8), np.uint8), 11, "square").shape == (0, 6)
    assert symmetry_features(np.ones((1, 8, 1), np.uint8), 11, "square").tolist() == [WORST]


@pytest.mark.parametrize(
    ("masks_given", "width", "message"),
    [
        (np.zeros((1, 8, 8), np.float32), 3, "not float32 of shape"),
        (np.zeros((8, 8), bool), 3, r"shape \(8, 8\)"),
        (np.zeros((1, 8, 8), bool), 4, "odd number of pixels across, not 4"),
    ],
)
def test_wrong_arguments(masks_given, width, message):
    with pytest.raises(ValueError, match=message):
        symmetry_features(masks_given, width, "square")
