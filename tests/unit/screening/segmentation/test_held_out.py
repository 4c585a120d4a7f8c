"""Scores of held-out images, a batch at a time."""

import numpy as np
import pandas as pd

from radsieve.screening.segmentation.evaluation import score_held_out


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
