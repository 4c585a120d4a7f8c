"""Tests of whether a difference between two cross-validated models is more than chance."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, t

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tested:
    """A difference with its interval and two-sided p-value."""

    difference: float
    lower: float
    upper: float
    p_value: float


def corrected_t(values: Floats, confidence: float) -> Tested:
    """Test differences (groups, folds) of cross-validated models against 0.

    In a group it is the corrected resampled t-test (Nadeau and Bengio 2003): folds share training rows, so the variance
    of the mean over k folds is taken as (1 / k + 1 / (k - 1)) s^2, with 1 / (k - 1) the ratio of held-back to training
    rows, instead of s^2 / k. Groups are independent and weigh alike; s^2 is their mean, of groups (k - 1) degrees of
    freedom. NaN in the differences makes all NaN.
    """
    groups, folds = values.shape
    freedom = groups * (folds - 1)
    variance = float(values.var(axis=1, ddof=1).mean()) * (1 / folds + 1 / (folds - 1)) / groups
    return _tested(float(values.mean()), np.sqrt(variance), t(freedom), confidence)


def normal_test(difference: float, variance: float, confidence: float) -> Tested:
    """Test a difference that is normal with a known `variance`."""
    return _tested(difference, np.sqrt(max(variance, 0.0)), norm(), confidence)


def holm(p_values: npt.ArrayLike) -> Floats:
    """Holm's (1979) adjustment (m,) of p-values (m,) for m tests at once; NaN stay NaN and do not count."""
    # not statsmodels: 67 MB for these lines, and it does not leave NaN out
    values = np.asarray(p_values, dtype=float)
    found = np.full(len(values), np.nan)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    steps = values[order] * np.arange(len(order), 0, -1)
    found[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return found


def _tested(difference: float, error: float, distribution: Any, confidence: float) -> Tested:
    """The interval and p-value of `difference`; without any spread, 1 for no difference and 0 for another."""
    reach = float(distribution.ppf((1 + confidence) / 2)) * error
    if error == 0:
        return Tested(difference, difference, difference, float(difference == 0))
    p_value = 2 * float(distribution.sf(abs(difference) / error))
    return Tested(difference, difference - reach, difference + reach, p_value)
