"""Permutation tests, many permutations at a time: the labels of each, and the p-values that follow."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.integer]

_TIED = 1e-9  # what sums of the same numbers in another order differ by at most


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


def p_value(observed: npt.ArrayLike, permuted: Floats) -> Floats:
    """One-sided p-values (...): how often the `permuted` values (b, ...) reach at least `observed` (...).

    The observed labels count as a permutation of their own (Phipson and Smyth 2010), so that none is 0. NaN where the
    observed value is NaN.
    """
    reached = (permuted >= np.asarray(observed)).sum(axis=0)
    return np.where(np.isnan(observed), np.nan, (1 + reached) / (1 + len(permuted)))


def max_t(observed: Floats, permuted: Floats) -> Floats:
    """One-sided p-values (m,) of `observed` statistics (m,), corrected for their number by the largest of each
    permutation (b, m): Westfall and Young, Resampling-Based Multiple Testing, 1993, single-step maxT.

    Each statistic is standardised by its permuted values, so that those of different scales compare.
    """
    if not len(observed):
        return np.empty(0)
    spread = np.maximum(permuted.std(axis=0), 1e-12)
    centre = permuted.mean(axis=0)
    largest = ((permuted - centre) / spread).max(axis=1)
    return p_value((observed - centre) / spread - _TIED, largest[:, None])
