"""Measures of the predictions of all folds together: against scikit-learn, and a bootstrap that sorts anew."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import average_precision_score, brier_score_loss

from radsieve.stats.binary_metrics import measures_with_intervals
from radsieve.tasks.rows.pooled import calibrated, pooled

RANDOM = np.random.default_rng(4)
LOGITS = RANDOM.normal(-1, 1.5, 400)
SCORE = expit(LOGITS)
TRUTH = (RANDOM.random(400) < SCORE).astype(np.int64)
ROW = np.arange(400)


@pytest.mark.parametrize("score", [SCORE, SCORE.round(1), np.full(400, 0.25)], ids=["apart", "ties", "equal"])
def test_values_are_those_of_scikit_learn(score):
    (found,) = pooled(TRUTH, [score], ROW, 100, 0.95, 1)
    assert found.pr_auc.value == pytest.approx(average_precision_score(TRUTH, score))
    assert found.brier.value == pytest.approx(brier_score_loss(TRUTH, score))
    share = TRUTH.mean()
    assert found.brier_skill.value == pytest.approx(1 - found.brier.value / (share * (1 - share)))


@pytest.mark.parametrize("units", [ROW, ROW // 4], ids=["rows", "units"])
def test_intervals_are_those_of_a_bootstrap_that_sorts_anew(units):
    (found,) = pooled(TRUTH, [SCORE], units, 2000, 0.95, 1)
    called = (SCORE >= 0.5).astype(int)
    other = measures_with_intervals(TRUTH, SCORE, called, units, 2000, 0.95, 2).set_index("metric")
    for name in ("pr_auc", "brier"):
        bounds = getattr(found, name).lower, getattr(found, name).upper
        width = bounds[1] - bounds[0]
        assert bounds == pytest.approx(tuple(other.loc[name, ["lower", "upper"]]), abs=0.08 * width)


def test_copies_of_rows_make_no_interval_narrower():
    (once,) = pooled(TRUTH, [SCORE], ROW, 500, 0.95, 1)
    (twice,) = pooled(np.repeat(TRUTH, 2), [np.repeat(SCORE, 2)], np.repeat(ROW, 2), 500, 0.95, 1)
    assert (twice.brier.lower, twice.pr_auc.upper) == pytest.approx((once.brier.lower, once.pr_auc.upper))


def test_probabilities_that_are_true_are_calibrated_and_others_are_not():
    random = np.random.default_rng(6)
    truth, odds = (random.random(4000) < expit(odds := random.normal(-1, 1.5, 4000))).astype(np.int64), odds
    units = np.arange(4000)
    right, extreme, high = (calibrated(truth, expit(of), units, 0.95) for of in (odds, 2 * odds, odds + 1))
    assert right.intercept.lower < 0 < right.intercept.upper and right.slope.lower < 1 < right.slope.upper
    assert right.error < 2 * right.by_chance
    assert extreme.slope.value == pytest.approx(right.slope.value / 2) and extreme.slope.upper < 1
    assert high.intercept.value == pytest.approx(right.intercept.value - 1, abs=0.05)
    assert high.error > 5 * high.by_chance
    assert np.isnan(calibrated(truth, np.full(4000, 0.3), units, 0.95).slope.value)
    shares = np.repeat([0.3, 0.3001], 2000)
    assert np.isnan(calibrated(truth, shares, units, 0.95).slope.value), "of a model that knows the share alone"
