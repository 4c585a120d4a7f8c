"""Dawid and Skene's model against their paper of 1979, and on made-up raters whose errors are known."""

import numpy as np
import pytest
from scipy import sparse

from radsieve.curation.agreement import dawid_skene

# Dawid and Skene 1979, table 1: how five anaesthetists classed 45 patients; the first one did so three times.
ANAESTHETISTS = """
111 1 1 1 1, 333 4 3 3 4, 112 2 1 2 2, 222 3 1 2 1, 222 3 2 2 2, 222 3 3 2 2, 122 2 1 1 1, 333 3 4 3 3, 222 2 2 2 3,
232 2 2 2 3, 444 4 4 4 4, 222 3 3 4 3, 111 1 1 1 1, 222 3 2 1 2, 121 1 1 1 1, 111 2 1 1 1, 111 1 1 1 1, 111 1 1 1 1,
222 2 2 2 1, 222 1 3 2 2, 222 2 2 2 2, 222 2 2 2 1, 222 3 2 2 2, 221 2 2 2 2, 111 1 1 1 1, 111 1 1 1 1, 232 2 2 2 2,
111 1 1 1 1, 111 1 1 1 1, 112 1 1 2 1, 111 1 1 1 1, 333 3 2 3 3, 111 1 1 1 1, 222 2 2 2 2, 222 3 2 3 2, 433 4 3 4 3,
221 2 2 3 2, 232 3 2 3 3, 333 3 4 3 2, 111 1 1 1 1, 111 1 1 1 1, 121 2 1 1 1, 232 2 2 2 2, 121 1 1 1 1, 222 2 2 2 2
"""


@pytest.fixture(scope="module")
def ballots():
    counts = np.zeros((45, 5, 4))
    for patient, observers in enumerate(ANAESTHETISTS.split(",")):
        for observer, classes in enumerate(observers.split()):
            for each in classes:
                counts[patient, observer, int(each) - 1] += 1
    assert counts.sum() == 45 * 7
    return sparse.csr_array(counts.reshape(45, 20))


def test_the_paper(ballots):
    fit = dawid_skene.fit(ballots, 4)
    np.testing.assert_allclose(fit.prevalence[0], [0.40, 0.42, 0.11, 0.07], atol=0.005)
    np.testing.assert_allclose(np.diag(fit.confusion[0, 0]), [0.89, 0.88, 0.66, 0.44], atol=0.005)
    assert fit.log_likelihood[-1, 0] == pytest.approx(-192.8909, abs=5e-5)
    assert (np.diff(fit.log_likelihood[:, 0]) >= -1e-9).all()
    assert fit.converged.all()
    np.testing.assert_allclose(fit.posterior.sum(axis=-1), 1)
    np.testing.assert_allclose(fit.confusion.sum(axis=-1), 1)


def test_iteration_limit(ballots):
    fit = dawid_skene.fit(ballots, 4, max_iterations=3)
    assert fit.log_likelihood.shape == (3, 1)
    assert not fit.converged.any()


def test_several_fits_at_once_are_those_of_repeated_items(ballots):
    times = np.random.default_rng(5).integers(0, 3, size=(4, 45))
    together = dawid_skene.fit(ballots, 4, times, max_iterations=25, tolerance=-1)
    for row, resample in enumerate(times):
        repeated = sparse.csr_array(np.repeat(ballots.toarray(), resample, axis=0))
        alone = dawid_skene.fit(repeated, 4, max_iterations=25, tolerance=-1)
        np.testing.assert_allclose(together.log_likelihood[-1, row], alone.log_likelihood[-1, 0])
        np.testing.assert_allclose(together.prevalence[row], alone.prevalence[0], atol=1e-9)
        np.testing.assert_allclose(together.accuracy[row], alone.accuracy[0], atol=1e-9)


def test_skill_of_known_raters_with_missing_ratings():
    generator = np.random.default_rng(3)
    truth = generator.integers(0, 3, size=3000)
    skill = np.array([0.95, 0.85, 0.75, 0.6])
    right = generator.random((3000, 4)) < skill
    wrong = (truth[:, None] + generator.integers(1, 3, size=(3000, 4))) % 3
    codes = np.where(right, truth[:, None], wrong)
    codes[generator.random((3000, 4)) < 0.3] = -1
    fit = dawid_skene.fit(dawid_skene.votes(codes, 3), 3)
    np.testing.assert_allclose(fit.accuracy[0], skill, atol=0.03)
    found = fit.posterior[:, 0].argmax(axis=1)
    majority = dawid_skene.majority(dawid_skene.votes(codes, 3), 3).argmax(axis=1)
    assert (found == truth).mean() > (majority == truth).mean()


def test_votes_and_majority():
    ballots = dawid_skene.votes(np.array([[0, 1], [-1, 1], [-1, -1]]), 2)
    assert ballots.toarray().tolist() == [[1, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]]
    assert dawid_skene.majority(ballots, 2).tolist() == [[0.5, 0.5], [0, 1], [0.5, 0.5]]


def test_a_rater_without_ratings_and_a_label_that_never_occurs_are_nan():
    fit = dawid_skene.fit(dawid_skene.votes(np.array([[0, 0, -1], [0, 0, -1]]), 2), 2)
    assert fit.accuracy[0, :2].tolist() == [1, 1]
    assert np.isnan(fit.accuracy[0, 2])
    assert np.isnan(fit.confusion[0, 0, 1]).all()
    assert fit.posterior[:, 0].tolist() == [[1, 0], [1, 0]]
    assert fit.log_likelihood[-1, 0] == 0


def test_a_lone_label_is_true_without_smoothing_and_false_with():
    """R1 alone says 1 of the first item, R3 alone 2 of the second: a degenerate maximum makes both certain."""
    codes = np.zeros((12, 3), dtype=int)
    codes[0, 0], codes[1, 2] = 1, 2
    ballots = dawid_skene.votes(codes, 3)
    plain = dawid_skene.fit(ballots, 3).posterior[:2, 0]
    assert plain.argmax(axis=1).tolist() == [1, 2]
    assert plain.max() > 0.99
    smoothed = dawid_skene.fit(ballots, 3, smoothing=0.01)
    assert smoothed.posterior[:2, 0].argmax(axis=1).tolist() == [0, 0]
    assert (np.diff(smoothed.log_likelihood[:, 0]) >= -1e-9).all()
