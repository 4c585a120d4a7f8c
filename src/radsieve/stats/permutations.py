"""Permutation tests, many permutations at a time: the labels of each, the measure of each, and what they tell."""

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.integer]


def shuffled(labels: Flags, strata: Flags, permutations: int, seed: int) -> npt.NDArray[np.int64]:
    """Shuffle `labels` (n,) within each of `strata` (n,), so many times: (permutations, n).

    Every stratum keeps its number of each label, as stratified folds must.
    """
    generator = np.random.default_rng(seed)
    found = np.tile(labels.astype(np.int64), (permutations, 1))
    for stratum in np.unique(strata):
        here = strata == stratum
        found[:, here] = generator.permuted(found[:, here], axis=1)
    return found


def roc_auc(labels: Flags, values: Floats) -> Floats:
    """Area under the receiver operating characteristic of each row of `labels` (b, n) and `values` (b, n).

    Labels are 0 or 1; ties count half (the Mann-Whitney statistic). NaN where a row has one label only.
    """
    positives = labels.sum(axis=1)
    pairs = positives * (labels.shape[1] - positives)
    above = (rankdata(values, axis=1) * labels).sum(axis=1) - positives * (positives + 1) / 2
    return np.where(pairs > 0, above / np.maximum(pairs, 1), np.nan)


def p_value(observed: npt.ArrayLike, permuted: Floats) -> Floats:
    """One-sided p-values (...): how often chance reaches at least `observed` (...), by its `permuted` values (b, ...).

    The observed labels count as a permutation of their own (Phipson and Smyth 2010), so that none is 0. NaN where
    nothing was observed.
    """
    reached = (permuted >= np.asarray(observed)).sum(axis=0)
    return np.where(np.isnan(observed), np.nan, (1 + reached) / (1 + len(permuted)))
