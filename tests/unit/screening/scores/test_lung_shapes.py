"""Left and right lung of a mask, on masks drawn by hand."""

import numpy as np
import pytest

from radsieve.screening.scores.lung_shapes import DESCRIPTORS, area_ratios, measure_lungs, split_lungs


def mask(*boxes, height=40, width=40):
    """Boxes (top, bottom, left, right), ends excluded."""
    generated = np.zeros((height, width), np.uint8)
    for top, bottom, left, right in boxes:
        generated[top:bottom, left:right] = 1
    return generated


def test_descriptors_of_two_boxes():
    lungs = measure_lungs([mask((10, 30, 4, 14), (10, 20, 24, 34))], 1)
    assert lungs.areas.tolist() == [[200, 100]]
    found = dict(zip(DESCRIPTORS, lungs.shapes[0], strict=True))
    assert found == pytest.approx(
        {
            "left_area": 200 / 1600,
            "left_height": 0.5,
            "left_width": 0.25,
            "left_distance_from_axis": 0.5 - 9 / 40,
            "left_centre_row": 0.5,
            "left_solidity": 1,
            "right_area": 100 / 1600,
            "right_height": 0.25,
            "right_width": 0.25,
            "right_distance_from_axis": 29 / 40 - 0.5,
            "right_centre_row": 15 / 40,
            "right_solidity": 1,
            "parts": 2,
        }
    )


def test_solidity_of_an_l_shape():
    """Two boxes 10 x 10 on 10 x 20: area 300, hull 400 less the triangle of 50."""
    lungs = measure_lungs([mask((0, 10, 0, 10), (10, 20, 0, 20), width=60)], 1)
    assert lungs.shapes[0, DESCRIPTORS.index("left_solidity")] == pytest.approx(300 / 350)


def test_a_lung_that_reaches_over_the_axis_stays_whole():
    left, right, parts = split_lungs(mask((10, 30, 10, 22), (10, 30, 26, 38)))
    assert (left.sum(), right.sum(), parts) == (240, 240, 2)


def test_lungs_that_touch_are_cut_at_the_axis():
    left, right, parts = split_lungs(mask((10, 30, 10, 30)))
    assert (left.sum(), right.sum(), parts) == (200, 200, 1)
    assert left[:, :20].sum() == 200


def test_the_middle_column_of_an_odd_width_is_cut_out_of_touching_lungs():
    left, right, _ = split_lungs(mask((0, 10, 10, 31), width=41))
    assert (left.sum(), right.sum()) == (100, 100)


def test_specks_are_left_out_and_corners_connect():
    generated = mask((10, 20, 4, 14), (20, 30, 14, 18))
    generated[0, 39] = 1
    left, right, parts = split_lungs(generated)
    assert (left.sum(), right.sum(), parts) == (140, 0, 1)


def test_mirroring_exchanges_the_lungs():
    rng = np.random.default_rng(0)
    masks = rng.random((20, 30, 41)) < 0.4
    there, back = measure_lungs(masks, 20), measure_lungs(masks[:, :, ::-1], 20)
    half = (len(DESCRIPTORS) - 1) // 2
    order = [*range(half, 2 * half), *range(half), 2 * half]
    on_the_axis = np.isclose(there.areas.sum(axis=1), back.areas.sum(axis=1))
    assert on_the_axis.all()
    np.testing.assert_allclose(there.shapes[:, order], back.shapes, atol=1e-12)


def test_ratio_of_areas():
    areas = np.array([[200.0, 100], [100, 200], [150, 150], [300, 0], [0, 0]])
    assert area_ratios(areas, 1600).tolist() == [2, 2, 1, 300, 1600]


def test_an_empty_mask_has_no_shape():
    lungs = measure_lungs([mask()], 1)
    assert not lungs.areas.any()
    assert not lungs.shapes.any()
