import numpy as np
import pytest
from scipy.optimize import nnls
from sklearn.metrics import roc_auc_score
from sklearn.svm import SVC

from radsieve.prefilter.classifiers import support_vectors
from radsieve.prefilter.classifiers.split import FoldData
from radsieve.prefilter.classifiers.support_vectors import KERNELS, NAMES, support_vector_scores


def make_split(rows, components, rate, seed, signal=0.55):
    """Latents as the twin has them: uniform, one direction that tells, the best share `rate` of the rows good."""
    generator = np.random.default_rng(seed)
    latents = generator.uniform(-1, 1, (rows, components)).astype(np.float32)
    direction = generator.normal(size=components)
    score = signal * np.sqrt(3) * latents @ direction / np.linalg.norm(direction) + generator.normal(size=rows)
    score -= np.quantile(score, 1 - rate)
    target = (score > 0).astype(np.int8)
    known = np.arange(rows) % 3 > 0
    return FoldData(latents[known], target[known], score[known, None], latents[~known], seed), target[~known]


@pytest.mark.parametrize("rate", [0.05, 0.4])
@pytest.mark.parametrize("name", NAMES)
def test_as_scikit_learn_by_kernel(name, rate):
    split, truth = make_split(900, 40, rate, seed=3)
    machine = SVC(kernel=KERNELS[name]).fit(split.latents.astype(float), split.target)
    expected = machine.decision_function(split.held_out.astype(float))
    found = support_vector_scores(split, (name,))[name]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)
    assert roc_auc_score(truth, found) == pytest.approx(roc_auc_score(truth, expected), abs=1e-12)


def test_many_rows_are_left_to_libsvm(monkeypatch):
    split, _ = make_split(300, 10, 0.2, seed=1)
    expected = support_vector_scores(split, NAMES)
    monkeypatch.setattr(support_vectors, "_ROWS", 100)
    for name, scores in support_vector_scores(split, NAMES).items():
        np.testing.assert_allclose(scores, expected[name], rtol=0, atol=1e-8)


def test_together_as_one_by_one():
    split, _ = make_split(300, 10, 0.2, seed=1)
    together = support_vector_scores(split, NAMES)
    for name in NAMES:
        np.testing.assert_array_equal(together[name], support_vector_scores(split, (name,))[name])


def test_where_the_mean_of_the_good_can_be_mixed_from_the_bad_the_linear_optimum_is_zero():
    # With w = 0 and b = -1 the hinge loss is 2 for each good row. Weights in [0, 1] of the bad rows with the same sum
    # and the same sum of latents as the good ones are dual variables that prove that no w does better.
    split, _ = make_split(900, 10, 0.04, seed=2)
    good, bad = split.latents[split.target == 1].astype(float), split.latents[split.target == 0].astype(float)
    wanted = np.append(good.sum(axis=0), len(good))
    upper = np.hstack([np.eye(len(bad)), np.eye(len(bad))])  # weight + slack = 1
    lower = np.hstack([np.vstack([bad.T, np.ones(len(bad))]), np.zeros((11, len(bad)))])
    _, residual = nnls(np.vstack([lower, upper]), np.append(wanted, np.ones(len(bad))), maxiter=20_000)
    assert residual < 1e-8
    machine = SVC(kernel="linear", tol=1e-6).fit(split.latents.astype(float), split.target)
    assert np.abs(machine.coef_).max() < 1e-3
    assert machine.intercept_[0] == pytest.approx(-1, abs=1e-3)


def test_latents_that_are_all_equal_have_one_score():
    latents = np.ones((20, 4), dtype=np.float32)
    target = np.repeat([0, 1], 10).astype(np.int8)
    split = FoldData(latents, target, target[:, None] - 0.5, latents[:3], 0)
    for scores in support_vector_scores(split, NAMES).values():
        assert np.isfinite(scores).all()
        assert np.ptp(scores) < 1e-12
