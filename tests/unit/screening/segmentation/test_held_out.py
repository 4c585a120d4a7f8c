"""Scores of held-out images, a batch at a time."""

import numpy as np
import pandas as pd
import pytest
from defaults import settings

from radsieve.imaging.spacing import DETECTOR, PATIENT, Spacing
from radsieve.screening.segmentation.evaluation import score_held_out, sizes_in_mm


def test_scores_are_the_same_in_any_batches_of_which_one_is_held_at_a_time():
    random = np.random.default_rng(1)
    probability = random.random((5, 1, 16, 16), dtype=np.float32)
    truth = (random.random((5, 1, 16, 16)) < probability).astype(np.uint8)
    names = list("abcde")
    table = pd.DataFrame({"image": names, "patient": names, "unit": names}, index=[9, 3, 5, 7, 1])
    whole, masks = score_held_out(table, [(probability, truth)], 0.4, 1.0)
    parts = ((probability[start : start + 2], truth[start : start + 2]) for start in range(0, 5, 2))
    found, same = score_held_out(table, parts, 0.4, 1.0)
    pd.testing.assert_frame_equal(found, whole)
    assert np.array_equal(masks, same) and np.array_equal(masks, probability >= 0.4)
    assert found["image"].tolist() == names
    assert found["area_found"].tolist() == (probability >= 0.4).mean(axis=(1, 2, 3)).tolist()


def test_millimetres_by_hand():
    """One pixel found three to the right, four down, and both; in pixels 0.5 mm high and 0.2 mm wide."""
    wide = Spacing(0.5, 0.2, DETECTOR)
    places = [
        ((5, 5), (5, 8)),
        ((5, 5), (9, 5)),
        ((5, 5), (8, 9)),
        ((5, 5), (5, 8)),
        ((5, 5), (5, 8)),
        ((5, 5), (5, 5)),
        ((5, 5), (5, 7)),
    ]
    truth = np.zeros((7, 1, 20, 10), dtype=np.uint8)
    probability = np.zeros((7, 1, 20, 10), dtype=np.float32)
    for row, (true, found) in enumerate(places):
        truth[row, 0][true] = probability[row, 0][found] = 1
    names = list("abcdefg")
    spacings = [wide, wide, wide, Spacing(0.3, 0.3, PATIENT), None, wide, wide]
    table = pd.DataFrame({"image": names, "patient": names, "unit": names})
    table["spacing"] = pd.Series(spacings, dtype=object)
    batches = [(probability[:4], truth[:4]), (probability[4:], truth[4:])]
    scores, _ = score_held_out(table, batches, 0.5, 1.0)
    assert scores["hd95"].tolist() == [3, 4, 5, 3, 3, 0, 2]
    expected = [0.6, 2.0, np.hypot(1.5, 0.8), 0.9, np.nan, 0, 0.4]
    assert scores["hd95_mm"].tolist() == pytest.approx(expected, nan_ok=True)
    areas = [0.1, 0.1, 0.1, 0.09, np.nan, 0.1, 0.1]  # of one pixel
    assert scores["area_true_mm2"].tolist() == pytest.approx(areas, nan_ok=True)
    assert scores["area_found_mm2"].tolist() == pytest.approx(areas, nan_ok=True)
    assert scores["mm_at"].tolist() == [DETECTOR, DETECTOR, DETECTOR, PATIENT, "", DETECTOR, DETECTOR]
    metrics = sizes_in_mm(scores, settings("train_segmenter.chest"))
    assert metrics["hd95_mm"] == pytest.approx((0.6 + 2 + 1.7 + 0 + 0.4) / 5, abs=1e-6), "of those at the detector"
    assert metrics["hd95_mm_images"] == 5
    assert metrics["hd95_mm_lower"] < metrics["hd95_mm"] < metrics["hd95_mm_upper"]
    unknown = sizes_in_mm(scores.assign(hd95_mm=np.nan), settings("train_segmenter.chest"))
    assert unknown == {"hd95_mm": None, "hd95_mm_lower": None, "hd95_mm_upper": None, "hd95_mm_images": 0}


def test_without_spacings_nothing_is_in_millimetres():
    table = pd.DataFrame({"image": ["a"], "patient": ["a"], "unit": ["a"]})
    mask = np.ones((1, 1, 4, 4))
    scores, _ = score_held_out(table, [(mask.astype(np.float32), mask.astype(np.uint8))], 0.5, 1.0)
    assert scores[["hd95_mm", "area_true_mm2", "area_found_mm2"]].isna().all(axis=None)
    assert scores["mm_at"].tolist() == [""]
