"""Permutation tests: values worked out by hand."""

import numpy as np
import pytest

from radsieve.stats.permutations import max_t, p_value, shuffled


def test_the_observed_labels_are_a_permutation_of_their_own():
    permuted = np.array([[1.0], [2.0], [3.0], [4.0]])
    assert p_value([3.0], permuted) == pytest.approx([3 / 5])
    assert p_value(9.0, permuted[:, 0]) == pytest.approx(1 / 5)
    assert np.isnan(p_value([np.nan], permuted)).all()


def test_labels_stay_within_their_stratum():
    labels = np.array([1, 1, 0, 0, 0, 1, 0, 0])
    strata = np.array([0, 1, 0, 1, 0, 1, 0, 1])
    found = shuffled(labels, strata, 200, seed=3)
    assert found.shape == (200, 8)
    for stratum in (0, 1):
        assert (found[:, strata == stratum].sum(axis=1) == labels[strata == stratum].sum()).all()
    assert len(np.unique(found, axis=0)) == 4 * 6  # one of four places, and two of four
    assert (found == shuffled(labels, strata, 200, seed=3)).all()


def test_the_largest_of_all_statistics_is_what_each_is_compared_with():
    # the second is the first in other units, the third never varies
    one = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    permuted = np.stack([one, 100 * one[::-1], np.zeros(5)], axis=1)
    # standardised: 5 of the first and 500 of the second are sqrt(2), and each is reached by two of five permutations
    assert max_t(np.array([5.0, 500.0, 0.0]), permuted) == pytest.approx([3 / 6, 3 / 6, 6 / 6])
    assert max_t(np.array([6.0, 100.0, 0.0]), permuted) == pytest.approx([1 / 6, 6 / 6, 6 / 6])
    assert len(max_t(np.empty(0), np.empty((5, 0)))) == 0
