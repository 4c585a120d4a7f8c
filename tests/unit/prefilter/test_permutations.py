"""Permutation tests: values worked out by hand."""

import numpy as np
import pytest

from radsieve.prefilter.permutations import p_value, shuffled


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
