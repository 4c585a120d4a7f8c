"""Permutation tests: values worked out by hand, and scikit-learn's area under the curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from radsieve.stats.permutations import p_value, roc_auc, shuffled


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 4)), min_size=2, max_size=30), st.integers(0, 2**32 - 1))
def test_the_area_of_every_row_is_that_of_scikit_learn(pairs, seed):
    labels, values = np.array(pairs).T
    order = np.random.default_rng(seed).permutation(len(labels))
    found = roc_auc(np.stack([labels, labels[order]]), np.stack([values, values]).astype(float))
    if 0 < labels.sum() < len(labels):
        assert found == pytest.approx([roc_auc_score(labels, values), roc_auc_score(labels[order], values)])
    else:
        assert np.isnan(found).all()


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
