"""Are two kinds of points mixed? Clouds whose answer is known, and scikit-learn's classifiers."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from radsieve.prefilter.mixing import linear_weights, measure_mixing, neighbour_weights

GENERATOR = np.random.default_rng(1)
LABELS = np.tile([0, 1], 60)
FOLD = np.arange(120) // 2 % 3


def measured(points):
    table = measure_mixing({"plane": points}, LABELS, FOLD, neighbors=7, permutations=99, confidence=0.95, seed=1)
    assert table["space"].unique().tolist() == ["plane"]
    return table.set_index("classifier")


def test_clouds_that_lie_apart():
    found = measured(GENERATOR.normal(size=(120, 2)) + 8 * LABELS[:, None])
    assert found["roc_auc"].tolist() == pytest.approx([1, 1], abs=1e-3)
    assert found["p_value"].tolist() == [0.01, 0.01]


def test_one_cloud():
    found = measured(GENERATOR.normal(size=(120, 2)))
    assert found["roc_auc"].between(0.35, 0.65).all()
    assert found["chance"].between(0.47, 0.53).all()
    assert found["chance_upper"].between(0.53, 0.65).all()
    assert (found["p_value"] > 0.01).all()


def test_a_ring_around_a_cloud_is_seen_by_neighbours_only():
    angle = GENERATOR.uniform(0, 2 * np.pi, 120)
    radius = np.where(LABELS == 1, 5, 1)
    found = measured(np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1))
    assert found.loc["neighbours", "roc_auc"] > 0.98
    assert found.loc["linear", "roc_auc"] < 0.7


def test_the_same_predictions_as_those_of_scikit_learn():
    train, held_back = GENERATOR.normal(size=(60, 4)) * [1, 5, 0.2, 1], GENERATOR.normal(size=(9, 4))
    labels = GENERATOR.integers(0, 2, 60)
    nearest = KNeighborsClassifier(7).fit(train, labels).predict_proba(held_back)[:, 1]
    assert neighbour_weights(train, held_back, 7) @ labels / 7 == pytest.approx(nearest)
    scaler = StandardScaler().fit(train)
    ridge = Ridge(alpha=4).fit(scaler.transform(train), labels)
    assert linear_weights(train, held_back) @ labels + labels.mean() == pytest.approx(
        ridge.predict(scaler.transform(held_back))
    )


def test_the_area_is_that_of_scikit_learn():
    points = GENERATOR.normal(size=(120, 3)) + LABELS[:, None] / 2
    areas = []
    for number in range(3):
        here = FOLD == number
        votes = KNeighborsClassifier(7).fit(points[~here], LABELS[~here]).predict_proba(points[here])[:, 1]
        areas.append(roc_auc_score(LABELS[here], votes))  # few distinct votes, so that there are ties
    assert measured(points).loc["neighbours", "roc_auc"] == pytest.approx(np.mean(areas))


def test_a_constant_component_and_fewer_points_than_neighbours():
    train, held_back = np.array([[0.0, 1], [2, 1], [9, 1]]), np.array([[1.0, 1]])
    assert np.isfinite(linear_weights(train, held_back)).all()
    assert neighbour_weights(train, held_back, 7).tolist() == [[1, 1, 1]]
