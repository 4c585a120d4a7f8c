import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm
from sklearn.metrics import roc_auc_score

from radsieve.prefilter.classifiers.score_models import (
    NAMES,
    _all_above_zero,
    _normal_margins,
    score_directions,
    score_model_scores,
)
from radsieve.prefilter.classifiers.split import FoldData


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5), st.integers(0, 1000))
def test_the_probability_that_all_pass_is_that_of_the_normal_distribution(scores, seed):
    generator = np.random.default_rng(seed)
    mixing = generator.normal(size=(scores, scores)) + 2 * np.eye(scores)
    covariance = mixing @ mixing.T / scores
    means = generator.normal(size=(6, scores))
    expected = [multivariate_normal(-mean, covariance).cdf(np.zeros(scores)) for mean in means]
    np.testing.assert_allclose(_all_above_zero(means, covariance), expected, atol=0.015)


def test_one_score_needs_no_draws():
    found = _all_above_zero(np.array([[0.5], [-1.0]]), np.array([[4.0]]))
    np.testing.assert_allclose(found, norm.cdf([0.25, -0.5]), atol=1e-9)


@given(st.lists(st.floats(-5, 1, allow_subnormal=False), min_size=2, max_size=30))
def test_margins_are_above_zero_just_where_scores_are(values):
    scores = np.array(values)[:, None]
    margins = _normal_margins(scores)
    np.testing.assert_array_equal(margins > 0, scores > 0)
    order = np.argsort(scores[:, 0], kind="stable")
    assert (np.diff(margins[order, 0]) >= 0).all()


def generate(rows=1500, components=12, scores=3, seed=0):
    generator = np.random.default_rng(seed)
    latents = generator.uniform(-1, 1, (rows, components)).astype(np.float32)
    table = latents[:, :scores].astype(float) + generator.normal(0, 0.5, (rows, scores)) - 0.5
    target = (table > 0).all(axis=1).astype(np.int8)
    return latents, table, target


def test_they_learn_from_the_scores_and_give_probabilities():
    latents, scores, target = generate()
    split = FoldData(latents[:1000], target[:1000], scores[:1000], latents[1000:], 0)
    for name, found in score_model_scores(split, NAMES).items():
        assert roc_auc_score(target[1000:], found) > 0.8, name
        assert ((found >= 0) & (found <= 1)).all()
        assert found.mean() == pytest.approx(target.mean(), abs=0.03), name


def test_a_monotone_change_of_a_score_changes_nothing():
    latents, scores, target = generate(600)
    changed = np.where(scores > 0, np.sqrt(np.abs(scores)), -np.expm1(np.abs(scores)))
    found, again = (
        score_model_scores(FoldData(latents[:400], target[:400], table[:400], latents[400:], 0), NAMES)
        for table in (scores, changed)
    )
    for name in NAMES:
        np.testing.assert_allclose(found[name], again[name], atol=1e-9)


def test_a_score_that_always_passes_is_no_trouble():
    latents, scores, _ = generate(300)
    scores[:, 1] = np.abs(scores[:, 1]) + 0.1
    target = (scores > 0).all(axis=1).astype(np.int8)
    for name, found in score_model_scores(FoldData(latents, target, scores, latents[:9], 0), NAMES).items():
        assert np.isfinite(found).all(), name


def test_directions_have_length_one_and_point_where_the_score_grows():
    latents, scores, target = generate(900)
    directions = score_directions(FoldData(latents, target, scores, latents[:1], 0))
    np.testing.assert_allclose(np.linalg.norm(directions, axis=0), 1)
    assert (np.abs(directions).argmax(axis=0) == [0, 1, 2]).all()
    constant = score_directions(FoldData(latents, target, np.zeros((900, 1)), latents[:1], 0))
    np.testing.assert_allclose(constant, 0, atol=1e-12)
