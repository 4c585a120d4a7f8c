"""Logistic and linear regression: by hand, against scikit-learn and SciPy, and how often intervals hold the truth."""

from dataclasses import astuple

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import linregress
from sklearn.linear_model import LogisticRegression

from radsieve.stats import regression

RANDOM = np.random.default_rng(3)
X = np.column_stack([np.ones(500), RANDOM.normal(50, 20, 500), RANDOM.integers(0, 2, 500)])
Y = (RANDOM.random(500) < expit(-2 + 0.03 * X[:, 1] + 0.7 * X[:, 2])).astype(np.int64)


def test_an_odds_ratio_and_its_interval_by_hand():
    """Of 100 exposed 40 fell ill, of 100 others 20: the variance of the log odds ratio is that of Woolf."""
    exposed = np.repeat([1.0, 0.0], 100)
    ill = np.concatenate([np.repeat([1, 0], [40, 60]), np.repeat([1, 0], [20, 80])])
    found = regression.logistic(np.column_stack([np.ones(200), exposed]), ill)
    error = np.sqrt(1 / 40 + 1 / 60 + 1 / 20 + 1 / 80)
    estimate = found.estimate(1, 0.95)
    assert estimate.value == pytest.approx(np.log(40 * 80 / (60 * 20)))
    assert (estimate.value - estimate.lower) == pytest.approx(1.959964 * error)


def test_coefficients_are_those_of_scikit_learn_without_a_penalty():
    reference = LogisticRegression(C=np.inf, max_iter=5000, tol=1e-10, fit_intercept=False).fit(X / [1, 20, 1], Y)
    assert regression.logistic(X, Y).coefficients == pytest.approx(reference.coef_[0] / [1, 20, 1], rel=1e-4)


@pytest.mark.parametrize("mean", [0, 37, 1000])
def test_an_interval_does_not_depend_on_the_zero_of_a_column(mean):
    """Of body temperature, whose mean is 74 standard deviations, the intercept is -148."""
    random = np.random.default_rng(8)
    warm, old = random.normal(0, 0.5, 400), random.normal(0, 10, 400)
    ill = (random.random(400) < expit(4 * warm + 0.1 * old)).astype(np.int64)
    design = np.column_stack([np.ones(400), warm, old])
    expected = regression.logistic(design, ill)
    found = regression.logistic(design + np.array([0, mean, 50]), ill)
    assert expected.estimate(1, 0.95).lower > 2
    for place in (1, 2):
        intervals = (astuple(one.estimate(place, 0.95)) for one in (found, expected))
        assert next(intervals) == pytest.approx(next(intervals), rel=1e-6)
    intercept = expected.coefficients[0] - expected.coefficients[1:] @ [mean, 50]
    assert found.coefficients[0] == pytest.approx(intercept)


def test_copies_of_rows_make_no_interval_narrower():
    units = np.repeat(np.arange(500), 3)
    for fit, outcome in ((regression.logistic, Y), (regression.linear, X[:, 1])):
        design = X if fit is regression.logistic else X[:, [0, 2]]
        once = fit(design, outcome).covariance
        copied = fit(np.repeat(design, 3, axis=0), np.repeat(outcome, 3), units).covariance
        assert np.diag(copied) == pytest.approx(np.diag(once), rel=0.15)


def test_a_line_is_that_of_scipy():
    found = regression.linear(X[:, :2], X[:, 1] * 2 + RANDOM.normal(size=500))
    reference = linregress(X[:, 1], X[:, 1] * 2)
    assert found.coefficients[1] == pytest.approx(reference.slope, abs=0.01)


def test_what_has_no_finite_or_no_unique_coefficient_has_none():
    apart = np.column_stack([np.ones(40), np.arange(40.0)])
    assert np.isnan(regression.logistic(apart, (np.arange(40) > 20).astype(int)).coefficients).all()
    assert np.isnan(regression.logistic(np.ones((40, 2)), np.arange(40) % 2).estimate(1, 0.95).value)
    assert np.isnan(regression.linear(np.ones((40, 2)), np.arange(40.0)).estimate(1, 0.95).lower)
    assert np.isnan(regression.logistic(np.ones((40, 1)), np.zeros(40, dtype=int)).coefficients[0])


def test_intervals_hold_the_truth_as_often_as_they_should():
    random, hits = np.random.default_rng(5), 0
    for _ in range(300):
        x = np.column_stack([np.ones(300), random.normal(size=300)])
        y = (random.random(300) < expit(-1 + 0.5 * x[:, 1])).astype(np.int64)
        estimate = regression.logistic(x, y).estimate(1, 0.9)
        hits += estimate.lower <= 0.5 <= estimate.upper
    assert 0.85 < hits / 300 < 0.95
