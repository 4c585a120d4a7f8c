"""The p-value that goes with an interval: radsieve.stats.paired_tests.p_of_interval."""

import numpy as np
import pytest
from scipy.stats import norm

from radsieve.stats.paired_tests import normal_test, p_of_interval
from radsieve.stats.resampling import Estimate, difference, share


def test_of_a_normal_interval_it_is_that_of_the_test():
    for value in (-0.3, 0.1, 0.7):
        tested = normal_test(value, 0.04, 0.9)
        assert p_of_interval(Estimate(value, tested.lower, tested.upper), 0.9) == pytest.approx(tested.p_value)


def test_it_is_below_the_level_just_where_the_interval_excludes_0():
    for good in range(31):
        gap = difference(share(good, 30, 0.95), share(60, 200, 0.95))
        assert (p_of_interval(gap, 0.95) < 0.05) == (gap.lower > 0 or gap.upper < 0)


def test_the_side_that_faces_0_counts():
    assert p_of_interval(Estimate(0.2, 0.1, 5.0), 0.95) == pytest.approx(2 * norm.sf(2 * 1.959964))
    assert p_of_interval(Estimate(0.0, -0.1, 0.3), 0.95) == 1
    assert np.isnan(p_of_interval(Estimate(0.2), 0.95))
