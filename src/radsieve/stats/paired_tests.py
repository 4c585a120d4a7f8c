"""Whether models differ by more than chance on the same rows: areas under their curves, and paired tests."""

from dataclasses import dataclass
from math import isnan, nan, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, rankdata, t

from radsieve.stats.resampling import Estimate, clustered_share, difference, share

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer]
Values = npt.NDArray[np.bool_] | npt.NDArray[np.floating]


@dataclass(frozen=True)
class Areas:
    """means: (models,) in [0, 1]; covariance: (models, models), that of another sample of rows for the same models."""

    means: Floats
    covariance: Floats


def areas(truth: Integers, scores: Floats, units: Integers | None = None) -> Areas:
    """Areas of `scores` (n, models) on `truth` (n,), 0 or 1, with DeLong's covariance (DeLong et al. 1988).

    Ties count half. Computed from ranks (Sun and Xu 2014); NaN in the covariance with fewer than two rows of a class.
    Rows that share a number in `units` (n,), such as a patient's, are not independent: then the covariance is that of
    Obuchowski 1997 (doi:10.2307/2533958), which is DeLong's where no unit has two rows, and NaN with fewer than two
    units of a class.

    >>> import numpy as np
    >>> from radsieve.stats.paired_tests import areas
    >>> found = areas(np.array([0, 0, 1, 1]), np.array([[0.1, 0.5], [0.4, 0.2], [0.35, 0.8], [0.8, 0.8]]))
    >>> found.means
    array([0.75, 1.  ])
    """
    good = truth == 1
    goods, bads = int(good.sum()), int((~good).sum())
    ranks = rankdata(scores, axis=0)
    of_good = (ranks[good] - rankdata(scores[good], axis=0)) / bads  # share of bad rows that a good one exceeds
    of_bad = 1 - (ranks[~good] - rankdata(scores[~good], axis=0)) / goods
    means = of_good.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        if repeated(units):
            return Areas(means, _clustered(good, of_good - means, of_bad - means, np.asarray(units)))
        covariance = sum(
            (part - part.mean(axis=0)).T @ (part - part.mean(axis=0)) / np.float64(len(part) - 1) / len(part)
            for part in (of_good, of_bad)
        )
    return Areas(means, np.asarray(covariance))


def repeated(units: Integers | None) -> bool:
    """Whether rows have `units` (n,), some of which have several."""
    return units is not None and len(np.unique(units)) < len(units)


def _clustered(good: npt.NDArray[np.bool_], of_good: Floats, of_bad: Floats, units: Integers) -> Floats:
    """Obuchowski's covariance (models, models), from how far each good and each bad row is from the areas."""
    names, place = np.unique(units, return_inverse=True)
    sums = []
    for rows, parts in ((good, of_good), (~good, of_bad)):
        of_unit = np.zeros((len(names), parts.shape[1]))
        np.add.at(of_unit, place[rows], parts)
        with_any = np.float64(len(np.unique(place[rows])))
        sums.append((of_unit, with_any / (with_any - 1), len(parts)))
    (first, scale_first, goods), (second, scale_second, bads) = sums
    across = len(names) / np.float64(len(names) - 1) * first.T @ second / (goods * bads)
    within = scale_first * first.T @ first / goods**2 + scale_second * second.T @ second / bads**2
    return np.asarray(within + across + across.T)


