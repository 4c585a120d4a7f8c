"""Areas by fold, and how far two of them differ."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from radsieve.tasks.rows import areas

RANDOM = np.random.default_rng(4)
TRUTH = RANDOM.integers(0, 2, 300)
SCORE = TRUTH * 0.4 + RANDOM.random(300)
FOLD = np.arange(300) % 3
ROW = np.arange(300)  # each a unit of its own


def test_the_area_is_the_mean_over_folds():
    each = [roc_auc_score(TRUTH[fold == FOLD], SCORE[fold == FOLD]) for fold in range(3)]
    found = areas.area(TRUTH, SCORE, FOLD, ROW, 0.95)
    assert found.value == pytest.approx(np.mean(each))
    assert 0 < found.lower < found.value < found.upper < 1


def test_scores_of_different_folds_are_not_compared():
    shifted = SCORE + 10 * FOLD
    apart, plain = (areas.area(TRUTH, score, FOLD, ROW, 0.95).value for score in (shifted, SCORE))
    assert apart == pytest.approx(plain)


def test_copies_of_a_row_make_no_interval_narrower():
    twice = [np.repeat(one, 2) for one in (TRUTH, SCORE, FOLD, ROW)]
    once, again = areas.area(TRUTH, SCORE, FOLD, ROW, 0.95), areas.area(*twice, 0.95)
    assert (again.value, again.lower, again.upper) == pytest.approx((once.value, once.lower, once.upper))
    other = RANDOM.random(300)
    alone = areas.area_difference(TRUTH, SCORE, other, FOLD, ROW, 0.95)
    truth, score, fold, unit = twice
    copied = areas.area_difference(truth, score, np.repeat(other, 2), fold, unit, 0.95)
    assert (copied.lower, copied.p_value) == pytest.approx((alone.lower, alone.p_value))
    sure = areas.area(truth, truth.astype(float), fold, unit, 0.95)
    assert sure.lower == areas.area(TRUTH, TRUTH.astype(float), FOLD, ROW, 0.95).lower


def test_units_with_both_outcomes():
    """Scores that differ by unit alone: rows of one unit of both outcomes err in opposite ways, and less together."""
    truth, unit = np.tile([0, 1], 100), np.repeat(np.arange(100), 2)
    score = np.repeat(RANDOM.normal(size=100), 2) + 0.1 * truth
    fold = np.zeros(200, dtype=int)
    together, apart = (areas.area(truth, score, fold, of, 0.95) for of in (unit, np.arange(200)))
    assert together.upper - together.lower < 0.5 * (apart.upper - apart.lower)


def test_a_perfect_ranking_has_an_interval_with_a_width_and_a_constant_one_has_none():
    perfect = areas.area(TRUTH, TRUTH.astype(float), FOLD, ROW, 0.95)
    assert perfect.value == perfect.upper == 1 and 0.9 < perfect.lower < 1
    constant = areas.area(TRUTH, np.zeros(300), FOLD, ROW, 0.95)
    assert constant.value == 0.5 and np.isnan(constant.lower)


def test_a_model_does_not_differ_from_itself():
    tested = areas.area_difference(TRUTH, SCORE, SCORE, FOLD, ROW, 0.95)
    assert (tested.difference, tested.p_value) == (0, 1)
    better = areas.area_difference(TRUTH, SCORE + TRUTH, SCORE, FOLD, ROW, 0.95)
    assert better.lower > 0


def test_a_difference_that_no_row_shows_has_no_interval_of_zero_width():
    same = areas.area_difference(TRUTH, SCORE + FOLD, SCORE, FOLD, ROW, 0.95)
    assert same.difference == 0 and np.isnan([same.lower, same.upper]).all(), "ranked alike in every fold"
    perfect = areas.area_difference(TRUTH, TRUTH + SCORE / 9, TRUTH - SCORE / 9, FOLD, ROW, 0.95)
    alone = areas.area(TRUTH, TRUTH.astype(float), FOLD, ROW, 0.95)
    assert perfect.difference == 0 and perfect.p_value == 1
    assert (perfect.lower, perfect.upper) == pytest.approx((alone.lower - 1, 1 - alone.lower)), "each may be as low"


def test_balanced_accuracy_by_hand():
    truth, called = np.array([1, 1, 0, 0, 0, 0]), np.array([True, False, False, False, False, True])
    found = areas.balanced_accuracy(truth, called, np.arange(6), 0.95)
    assert found.value == pytest.approx((1 / 2 + 3 / 4) / 2)
    assert found.lower < found.value < found.upper


@pytest.mark.parametrize("called", [np.zeros(6, dtype=bool), np.ones(6, dtype=bool)])
def test_balanced_accuracy_of_one_and_the_same_call_is_a_half_by_definition(called):
    found = areas.balanced_accuracy(np.array([1, 1, 1, 0, 0, 0]), called, np.arange(6), 0.95)
    assert found.value == 0.5
    assert np.isnan([found.lower, found.upper]).all()
