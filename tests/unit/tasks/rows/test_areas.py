"""Areas by fold, and how far two of them differ."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from radsieve.tasks.rows import areas

RANDOM = np.random.default_rng(4)
TRUTH = RANDOM.integers(0, 2, 300)
SCORE = TRUTH * 0.4 + RANDOM.random(300)
FOLD = np.arange(300) % 3


def test_the_area_is_the_mean_over_folds():
    each = [roc_auc_score(TRUTH[fold == FOLD], SCORE[fold == FOLD]) for fold in range(3)]
    found = areas.area(TRUTH, SCORE, FOLD, 0.95)
    assert found.value == pytest.approx(np.mean(each))
    assert 0 < found.lower < found.value < found.upper < 1


def test_scores_of_different_folds_are_not_compared():
    shifted = SCORE + 10 * FOLD
    assert areas.area(TRUTH, shifted, FOLD, 0.95).value == pytest.approx(areas.area(TRUTH, SCORE, FOLD, 0.95).value)


def test_a_perfect_ranking_has_an_interval_with_a_width_and_a_constant_one_has_none():
    perfect = areas.area(TRUTH, TRUTH.astype(float), FOLD, 0.95)
    assert perfect.value == perfect.upper == 1 and 0.9 < perfect.lower < 1
    constant = areas.area(TRUTH, np.zeros(300), FOLD, 0.95)
    assert constant.value == 0.5 and np.isnan(constant.lower)


def test_a_model_does_not_differ_from_itself():
    tested = areas.area_difference(TRUTH, SCORE, SCORE, FOLD, 0.95)
    assert (tested.difference, tested.p_value) == (0, 1)
    better = areas.area_difference(TRUTH, SCORE + TRUTH, SCORE, FOLD, 0.95)
    assert better.lower > 0


def test_balanced_accuracy_by_hand():
    truth, called = np.array([1, 1, 0, 0, 0, 0]), np.array([True, False, False, False, False, True])
    found = areas.balanced_accuracy(truth, called, np.arange(6), 0.95)
    assert found.value == pytest.approx((1 / 2 + 3 / 4) / 2)
    assert found.lower < found.value < found.upper
