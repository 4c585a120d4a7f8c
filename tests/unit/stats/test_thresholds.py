"""The threshold of the greatest sensitivity plus specificity."""

import numpy as np
import pytest

from radsieve.stats.thresholds import youden

RANDOM = np.random.default_rng(3)


@pytest.mark.parametrize("digits", [1, 6])
def test_no_other_threshold_tells_more_rows_apart(digits):
    truth = RANDOM.integers(0, 2, 300)
    score = (0.3 * truth + RANDOM.random(300)).round(digits)
    found = youden(truth, score)

    def gained(limit):
        return (score[truth == 1] >= limit).mean() - (score[truth == 0] >= limit).mean()

    best = max(map(gained, np.unique(score)))
    assert gained(found) == pytest.approx(best)
    assert all(gained(limit) < best - 1e-12 for limit in np.unique(score) if limit < found and limit != found)


def test_of_equal_probabilities_all_are_called_positive():
    assert youden(np.array([0, 1, 1]), np.array([0.25, 0.25, 0.25])) == 0.25
