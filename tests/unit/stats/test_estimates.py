"""Differences and ratios of estimates: published values, and what holds of every interval."""

from math import inf, isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsieve.stats.resampling import Estimate, difference, ratio, share

COUNTS = st.tuples(st.integers(1, 60), st.integers(0, 60)).map(lambda both: (both[0], sum(both)))


def wilson(counts):
    return share(*counts, 0.95)


@pytest.mark.parametrize(
    ("a", "b", "lower", "upper"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 20), 0.6791, 1.0)],
)
def test_newcombes_examples(a, b, lower, upper):
    """Newcombe 1998, Statistics in Medicine 17: 873-890, table II, method 10."""
    found = difference(wilson(a), wilson(b))
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=6e-5)


@given(COUNTS, COUNTS)
def test_a_difference_has_the_opposite_the_other_way_round(a, b):
    there, back = difference(wilson(a), wilson(b)), difference(wilson(b), wilson(a))
    assert there.lower <= there.value <= there.upper
    assert (there.value, there.lower, there.upper) == pytest.approx((-back.value, -back.upper, -back.lower))


@given(COUNTS, COUNTS)
def test_a_ratio_has_the_inverse_the_other_way_round(a, b):
    there, back = ratio(wilson(a), wilson(b)), ratio(wilson(b), wilson(a)).inverse()
    assert 0 < there.lower <= there.value <= there.upper < inf
    assert (there.value, there.lower, there.upper) == pytest.approx((back.value, back.lower, back.upper))


@given(COUNTS, COUNTS)
def test_a_bound_of_a_ratio_is_where_the_difference_ends(a, b):
    """r is within the bounds if 0 is within those of a - r b, which defines them (Donner and Zou 2012)."""
    over, under = wilson(a), wilson(b)
    found = ratio(over, under)
    assert difference(over, under.times(found.lower)).lower == pytest.approx(0, abs=1e-9)
    assert difference(over, under.times(found.upper)).upper == pytest.approx(0, abs=1e-9)


def test_shares_at_their_ends():
    none, every = wilson((0, 20)), wilson((20, 20))
    assert (none.value, none.lower) == (0, 0)
    assert none.upper > 0.1
    nothing = ratio(none, every)
    assert (nothing.value, nothing.lower) == (0, 0)
    assert 0.1 < nothing.upper < 0.3
    assert isnan(ratio(every, none).value)
    assert isnan(wilson((0, 0)).value)
    zero = Estimate(0.0, 0.0, 0.5).inverse()
    assert (zero.value, zero.lower, zero.upper) == (inf, 2, inf)


def test_an_estimate_without_an_interval_is_taken_as_exact():
    assert Estimate(0.4).exact() == Estimate(0.4, 0.4, 0.4)
    assert Estimate(0.4, 0.3, 0.6).exact() == Estimate(0.4, 0.3, 0.6)
    missing = Estimate.of({"value": 0.0, "lower": None, "upper": 0.5})
    assert (missing.value, missing.upper) == (0, 0.5)
    assert isnan(missing.lower)
    assert isnan(Estimate.of({"value": None, "lower": None, "upper": None}).value)
    assert isnan(difference(Estimate(nan), Estimate(0.4, 0.3, 0.5)).lower)
