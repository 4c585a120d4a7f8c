"""The share of uniform latents that a model accepts, and the threshold from which it accepts a share."""

import numpy as np
import pytest
from scipy.special import expit

from radsieve.prefilter.classifiers.logistic import LogisticModel
from radsieve.prefilter.thresholds.acceptance import Acceptance

FIRST = LogisticModel(np.array([2.0, 0.0]), 0.5)  # its margins are uniform in [-1.5, 2.5]


def test_a_uniform_margin_is_cut_where_it_should():
    found = Acceptance.of(FIRST, 65_536)
    assert found.threshold(0.25) == pytest.approx(expit(1.5), abs=0.005)
    assert found.rank(np.array([-2.0, 0.5, 3.0])) == pytest.approx([0, 0.5, 1], abs=0.01)
    assert found.threshold(1) == 0
    assert found.threshold(0) == expit(found.margins[-1])


def test_the_bounds_hold_the_acceptance_among_all_latents():
    """Beta(k, n + 1 - k): of 9 latents the 5th highest cuts off a half, 0.212 to 0.788 with 95% confidence."""
    value, lower, upper = Acceptance(np.arange(9.0)).accepted(5 / 9, 0.95)
    assert (value, lower, upper) == pytest.approx((5 / 9, 0.2120, 0.7880), abs=5e-4)
    inside = 0
    for seed in range(400):
        margins = np.sort(np.random.default_rng(seed).random(200))
        found = Acceptance(margins)
        _, lower, upper = found.accepted(0.3, 0.9)
        inside += lower <= 1 - margins[-60] <= upper
    assert inside / 400 == pytest.approx(0.9, abs=0.04)


def test_what_accepts_everything_accepts_everything():
    same = Acceptance.of(LogisticModel(np.zeros(2), -1.0), 1000)
    assert same.accepted(0.2, 0.95)[0] == 1
    assert same.accepted(1, 0.95) == (1, pytest.approx(0.025 ** (1 / 1000)), 1)
