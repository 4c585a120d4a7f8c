"""Logistic regressions of latents: those of scikit-learn, and what becomes of constant components and classes."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from radsieve.prefilter.classifiers.logistic import STRENGTHS, LogisticModel, constant, fit_logistic


@pytest.fixture(scope="module")
def rows():
    generator = np.random.default_rng(1)
    latents = generator.uniform(-1, 1, (2000, 8)).astype(np.float32)
    return latents, (latents[:, 0] + generator.normal(size=2000) > 1).astype(np.int8)


@pytest.mark.parametrize("name", STRENGTHS)
def test_equal_to_scikit_learn_in_double_precision(rows, name):
    latents, target = rows
    expected = LogisticRegression(C=STRENGTHS[name], tol=1e-10, max_iter=10_000).fit(latents.astype(float), target)
    found = fit_logistic(name, latents, target)
    np.testing.assert_allclose(found.weights, expected.coef_[0], atol=2e-3)
    np.testing.assert_allclose(
        found.probability(latents), expected.predict_proba(latents.astype(float))[:, 1], atol=1e-3
    )


def test_a_constant_component_gets_no_weight(rows):
    latents, target = rows
    same = latents.copy()
    same[:, 3] = 0.7
    assert np.flatnonzero(constant(same)).tolist() == [3]
    found = fit_logistic("LogReg1", same, target)
    without = fit_logistic("LogReg1", np.delete(same, 3, axis=1), target)
    assert found.weights[3] == 0
    np.testing.assert_allclose(np.delete(found.weights, 3), without.weights, atol=2e-3)


@pytest.mark.parametrize(("good", "probability"), [(0, 1 / 12), (1, 11 / 12)])
def test_one_class_only_gives_laplaces_rate(good, probability):
    found = fit_logistic("LogReg1", np.zeros((10, 3), dtype=np.float32), np.full(10, good))
    np.testing.assert_allclose(found.probability(np.ones((4, 3))), probability)


def test_margins_by_hand():
    model = LogisticModel(np.array([1.0, -2.0]), 0.5)
    np.testing.assert_allclose(model.margins(np.array([[1, 1], [0.5, 0.25]], dtype=np.float32)), [-0.5, 0.5])
