"""Intercept and slope of calibration."""

from unittest.mock import patch

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from radsieve.stats import calibration
from radsieve.stats.calibration import intercepts, slopes, with_interval

ONCE = np.ones((1, 400))


def data(intercept=0.0, slope=1.0, items=400):
    random = np.random.default_rng(3)
    truth_logit = random.normal(0, 1.5, items)
    truth = (random.random(items) < expit(truth_logit)).astype(int)
    return truth, expit((truth_logit - intercept) / slope)


def test_the_slope_is_that_of_a_logistic_regression():
    truth, probability = data(0.5, 2)
    model = LogisticRegression(C=np.inf, tol=1e-9).fit(logit(probability)[:, None], truth)
    assert slopes(truth, probability, ONCE) == pytest.approx(model.coef_[0], rel=1e-4)


def test_with_the_intercept_the_mean_probability_is_the_share():
    truth, probability = data(0.8)
    (found,) = intercepts(truth, probability, ONCE)
    assert expit(logit(probability) + found).mean() == pytest.approx(truth.mean())
    assert intercepts(truth, expit(logit(probability) + 1.25), ONCE) == pytest.approx(found - 1.25)


def test_weights_count_items_as_often_as_they_say():
    truth, probability = data(items=40)
    weights = np.random.default_rng(0).integers(0, 4, (3, 40)).astype(float)
    for measure in (intercepts, slopes):
        again = [
            measure(
                np.repeat(truth, row.astype(int)), np.repeat(probability, row.astype(int)), np.ones((1, int(row.sum())))
            )[0]
            for row in weights
        ]
        assert measure(truth, probability, weights) == pytest.approx(again, rel=1e-6)


def test_the_interval_of_a_calibrated_model_holds_0_and_1():
    truth, probability = data()
    units = np.arange(400) // 2
    intercept, slope = (with_interval(one, truth, probability, units, 300, 0.95, 1) for one in (intercepts, slopes))
    assert intercept.lower < 0 < intercept.upper
    assert slope.lower < 1 < slope.upper


def test_separated_labels_have_no_finite_slope_and_one_label_none():
    truth = np.array([0, 0, 1, 1])
    assert slopes(truth, np.array([0.1, 0.2, 0.8, 0.9]), np.ones((1, 4))) == np.inf
    assert slopes(truth, np.array([0.9, 0.8, 0.2, 0.1]), np.ones((1, 4))) == -np.inf
    assert np.isnan(slopes(np.ones(4, int), np.array([0.1, 0.2, 0.8, 0.9]), np.ones((1, 4))))[0]
    assert np.isnan(slopes(truth, np.full(4, 0.3), np.ones((1, 4))))[0]
    assert intercepts(np.ones(4, int), np.full(4, 0.3), np.ones((1, 4))) == np.inf


@pytest.mark.parametrize("measure", [intercepts, slopes])
def test_the_fit_stops_when_it_has_converged_though_a_resample_never_does(measure):
    """The second row has but one label, so that nothing is fitted to it."""
    truth, probability = data()
    weights = np.stack([np.ones(400), (truth == 1).astype(float)])
    with patch.object(calibration, "expit", wraps=expit) as fitted:
        measure(truth, probability, weights)
    assert fitted.call_count <= 15
