"""The difference of two shares of the same items: radsieve.stats.paired_tests.share_difference."""

import numpy as np
import pytest

from radsieve.stats.paired_tests import share_difference


def answers(both, gained, lost, neither):
    """Items by whether they pass after and before."""
    counts = [both, gained, lost, neither]
    return np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts)


@pytest.mark.parametrize(
    ("table", "published"),
    [
        ((14, 5, 0, 22), (0.122, 0.011, 0.226)),  # Altman et al. 2000, Statistics with confidence, table 6.2
        ((1, 1, 7, 12), (-0.286, -0.507, -0.026)),  # Fagerland, Lydersen and Laake 2014, Bentur et al.'s table
        ((36, 12, 2, 0), (0.200, 0.057, 0.340)),  # Newcombe 1998
    ],
)
def test_published_intervals(table, published):
    found = share_difference(*answers(*table), 0.95)
    assert (found.value, found.lower, found.upper) == pytest.approx(published, abs=6e-4)


def test_it_has_a_width_where_nothing_changes_and_turns_with_its_sides():
    same = share_difference(*answers(10, 0, 0, 0), 0.95)
    assert same.lower < 0 == same.value < same.upper
    after, before = answers(4, 1, 3, 9)
    there, back = share_difference(after, before, 0.95), share_difference(before, after, 0.95)
    assert (there.value, there.lower, there.upper) == pytest.approx((-back.value, -back.upper, -back.lower))


def test_without_items_it_is_not_defined():
    none = np.array([], dtype=bool)
    assert np.isnan(share_difference(none, none, 0.95).value)


def test_items_of_one_unit_are_not_independent():
    after, before = (np.repeat(one, 4) for one in answers(20, 15, 5, 10))
    apart, together = share_difference(after, before, 0.95), share_difference(after, before, 0.95, np.arange(200) // 4)
    once = share_difference(*answers(20, 15, 5, 10), 0.95)
    assert together.value == apart.value
    assert together.upper - together.lower == pytest.approx(once.upper - once.lower, rel=0.05)
    assert apart.upper - apart.lower < 0.6 * (together.upper - together.lower)


def test_it_covers_where_whole_units_change_and_items_hardly_do():
    """40 units of 10 items; 15% of the units are all right by one of two and all wrong by the other, either way round,
    so that the shares are the same: of 300 intervals of 95%, at least nine in ten hold 0."""
    random = np.random.default_rng(1)
    units, covered = np.repeat(np.arange(40), 10), 0
    for _ in range(300):
        alike = random.random(400) < 0.85
        turned, up = (np.repeat(random.random(40) < share, 10) for share in (0.15, 0.5))
        found = share_difference(np.where(turned, up, alike), np.where(turned, ~up, alike), 0.95, units)
        covered += found.lower <= 0 <= found.upper
    assert covered >= 270


def test_it_is_no_wider_than_needed_where_units_differ_and_both_are_of_the_same():
    """30 units of 5 items, some hard and some easy for both: of 300 intervals of 95% no more than 99% hold 0."""
    random = np.random.default_rng(2)
    units, covered = np.repeat(np.arange(30), 5), 0
    for _ in range(300):
        ease = np.repeat(random.normal(scale=2, size=30), 5)
        found = share_difference(*(ease + random.normal(size=(2, 150)) > -1), 0.95, units)
        covered += found.lower <= 0 <= found.upper
    assert 270 <= covered <= 297


def test_single_items_are_units_of_one_and_no_change_has_a_width():
    after, before = answers(20, 15, 5, 10)
    once = share_difference(after, before, 0.95)
    twice = share_difference(np.tile(after, 2), np.tile(before, 2), 0.95, np.tile(np.arange(50), 2))
    assert twice.upper - twice.lower == pytest.approx(once.upper - once.lower, rel=0.03)
    same = np.repeat(answers(20, 0, 0, 10)[0], 3)
    found = share_difference(same, same, 0.95, np.arange(90) // 3)
    assert found.lower < 0 == found.value < found.upper


def test_of_a_hundred_times_as_many_items_the_interval_is_a_tenth_as_wide():
    """The product of the four margins has more than 64 bits."""
    few, many = (
        share_difference(*answers(*(count * times for count in (70, 10, 5, 15))), 0.95) for times in (100, 10_000)
    )
    assert many.value == few.value
    assert (many.upper - many.lower) * 10 == pytest.approx(few.upper - few.lower, rel=1e-3)
