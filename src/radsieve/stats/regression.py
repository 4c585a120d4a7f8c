"""Logistic and linear regression with the covariance of the coefficients, for odds ratios and differences.

Where several rows belong to one unit, such as a patient, or the spread is not the same for all rows, the covariance is
the sandwich by unit (Liang and Zeger 1986, doi:10.1093/biomet/73.1.13).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, ndtri

from radsieve.stats.paired_tests import repeated
from radsieve.stats.resampling import Estimate

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer]

_STEPS = 40
_SMALL = 1e-10  # of a step: the fit has converged
_ROUNDING = 1e-9  # what is left of a constant column
_EXTREME = 15.0  # of a coefficient of a standardised column: outcomes are separated, and none is finite


@dataclass(frozen=True)
class Regression:
    """coefficients: (p,); covariance: (p, p). NaN in all where the coefficients are not finite or not unique."""

    coefficients: Floats
    covariance: Floats

    def estimate(self, place: int, confidence: float) -> Estimate:
        """The coefficient at `place` with Wald's interval."""
        value, variance = float(self.coefficients[place]), float(self.covariance[place, place])
        if not np.isfinite(variance) or variance <= 0:
            return Estimate(np.nan)
        reach = float(ndtri((1 + confidence) / 2)) * variance**0.5
        return Estimate(value, value - reach, value + reach)


def logistic(
    design: Floats, outcome: Integers, units: Integers | None = None, offset: Floats | None = None
) -> Regression:
    """Maximum likelihood by iteratively reweighted least squares, without a penalty.

    `design` is (n, p), its intercept, if any, included; `outcome` (n,) is 0 or 1; `offset` (n,) is added to the
    log-odds. The covariance is the inverse of the information, or the sandwich where `units` (n,) have several rows.
    """
    if not 0 < outcome.sum() < len(outcome):
        return _undefined(design.shape[1])
    x, back = _standardised(design)
    shift, found = np.zeros(len(design)) if offset is None else offset, np.zeros(x.shape[1])
    if not _full_rank(x):
        return _undefined(x.shape[1])
    for _ in range(_STEPS):
        fitted = expit(x @ found + shift)
        information = (x * (fitted * (1 - fitted))[:, None]).T @ x
        step = _solved(information, x.T @ (outcome - fitted))
        if step is None or np.abs(found).max() > _EXTREME:
            return _undefined(x.shape[1])
        found = found + step * min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < _SMALL:
            break
    else:
        return _undefined(x.shape[1])
    fitted = expit(x @ found + shift)
    bread = _inverse((x * (fitted * (1 - fitted))[:, None]).T @ x)
    if bread is None:
        return _undefined(x.shape[1])
    covariance = bread
    if units is not None and repeated(units):
        covariance = _sandwich(bread, x * (outcome - fitted)[:, None], units)
    return Regression(back @ found, back @ covariance @ back.T)


def linear(design: Floats, outcome: Floats, units: Integers | None = None) -> Regression:
    """Least squares of `outcome` (n,) on `design` (n, p) with the sandwich covariance, each row a unit without `units`.

    So the difference of two shares has an interval as well as that of two means.
    """
    scale = _scale(design)
    x = design / scale
    if not _full_rank(x) or len(x) <= x.shape[1]:
        return _undefined(x.shape[1])
    bread: Floats = np.asarray(np.linalg.inv(x.T @ x), dtype=np.float64)
    found = bread @ (x.T @ outcome)
    residual = outcome - x @ found
    covariance = _sandwich(bread, x * residual[:, None], np.arange(len(x)) if units is None else units)
    return Regression(found / scale, covariance / np.outer(scale, scale))


def _sandwich(bread: Floats, scores: Floats, units: Integers) -> Floats:
    names, place = np.unique(units, return_inverse=True)
    sums = np.zeros((len(names), scores.shape[1]))
    np.add.at(sums, place, scores)
    count = len(names)
    return np.asarray(bread @ (sums.T @ sums * (count / np.float64(count - 1))) @ bread)


def _standardised(design: Floats) -> tuple[Floats, Floats]:
    """The columns with mean 0, if one is constant and not 0, and mean square 1; and the matrix (p, p) that takes their
    coefficients back.

    Columns are centred because the intercept of others is far from 0 where a mean is many standard deviations, as that
    of body temperature is, and outcomes would be taken for separated.
    """
    back = np.eye(design.shape[1])
    constant = np.flatnonzero((np.ptp(design, axis=0) == 0) & (design[0] != 0))
    if len(constant):
        back[constant[0]] = -design.mean(axis=0) / design[0, constant[0]]
        back[constant[0], constant[0]] = 1
    centred = design @ back
    centred[:, np.abs(centred).max(axis=0) <= _ROUNDING * np.abs(design).max(axis=0)] = 0
    back = back / _scale(centred)
    return centred / _scale(centred), back


def _scale(design: Floats) -> Floats:
    spread = np.asarray(np.sqrt((design**2).mean(axis=0)))
    return np.where(spread > 0, spread, 1.0)


def _full_rank(x: Floats) -> bool:
    return bool(np.linalg.matrix_rank(x.T @ x / max(len(x), 1), tol=1e-8) == x.shape[1])


def _solved(matrix: Floats, vector: Floats) -> Floats | None:
    inverse = _inverse(matrix)
    return None if inverse is None else np.asarray(inverse @ vector)


def _inverse(matrix: Floats) -> Floats | None:
    try:
        found = np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        return None
    return np.asarray(found) if np.isfinite(found).all() else None


def _undefined(count: int) -> Regression:
    return Regression(np.full(count, np.nan), np.full((count, count), np.nan))
