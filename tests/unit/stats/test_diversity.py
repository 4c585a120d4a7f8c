"""Spread and coverage of points whose diversity is plain to see."""

import numpy as np
import pytest

from radsieve.stats import diversity


@pytest.fixture(scope="module")
def cloud():
    return np.random.default_rng(1).normal(size=(300, 8))


def test_mean_distance_by_hand():
    triangle = np.array([[0.0, 0], [3, 0], [0, 4]])
    assert diversity.measure(triangle, triangle)["mean_distance"] == pytest.approx((3 + 4 + 5) / 3)


def test_a_set_covers_itself_and_half_a_space_covers_half(cloud):
    assert diversity.measure(cloud, cloud)["coverage"] == 1
    apart = np.r_[cloud, cloud + 1000]
    assert diversity.measure(cloud[:150], apart)["coverage"] == pytest.approx(0.5, abs=0.05)


def test_volume_falls_by_the_logarithm_of_the_scale():
    points = np.random.default_rng(1).normal(size=(1500, 4))
    narrow = points * np.array([0.5, 1, 1, 1])
    change = diversity.measure(points, points)["log_volume"] - diversity.measure(narrow, points)["log_volume"]
    assert change == pytest.approx(np.log(4), abs=0.1)  # variances


def test_a_random_choice_is_as_diverse_as_chance(cloud):
    kept = np.random.default_rng(2).random(300) < 0.4
    found = diversity.against_chance(cloud, kept, 200, 0.95, 1).set_index("measure")
    assert list(found.index) == list(diversity.MEASURES)
    assert (found["p_value"] > 0.05).all()
    assert ((found["lower"] <= found["chance"]) & (found["chance"] <= found["upper"])).all()


def test_a_corner_is_less_diverse_than_chance(cloud):
    corner = cloud[:, 0] > np.quantile(cloud[:, 0], 0.8)
    found = diversity.against_chance(cloud, corner, 200, 0.95, 1).set_index("measure")
    assert (found["value"] < found["lower"]).all()
    assert (found["p_value"] < 0.01).all()


def test_all_points_kept_leave_nothing_to_chance(cloud):
    found = diversity.against_chance(cloud, np.ones(300, dtype=bool), 20, 0.95, 1).set_index("measure")
    np.testing.assert_allclose(found["value"], found["chance"])
    assert found.loc["coverage", "value"] == 1
    assert (found["p_value"] == 1).all()


@pytest.mark.parametrize("kept", [0, 1])
def test_fewer_than_two_points_are_not_diverse(cloud, kept):
    found = diversity.against_chance(cloud, np.arange(300) < kept, 20, 0.95, 1)
    assert found["measure"].tolist() == list(diversity.MEASURES)
    assert found.drop(columns="measure").isna().all(axis=None)
    assert np.isnan(list(diversity.measure(cloud[:kept], cloud).values())).all()


def test_equal_points_have_no_volume():
    assert np.isnan(diversity.measure(np.ones((5, 3)), np.ones((5, 3)))["log_volume"])


def test_coverage_by_threshold_is_that_of_those_accepted(cloud):
    scores = np.random.default_rng(3).random(300)
    thresholds = np.array([0.95, 0.8, 0.5, 0.1])
    found = diversity.coverage_by_threshold(cloud, scores, thresholds)
    expected = [
        diversity.against_chance(cloud, scores >= cut, 20, 0.95, 1).set_index("measure").loc["coverage", "value"]
        for cut in thresholds
    ]
    np.testing.assert_allclose(found, expected)


def test_a_point_does_not_cover_itself():
    """Six points in a row, five neighbours each: with one accepted it covers the other five."""
    line, scores = np.arange(6.0)[:, None], np.array([0.9, 0, 0, 0, 0, 0])
    assert diversity.coverage_by_threshold(line, scores, np.array([0.5])).tolist() == pytest.approx([5 / 6])


def test_many_points_cost_no_more_than_two_thousand():
    many = np.random.default_rng(1).normal(size=(50_000, 2))
    assert len(diversity.evenly(many)) == 2000
    assert diversity.measure(many, many)["coverage"] == 1
