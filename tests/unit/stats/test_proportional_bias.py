"""The slope of a difference by the mean, on numbers that can be followed by hand."""

import numpy as np
import pytest

from radsieve.stats.proportional_bias import proportional_bias


def test_what_is_found_half_as_large_has_a_slope():
    true = np.linspace(0.1, 0.9, 40)
    slope = proportional_bias(true / 2, true, np.arange(40), 200, 0.95, 1)  # difference -t/2, mean 3t/4
    assert slope.value == pytest.approx(-2 / 3)
    assert slope.lower == pytest.approx(-2 / 3) and slope.upper == pytest.approx(-2 / 3)


def test_the_interval_of_noise_alone_holds_none():
    random = np.random.default_rng(0)
    true = random.uniform(0.2, 0.6, 60)
    found = true + random.normal(0, 0.02, 60)
    single = proportional_bias(found, true, np.arange(60), 500, 0.95, 1)
    assert single.lower < 0 < single.upper
    assert single.value == pytest.approx(np.polyfit((found + true) / 2, found - true, 1)[0])


def test_what_cannot_be_told_has_no_interval():
    values = np.array([0.1, 0.2, 0.3, 0.4])
    assert np.isnan(proportional_bias(values, values * 2, np.arange(4), 100, 0.95, 1).lower)
    same = np.full(8, 0.5)
    assert np.isnan(proportional_bias(same, same, np.arange(8), 100, 0.95, 1).value)
