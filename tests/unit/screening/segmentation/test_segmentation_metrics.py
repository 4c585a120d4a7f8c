import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from radsieve.screening.segmentation.segmentation_metrics import METRICS, mean_scores, score_masks

MASKS = arrays(bool, (3, 1, 12, 12))


def square(top, left, side=4, pixels=16):
    mask = np.zeros((1, 1, pixels, pixels), dtype=bool)
    mask[..., top : top + side, left : left + side] = True
    return mask


def test_two_squares_by_hand():
    """4 x 4 squares two columns apart: 8 pixels in both, 24 in either, 16 differ; outlines at most 2 pixels apart."""
    found = score_masks(square(4, 4), square(4, 6), tolerance=1).iloc[0]
    assert found["pixel_accuracy"] == 1 - 16 / 256
    assert found["iou"] == 8 / 24
    assert found["dice"] == 16 / 32
    assert found["hd95"] == 2
    assert found["surface_dice"] < 1
    assert score_masks(square(4, 4), square(4, 6), tolerance=2)["surface_dice"][0] == 1


def test_empty_masks():
    empty, generated = np.zeros((1, 1, 16, 16), dtype=bool), square(4, 4)
    found = score_masks(np.concatenate([empty, empty, generated]), np.concatenate([empty, generated, empty]), 1)
    assert found.iloc[0].tolist() == [1, 1, 1, 0, 1]
    for row in (1, 2):
        assert found.iloc[row].fillna(-1).tolist() == [240 / 256, 0, 0, -1, 0]


@settings(deadline=None, max_examples=30)
@given(MASKS, MASKS)
def test_properties(one, other):
    found, exchanged = score_masks(one, other, 1), score_masks(other, one, 1)
    pd.testing.assert_frame_equal(found, exchanged)
    shares = found[["pixel_accuracy", "iou", "dice", "surface_dice"]]
    assert ((shares >= 0) & (shares <= 1)).all(axis=None)
    assert np.allclose(found["dice"], 2 * found["iou"] / (1 + found["iou"]))
    assert score_masks(one, one, 1).to_numpy().tolist() == [[1, 1, 1, 0, 1]] * 3


def scores(dice, units):
    table = pd.DataFrame(dict.fromkeys(METRICS, dice))
    return table.assign(unit=units)


def test_means_and_intervals_over_units():
    """Two units, one with 0s and one with 1s: resamples of units give means of 0, 1/2 and 1 only."""
    found = mean_scores(scores([0.0] * 10 + [1.0] * 10, ["a"] * 10 + ["b"] * 10), 1000, 0.95, 1)
    assert (found["dice"], found["dice_lower"], found["dice_upper"]) == (0.5, 0.0, 1.0)
    assert found == mean_scores(scores([0.0] * 10 + [1.0] * 10, ["a"] * 10 + ["b"] * 10), 1000, 0.95, 1)
    alone = mean_scores(scores([0.0] * 10 + [1.0] * 10, [str(image) for image in range(20)]), 1000, 0.95, 1)
    assert 0 < alone["dice_lower"] < 0.5 < alone["dice_upper"] < 1


def test_distances_that_are_not_defined_are_left_out_and_counted():
    table = scores([0.5, 0.7, 0.9], ["a", "b", "c"])
    table["hd95"] = [np.nan, 2.0, 4.0]
    found = mean_scores(table, 200, 0.9, 1)
    assert (found["hd95"], found["hd95_undefined"]) == (3.0, 1)
    table["hd95"] = np.nan
    found = mean_scores(table, 200, 0.9, 1)
    assert (found["hd95"], found["hd95_lower"], found["hd95_undefined"]) == (None, None, 3)
    assert found["dice"] == pytest.approx(0.7)
