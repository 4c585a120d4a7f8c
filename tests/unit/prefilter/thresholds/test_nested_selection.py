"""Nested folds: no row is evaluated by a model or a threshold that has seen it."""

import latents as made_up
import numpy as np
import pytest

from radsieve.prefilter.thresholds.confusion_measures import Costs, EvaluationSettings
from radsieve.prefilter.thresholds.nested_selection import (
    Fold,
    NestedSettings,
    accepted_by_fold,
    choose_by_fold,
    fit_logistic,
    held_out_scores,
    nested_folds,
    outer_scores,
    unusable,
)
from radsieve.prefilter.thresholds.threshold_rules import Choice, Limits
from radsieve.stats.folds import folds as folds_of

SETTINGS = NestedSettings(
    "LogReg1", 3, 1, Limits(1, 0.1, 0.9, 0, 0.95), EvaluationSettings(Costs(1, 0), 100, 0.95, 1), 2, 3
)


@pytest.fixture(scope="module")
def table():
    return made_up.latent_table(["a"], 600)


@pytest.fixture(scope="module")
def folds(table):
    return nested_folds(table.latents, table.valid, folds_of(table.valid, 3, 1), SETTINGS)


def test_outer_rows_are_evaluated_once_and_never_choose(table, folds):
    assert sorted(np.concatenate([fold.evaluated_on for fold in folds]).tolist()) == list(range(600))
    for fold in folds:
        assert not set(fold.chosen_on) & set(fold.evaluated_on)
        assert len(fold.chosen_on) + len(fold.evaluated_on) == 600


def test_scores_are_those_of_models_that_have_not_seen_the_row(table, folds):
    fold = folds[1]
    model = fit_logistic("LogReg1", table.latents[fold.chosen_on], table.valid[fold.chosen_on])
    np.testing.assert_array_equal(fold.scores, model.probability(table.latents[fold.evaluated_on]))
    known, labels = table.latents[fold.chosen_on], table.valid[fold.chosen_on]
    inner = folds_of(labels, 3, 1)
    model = fit_logistic("LogReg1", known[inner != 2], labels[inner != 2])
    np.testing.assert_array_equal(fold.inner_scores[inner == 2], model.probability(known[inner == 2]))


def test_labels_of_a_held_out_row_change_nothing_about_its_fold(table, folds):
    """Turned labels of all held-out rows by fold 0 leave its scores and its threshold as they are."""
    first = folds[0]
    turned = table.valid.copy()
    turned[first.evaluated_on] = 1 - turned[first.evaluated_on]
    outer = np.where(np.isin(np.arange(600), first.evaluated_on), 0, 1)
    again = nested_folds(table.latents, turned, outer, SETTINGS)[0]
    np.testing.assert_array_equal(again.scores, first.scores)
    np.testing.assert_array_equal(again.inner_scores, first.inner_scores)
    rules = ["argmax(tpr-fpr)"]
    choice = choose_by_fold(rules, table.latents, turned, [again], SETTINGS)
    assert choice == {rules[0]: choose_by_fold(rules, table.latents, table.valid, folds, SETTINGS)[rules[0]][:1]}


def test_nothing_is_expected_of_latents_without_signal():
    """Fitted and chosen on the rows that it is evaluated on, a model of noise would seem to be worth something."""
    generator = np.random.default_rng(3)
    latents = generator.uniform(-1, 1, (600, 128)).astype(np.float32)
    noise = (generator.random(600) < 0.3).astype(np.int8)
    folds = nested_folds(latents, noise, folds_of(noise, 3, 1), SETTINGS)
    accepted = accepted_by_fold(
        folds, choose_by_fold(["argmax(tpr-fpr)"], latents, noise, folds, SETTINGS)["argmax(tpr-fpr)"]
    )
    assert noise[accepted].mean() == pytest.approx(0.3, abs=0.06)
    seen = fit_logistic("LogReg1", latents, noise).probability(latents)
    assert noise[seen >= np.median(seen)].mean() > 0.42


def test_each_fold_has_its_own_threshold():
    folds = [
        Fold(np.array([2, 3]), np.zeros(2), np.array([0, 1]), np.array([0.2, 0.8])),
        Fold(np.array([0, 1]), np.zeros(2), np.array([2, 3]), np.array([0.2, 0.8])),
    ]
    accepted = accepted_by_fold(folds, [Choice(0.8), Choice(0.1)])
    assert accepted.tolist() == [False, True, True, True]
    assert outer_scores(folds).tolist() == [0.2, 0.8, 0.2, 0.8]


@pytest.mark.parametrize(
    ("good", "rows", "folds", "expected"),
    [
        (0, 100, 3, "no good images among 100 rows; 5 are needed"),
        (1, 100, 3, "1 good image among 100 rows; 5 are needed"),
        (4, 100, 3, "4 good images among 100 rows; 5 are needed"),
        (5, 100, 3, ""),
        (100, 100, 3, "no bad images among 100 rows; 5 are needed"),
        (6, 100, 5, "6 good images among 100 rows; 7 are needed"),
        (7, 100, 5, ""),
    ],
)
def test_too_few_images_of_a_class(good, rows, folds, expected):
    target = (np.arange(rows) < good).astype(np.int8)
    assert unusable(target, folds) == expected
    if not expected:
        for number in range(folds):  # the fewest that are needed do serve
            left = target[folds_of(target, folds, 1) != number]
            assert len(held_out_scores(np.zeros((len(left), 2), np.float32), left, folds_of(left, folds, 1), "LogReg1"))
