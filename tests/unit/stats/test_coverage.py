"""radsieve.stats.distances on points whose neighbours can be counted by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from radsieve.stats.distances import coverage, fidelity, neighbourhoods

REAL = np.array([[0.0], [1.0], [2.0], [10.0]])  # with three others each: radius 10, 9, 8, 10


def test_neighbourhoods_of_few_points():
    radius, places = neighbourhoods(REAL)
    assert radius.tolist() == [10, 9, 8, 10]
    assert [sorted(row) for row in places.tolist()] == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]


def test_the_fifth_neighbour_bounds_the_ball():
    radius, places = neighbourhoods(np.arange(20.0)[:, None])
    assert radius[0] == 5 and radius[10] == 3
    assert places.shape == (20, 5)


def test_measures_by_hand():
    generated = np.array([[20.0], [21.0], [40.0]])  # with two others each: radius 20, 19, 20
    found = fidelity(generated, REAL).means()
    # 20 is within the ball of 10 only, 21 and 40 in none
    assert found == {
        "precision": pytest.approx(1 / 3),
        "recall": 1.0,
        "density": pytest.approx(1 / 9),
        "coverage": 0.25,
    }
    assert coverage(generated, REAL) == 0.25


def test_one_mode_of_two_is_seen():
    random = np.random.default_rng(0)
    real = np.concatenate([random.normal(0, 1, (100, 4)), random.normal(50, 1, (100, 4))])
    found = fidelity(random.normal(0, 1, (200, 4)), real).means()
    assert found["precision"] > 0.9
    assert 0.4 < found["recall"] <= 0.5 and 0.4 < found["coverage"] <= 0.5


@settings(max_examples=25, deadline=None)
@given(arrays(float, (12, 2), elements=st.floats(-9, 9)))
def test_a_set_covers_itself(points):
    found = fidelity(points, points).means()
    assert found["precision"] == found["recall"] == found["coverage"] == 1
    assert found["coverage"] == coverage(points, points)