def mean_areas(parts: list[Areas]) -> Areas:
    """The mean of the areas of independent samples, such as folds or groups, all with the same weight."""
    return Areas(
        np.mean([part.means for part in parts], axis=0),
        np.sum([part.covariance for part in parts], axis=0) / len(parts) ** 2,
    )


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
    of the mean over k folds is taken as (1 / k + 1 / (k - 1)) s^2, with 1 / (k - 1) the ratio of held-out to training
    rows, instead of s^2 / k. Groups are independent and have the same weight; s^2 is their mean, of groups (k - 1)
    degrees of freedom. NaN in the differences makes all NaN.
    """
    groups, folds = values.shape
    freedom = groups * (folds - 1)
    variance = float(values.var(axis=1, ddof=1).mean()) * (1 / folds + 1 / (folds - 1)) / groups
    return _tested(float(values.mean()), np.sqrt(variance), t(freedom), confidence)


def normal_test(difference: float, variance: float, confidence: float) -> Tested:
    """Test a difference that is normal with a known `variance`."""
    return _tested(difference, np.sqrt(max(variance, 0.0)), norm(), confidence)


def p_of_interval(found: Estimate, confidence: float) -> float:
    """The two-sided p-value of 0 that goes with the interval of a difference, below 1 - `confidence` if it excludes 0.

    The side of the interval that faces 0 is taken for that of a normal distribution (Altman and Bland 2011,
    doi:10.1136/bmj.d2304). NaN without an interval.

    >>> from radsieve.stats.paired_tests import p_of_interval
    >>> from radsieve.stats.resampling import Estimate
    >>> round(p_of_interval(Estimate(-0.2, -0.5, 0.0), 0.95), 3)
    0.05
    """
    reach = found.value - found.lower if found.value > 0 else found.upper - found.value
    if isnan(reach) or not reach > 0:
        return nan
    return float(2 * norm.sf(abs(found.value) / reach * norm.ppf((1 + confidence) / 2)))


def share_difference(
    after: npt.NDArray[np.bool_],
    before: npt.NDArray[np.bool_],
    confidence: float,
    units: Integers | None = None,
) -> Estimate:
    """The share of `after` (n,) minus that of `before` (n,), which are of the same items, with its interval.

    Wilson's intervals of the two, combined with their correlation (Newcombe 1998, method 10,
    doi:10.1002/(sici)1097-0258(19981130)17:22<2635::aid-sim954>3.0.co;2-c): it has a width even where no item changes.
    Where `units` (n,) have several items each, the two intervals are those of `clustered_wilson`, and the correlation
    is that of the units, with Newcombe's correction for as many items as would tell as much if each were a unit. Not
    defined without items.
    """
    n = len(after)
    if not n:
        return Estimate(np.nan)
    both, neither = int((after & before).sum()), int((~after & ~before).sum())
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    if units is not None and repeated(units):
        first, second = (clustered_share(one, units, confidence) for one in (after, before))
        phi = correlation_of_units(after, before, units)
    else:
        margins = (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
        excess = float(both * neither - gained * lost)
        excess = max(excess - n / 2, 0.0) if excess > 0 else excess
        phi = excess / sqrt(margins) if margins else 0.0  # NumPy has no root of an integer beyond 64 bits
        first, second = (share(int(one.sum()), n, confidence) for one in (after, before))
    return difference(first, second, correlation=phi)


def correlation_of_units(after: Values, before: Values, units: Integers) -> float:
    """How far two shares vary together over units: that of the sums of their residuals, above 0 with a correction for
    continuity, by their effective numbers of items; 0 where one does not vary."""
    place = np.unique(units, return_inverse=True)[1]
    first, second = (np.bincount(place, weights=one - one.mean()) for one in (after, before))
    spread = float(np.sqrt((first @ first) * (second @ second)))
    if not spread:
        return 0.0
    found = float(first @ second) / spread
    correction = spread / (2 * (len(units) * float(after.std() * before.std())) ** 2)
    return max(found - correction, 0.0) if found > 0 else found


def holm(p_values: npt.ArrayLike) -> Floats:
    """Holm's (1979) adjustment (m,) of p-values (m,) for m tests at once; NaN stays NaN and does not count."""
    # not statsmodels: 67 MB for these lines, and it does not skip NaN
    values = np.asarray(p_values, dtype=float)
    found = np.full(len(values), np.nan)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    steps = values[order] * np.arange(len(order), 0, -1)
    found[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return found


def _tested(difference: float, error: float, distribution: Any, confidence: float) -> Tested:
    """The interval and p-value of `difference`; without any spread, p is 1 for no difference and 0 otherwise."""
    reach = float(distribution.ppf((1 + confidence) / 2)) * error
    if error == 0:
        return Tested(difference, difference, difference, float(difference == 0))
    p_value = 2 * float(distribution.sf(abs(difference) / error))
    return Tested(difference, difference - reach, difference + reach, p_value)
