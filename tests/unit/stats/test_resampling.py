"""Bootstrap resamples of rated images."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsieve.stats import resampling
from radsieve.stats.resampling import clustered_wilson, wilson


def test_resamples_are_counts_of_distinct_rows():
    codes = np.array([[0, 1], [0, 0], [0, 1], [1, -1]])
    found = resampling.patterns(codes)
    assert found.rows[found.of_item].tolist() == codes.tolist()
    assert found.times.tolist() == [1, 2, 1]
    draws = np.concatenate(list(found.resamples(5000, seed=1)))
    assert draws.shape == (5000, 3)
    assert (draws.sum(axis=1) == 4).all()
    np.testing.assert_allclose(draws.mean(axis=0), [1, 2, 1], atol=0.05)
    np.testing.assert_allclose(draws.var(axis=0), [0.75, 1, 0.75], atol=0.06)  # binomial: 4 p (1 - p)


def test_resamples_do_not_depend_on_the_size_of_the_blocks(monkeypatch):
    found = resampling.patterns(np.array([[0, 1], [0, 0], [1, 1]]))
    whole = np.concatenate(list(found.resamples(50, seed=9)))
    monkeypatch.setattr(resampling, "_CELLS", 20)
    blocks = list(found.resamples(50, seed=9))
    assert len(blocks) > 1
    assert (np.concatenate(blocks) == whole).all()


def test_findings_of_one_image_are_resampled_together():
    codes = np.array([[0, 0], [1, 1], [0, 1], [1, 0]])
    draws = np.concatenate(list(resampling.patterns(codes, np.array([0, 0, 1, 1])).resamples(200, seed=2)))
    rows = resampling.patterns(codes).rows.tolist()
    of = {tuple(row): draws[:, place] for place, row in enumerate(rows)}
    assert (of[0, 0] == of[1, 1]).all()
    assert (of[0, 1] == of[1, 0]).all()
    assert (of[0, 0] + of[0, 1] == 2).all()


def test_nothing_to_resample():
    assert list(resampling.patterns(np.empty((0, 2), dtype=int)).resamples(10, seed=1)) == []


def test_interval():
    assert resampling.interval(np.arange(101.0), 0.9) == pytest.approx((5, 95))
    assert resampling.interval(np.array([np.nan, 1, 1]), 0.9) == (1, 1)
    assert np.isnan(resampling.interval(np.array([np.nan, np.nan, 1]), 0.9)).all()


def test_wilson_interval_of_a_share():
    """8 of 10 at 95%, z = 1.959964: (0.8 + z^2/20 +- z sqrt(0.016 + z^2/400)) / (1 + z^2/10)."""
    assert resampling.wilson(8, 10, 0.95) == pytest.approx((0.490162, 0.943318), abs=1e-6)
    assert resampling.wilson(0, 5, 0.95)[0] == pytest.approx(0, abs=1e-12)
    assert np.isnan(resampling.wilson(0, 0, 0.95)).all()


def test_resamples_have_as_many_units_as_there_are_whatever_their_numbers():
    codes = np.arange(6)[:, None]
    units = np.array([3, 3, 40, 40, 7, 7])
    (block,) = resampling.patterns(codes, units).resamples(50, seed=1)
    assert (block.sum(axis=1) == 6).all()
    assert (block[:, ::2] == block[:, 1::2]).all()
    (same,) = resampling.patterns(codes, np.array([0, 0, 2, 2, 1, 1])).resamples(50, seed=1)
    assert np.array_equal(block, same)


def test_clustered_wilson_of_units_of_one_item_is_wilson():
    """But for the factor m / (m - 1) of the variance between units, which only matters up to the number of items."""
    same = np.array([True] * 40 + [False] * 10)
    assert clustered_wilson(same, np.arange(50), 0.95) == pytest.approx(wilson(40, 50, 0.95), abs=0.003)


def test_clustered_wilson_of_equal_items_counts_units():
    """Ten units of five items, all five alike: as ten items."""
    same = np.repeat([True] * 8 + [False] * 2, 5)
    assert clustered_wilson(same, np.repeat(np.arange(10), 5), 0.95) == pytest.approx(wilson(8, 10, 0.95), abs=0.02)
    everything = np.ones(50, dtype=bool)
    assert clustered_wilson(everything, np.repeat(np.arange(10), 5), 0.95) == pytest.approx(wilson(10, 10, 0.95))
    assert clustered_wilson(~everything, np.repeat(np.arange(10), 5), 0.95) == pytest.approx(wilson(0, 10, 0.95))


def test_clustered_wilson_by_hand():
    """Units (2 of 2), (0 of 2), (1 of 1), (1 of 1): share 2/3, residuals 2/3, -4/3, 1/3, 1/3 have the squared sum 22/9,
    so that the variance is 4/3 x 22/9 / 36, and 2/9 divided by it is 2.4545 items."""
    same, units = np.array([True, True, False, False, True, True]), np.array([0, 0, 1, 1, 2, 3])
    count, share, z = 27 / 11, 2 / 3, 1.959964
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * (share * (1 - share) / count + z**2 / (4 * count**2)) ** 0.5
    assert clustered_wilson(same, units, 0.95) == pytest.approx((centre - half, centre + half), abs=1e-6)


@pytest.mark.parametrize(("wrong", "count"), [(0, 20), (1, 20), (4, 20), (7, 40 / 1.5), (10, 40), (12, 40)])
def test_clustered_wilson_counts_units_where_few_have_the_rarer_outcome(wrong, count):
    """20 units of two items, one item of each of `wrong` units: the design effect is at least 2 up to four units, 1.5
    with seven and 1 from ten on, and what the items show (below 1 here) does not exceed it."""
    units = np.repeat(np.arange(20), 2)
    right = np.ones(40, dtype=bool)
    right[: 2 * wrong : 2] = False
    share, z = 1 - wrong / 40, 1.959964
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * (share * (1 - share) / count + z**2 / (4 * count**2)) ** 0.5
    assert clustered_wilson(right, units, 0.95) == pytest.approx((centre - half, centre + half), abs=1e-6)


def test_a_share_with_fewer_errors_has_no_lower_limit_below_that_of_one_with_more():
    """57 images of 21 patients, at most one error in each: .947 (3 wrong) and .912 (5 wrong), and all between."""
    units = np.arange(57) % 21
    limits = []
    for wrong in range(13):
        right = np.ones(57, dtype=bool)
        right[:wrong] = False
        limits.append(clustered_wilson(right, units, 0.95)[0])
    assert np.all(np.diff(limits) < 0)


def test_clustered_wilson_covers_what_few_units_show():
    """30 units of five items, share 0.1, correlation 0.5 in a unit (beta-binomial): in 2,000 draws, at least 95%."""
    random = np.random.default_rng(3)
    units = np.repeat(np.arange(30), 5)
    covered = 0
    for _ in range(2000):
        right = random.random(150) < np.repeat(random.beta(0.1, 0.9, 30), 5)
        lower, upper = clustered_wilson(right, units, 0.95)
        covered += lower <= 0.1 <= upper
    assert covered / 2000 > 0.94


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=1, max_size=60))
def test_clustered_wilson_is_never_degenerate(items):
    same, units = np.array([one for one, _ in items]), np.array([unit for _, unit in items])
    lower, upper = clustered_wilson(same, units, 0.95)
    assert 0 <= lower <= same.mean() + 1e-12 and same.mean() - 1e-12 <= upper <= 1
    assert upper - lower > 0.05
