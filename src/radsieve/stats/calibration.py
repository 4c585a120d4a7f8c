"""How well probabilities agree with what happens: intercept and slope of calibration, with a bootstrap of units.

The outcome is regressed on the logit of the probability (Cox 1958, doi:10.1093/biomet/45.3-4.562). The slope is 1 if
probabilities are as extreme as they should be, below 1 if too extreme; the intercept, with the slope held at 1
(calibration in the large), is 0 if they are right on average, above 0 if too low (Van Calster et al. 2019,
doi:10.1186/s12916-019-1466-7).
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from radsieve.stats import resampling
from radsieve.stats.resampling import Estimate

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.integer]

_NEAREST = 1e-7  # of a probability to 0 and 1: single precision rounds to both
_STEPS = 60
_SMALL = 1e-12  # of a step: the fit has converged


def intercepts(truth: Flags, probability: Floats, weights: Floats) -> Floats:
    """Return the intercept for each row of `weights` (resamples, n), which says how often an item counts.

    `truth` (n,) is 0 or 1. Where only one label occurs it is infinite.
    """
    logits = _logits(probability)
    events, count = weights @ truth, weights.sum(axis=1)
    found, finite = np.zeros(len(weights)), (events > 0) & (events < count)
    for _ in range(_STEPS):
        fitted = expit(found[:, None] + logits)
        gradient = events - (weights * fitted).sum(axis=1)
        curvature = (weights * fitted * (1 - fitted)).sum(axis=1)
        step = np.clip(gradient / np.maximum(curvature, 1e-9), -2, 2)
        found += step
        if np.abs(step[finite]).max(initial=0) < _SMALL:
            break
    return np.where(events == 0, -np.inf, np.where(events == count, np.inf, found))


def slopes(truth: Flags, probability: Floats, weights: Floats) -> Floats:
    """Return the slope for each row of `weights`, as `intercepts` does.

    Infinite where the probabilities separate the labels, NaN where only one label or one probability occurs.
    """
    logits = _logits(probability)
    events, count = weights @ truth, weights.sum(axis=1)
    alike = weights @ logits**2 * count - (weights @ logits) ** 2 < 1e-9
    above, below = _separated(truth, logits, weights), _separated(1 - truth, logits, weights)
    finite = ~(alike | above | below)  # also where only one label occurs, which separates it from none
    intercept, slope = np.zeros(len(weights)), np.ones(len(weights))
    for _ in range(_STEPS):
        fitted = expit(intercept[:, None] + slope[:, None] * logits)
        residual, spread = weights * (truth - fitted), weights * fitted * (1 - fitted)
        gradient = residual.sum(axis=1), residual @ logits
        a, b, c = spread.sum(axis=1), spread @ logits, spread @ logits**2
        determinant = np.maximum(a * c - b**2, 1e-12)
        steps = (c * gradient[0] - b * gradient[1]) / determinant, (a * gradient[1] - b * gradient[0]) / determinant
        shorter = np.minimum(1, 2 / np.maximum(np.maximum(*map(np.abs, steps)), 1e-12))
        intercept, slope = intercept + shorter * steps[0], slope + shorter * steps[1]
        if np.maximum(*map(np.abs, steps))[finite].max(initial=0) < _SMALL:
            break
    found = np.where(above, np.inf, np.where(below, -np.inf, slope))
    return np.where((events == 0) | (events == count) | alike, np.nan, found)


def with_interval(
    measure: Callable[[Flags, Floats, Floats], Floats],
    truth: Flags,
    probability: Floats,
    units: Flags,
    resamples: int,
    confidence: float,
    seed: int,
) -> Estimate:
    """Return `measure` (`intercepts`, `slopes`) with its percentile interval from a bootstrap of `units` (n,).

    Resamples in which it is infinite count as such: a bound may be infinite. NaN where it is not defined.
    """
    value = float(measure(truth, probability, np.ones((1, len(truth))))[0])
    patterns = resampling.patterns(np.arange(len(truth))[:, None], units)
    drawn = [measure(truth, probability, block[:, patterns.of_item]) for block in patterns.resamples(resamples, seed)]
    defined = np.concatenate(drawn)
    defined = defined[~np.isnan(defined)]
    if np.isnan(value) or 2 * len(defined) < resamples:
        return Estimate(value)
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    lower, upper = np.quantile(defined, tails, method="inverted_cdf")  # which reads no mean of infinite values
    return Estimate(value, float(lower), float(upper))


def _separated(upper: Flags, logits: Floats, weights: Floats) -> npt.NDArray[np.bool_]:
    """Whether, in each row of `weights`, no item outside of `upper` (n,) lies above one in it."""
    counted = weights > 0
    lowest = np.where(counted & (upper == 1), logits, np.inf).min(axis=1)
    highest = np.where(counted & (upper == 0), logits, -np.inf).max(axis=1)
    return np.asarray(highest <= lowest)


def _logits(probability: Floats) -> Floats:
    found: Floats = logit(np.clip(np.asarray(probability, dtype=float), _NEAREST, 1 - _NEAREST))
    return found
