"""Measures of several classes against scikit-learn, and their intervals."""

import numpy as np
import pytest
from sklearn import metrics

from radsieve.tasks.images.measures import Bootstrap, EvaluatedImages, differences, measured

HOW = Bootstrap(resamples=200, confidence=0.95, seed=1, ordered=True)


@pytest.fixture
def evaluated():
    random = np.random.default_rng(1)
    truth = np.arange(90) % 3
    probability = random.dirichlet([1, 1, 1], 90)
    probability[np.arange(90), truth] += 0.4
    return EvaluatedImages.of(truth, np.arange(90) // 2, probability / probability.sum(axis=1, keepdims=True))


def test_values_are_those_of_scikit_learn(evaluated):
    found = measured(evaluated, HOW)
    truth, called = evaluated.truth, evaluated.called
    assert found["accuracy"].value == pytest.approx(metrics.accuracy_score(truth, called))
    assert found["macro_f1"].value == pytest.approx(metrics.f1_score(truth, called, average="macro"))
    assert found["kappa"].value == pytest.approx(metrics.cohen_kappa_score(truth, called, weights="quadratic"))
    assert found["roc_auc"].value == pytest.approx(
        metrics.roc_auc_score(truth, evaluated.probability, multi_class="ovr")
    )
    assert np.isnan(found["sensitivity"].value)
    for name in ("accuracy", "macro_f1", "kappa", "roc_auc"):
        assert found[name].lower < found[name].value < found[name].upper


def test_two_classes_have_sensitivity_and_no_order_no_kappa():
    truth = np.array([0, 0, 0, 1, 1, 1])
    positive = np.array([0.1, 0.2, 0.7, 0.8, 0.9, 0.4])
    found = measured(
        EvaluatedImages.of(truth, np.arange(6), np.column_stack([1 - positive, positive])),
        Bootstrap(100, 0.95, 1, False),
    )
    assert found["sensitivity"].value == found["specificity"].value == pytest.approx(2 / 3)
    assert np.isnan(found["kappa"].value)


def test_intervals_of_a_perfect_classifier_have_a_width():
    truth = np.arange(30) % 3
    found = measured(EvaluatedImages.of(truth, np.arange(30), np.eye(3)[truth]), HOW)
    for name in ("accuracy", "macro_f1", "kappa", "roc_auc"):
        assert found[name].value == found[name].upper == 1
        assert 0.6 < found[name].lower < 1


def test_a_class_that_does_not_occur_does_not_count():
    truth = np.array([0, 0, 1, 1])
    found = measured(EvaluatedImages.of(truth, np.arange(4), np.eye(3)[[0, 1, 1, 1]]), HOW)
    assert found["macro_f1"].value == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_units_with_several_images_widen_the_interval(evaluated):
    apart = measured(evaluated, HOW)["accuracy"]
    right = np.repeat(np.arange(15) % 3 == 0, 6)
    called = np.where(right, evaluated.truth, (evaluated.truth + 1) % 3)
    together = measured(EvaluatedImages(evaluated.truth, np.arange(90) // 6, evaluated.probability, called), HOW)[
        "accuracy"
    ]
    alone = measured(EvaluatedImages(evaluated.truth, np.arange(90), evaluated.probability, called), HOW)["accuracy"]
    assert together.upper - together.lower > alone.upper - alone.lower
    assert apart.lower < apart.upper


def test_a_difference_is_paired_and_has_a_width_even_at_0(evaluated):
    found = differences(evaluated, evaluated, HOW)
    assert found["accuracy"].value == 0
    assert found["accuracy"].lower < 0 < found["accuracy"].upper
    worse = EvaluatedImages.of(evaluated.truth, evaluated.units, evaluated.probability[::-1])
    assert differences(worse, evaluated, HOW)["roc_auc"].upper < 0
