"""FID and KID against other ways to compute them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.linalg import sqrtm

from radsieve.stats.distances import frechet_distance, kernel_distance

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(("n", "m", "features"), [(50, 40, 6), (5, 9, 30), (20, 20, 20)])
def test_frechet_distance_as_by_the_square_root_of_a_matrix(n, m, features):
    one, other = RANDOM.normal(0, 1, (n, features)), RANDOM.normal(0.5, 2, (m, features))
    covariances = [np.cov(points, rowvar=False) for points in (one, other)]
    root = sqrtm(covariances[0] @ covariances[1] + 1e-12 * np.eye(features)).real
    expected = np.square(one.mean(0) - other.mean(0)).sum() + np.trace(sum(covariances) - 2 * root)
    assert frechet_distance(one, other) == pytest.approx(expected, rel=1e-4)


def test_frechet_distance_by_hand():
    """In one dimension (mean1 - mean2)^2 + (deviation1 - deviation2)^2: 3^2 + (2 sqrt 2 - sqrt 2)^2."""
    assert frechet_distance(np.array([[-2.0], [2.0]]), np.array([[2.0], [4.0]])) == pytest.approx(9 + 2)


@settings(max_examples=25, deadline=None)
@given(arrays(np.float32, (7, 3), elements=st.floats(-100, 100, width=32)), st.integers(0, 99))
def test_frechet_distance_is_none_from_itself_and_alike_both_ways(points, seed):
    scale = 1 + float(np.abs(points).max()) ** 2
    other = np.random.default_rng(seed).normal(0, 10, (5, 3))
    assert frechet_distance(points, points) == pytest.approx(0, abs=1e-6 * scale)
    assert frechet_distance(points, other) == pytest.approx(frechet_distance(other, points), abs=1e-6 * (scale + 1000))
    assert frechet_distance(points, points[::-1] + 1) == pytest.approx(3, abs=1e-4 * scale)


def kernel(x, y):
    return (x @ y / len(x) + 1) ** 3


def plain_kernel_distance(one, other):
    within = [
        np.mean([kernel(x, y) for i, x in enumerate(points) for j, y in enumerate(points) if i != j])
        for points in (one, other)
    ]
    return sum(within) - 2 * np.mean([kernel(x, y) for x in one for y in other])


def test_kernel_distance_and_its_jackknife_as_written_down():
    one, other = RANDOM.normal(0, 1, (5, 4)), RANDOM.normal(0.5, 1, (7, 4))
    value, lower, upper = kernel_distance(one, other, 0.95)
    assert value == pytest.approx(plain_kernel_distance(one, other))
    without_one = [plain_kernel_distance(np.delete(one, row, 0), other) for row in range(5)]
    without_other = [plain_kernel_distance(one, np.delete(other, row, 0)) for row in range(7)]
    variance = 4 * np.var(without_one) + 6 * np.var(without_other)
    assert (upper - lower) / 2 == pytest.approx(1.959964 * np.sqrt(variance), rel=1e-5)
    assert (upper + lower) / 2 == pytest.approx(value)


def test_kernel_distance_is_unbiased_and_its_interval_holds():
    """Of samples of one distribution: about 0 on average, below 0 about half of the time."""
    found = np.array(
        [kernel_distance(RANDOM.normal(0, 1, (20, 5)), RANDOM.normal(0, 1, (30, 5)), 0.9) for _ in range(200)]
    )
    assert abs(found[:, 0].mean()) < 3 * found[:, 0].std() / np.sqrt(200)
    assert 0.3 < (found[:, 0] < 0).mean() < 0.7
    assert ((found[:, 1] <= 0) & (found[:, 2] >= 0)).mean() > 0.8


def test_points_that_are_all_equal():
    same = np.ones((4, 3))
    assert frechet_distance(same, same) == 0
    assert kernel_distance(same, same, 0.95) == pytest.approx((0, 0, 0))
