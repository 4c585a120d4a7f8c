"""Adaptation to images from elsewhere, where the truth is known."""

import numpy as np
import pytest
from scipy.special import expit

from radsieve.tasks.images.shift import adapted, aligned


def drawn(rows, share, seed):
    """Classes of which so many are positive, one feature of them, and its true probability where half are."""
    random = np.random.default_rng(seed)
    truth = (np.arange(rows) < rows * share).astype(np.int64)
    feature = random.standard_normal(rows) + 2.0 * truth
    return truth, feature[:, None]


def probability(features):
    positive = expit(2 * features[:, 0] - 2)
    return np.column_stack([1 - positive, positive])


def test_the_share_of_the_classes_is_found_without_their_labels():
    truth, features = drawn(4000, 0.8, seed=1)
    found = adapted(probability(features), np.array([0.5, 0.5]))
    assert found.shares[1] == pytest.approx(0.8, abs=0.03)
    before = (probability(features)[:, 1] >= 0.5) == truth
    assert ((found.probability[:, 1] >= 0.5) == truth).mean() > before.mean()
    assert np.allclose(found.probability.sum(axis=1), 1)


def test_nothing_changes_where_classes_are_as_frequent():
    _, features = drawn(4000, 0.5, seed=2)
    found = adapted(probability(features), np.array([0.5, 0.5]))
    assert found.shares[1] == pytest.approx(0.5, abs=0.03)


def test_features_that_all_moved_are_moved_back():
    truth, learnt = drawn(2000, 0.5, seed=3)
    elsewhere, features = drawn(2000, 0.7, seed=4)
    moved = 3 * features + 10
    assert (probability(moved).argmax(axis=1) == elsewhere).mean() == pytest.approx(0.7, abs=0.01)
    found = aligned(moved, learnt, truth, probability)
    assert (found.probability.argmax(axis=1) == elsewhere).mean() > 0.8
    assert 0.5 < found.shares[1] < 0.85


def test_a_class_is_never_taken_for_absent():
    sure = np.tile([1 - 1e-9, 1e-9], (50, 1))
    found = adapted(sure, np.array([0.5, 0.5]))
    assert found.shares[1] > 0
    assert np.isfinite(found.probability).all()
