"""Logistic regressions that share slopes: between the thresholds of an ordered target, or between groups."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from radsieve.prefilter.classifiers.logistic import LogisticModel
from radsieve.prefilter.classifiers.split import Flags, Floats, Latents

_TOLERANCE = 1e-6  # of the gradient, for each row
_ITERATIONS = 500


def fit_ordered(latents: Latents, above: npt.NDArray[np.bool_], c: float) -> list[LogisticModel]:
    """Fit a common slope and an intercept for each threshold to `above` (n, k): which thresholds each row exceeds.

    Minimises the mean over thresholds of the logistic loss, summed over rows, plus |slope|^2 / (2 c): the all-threshold
    loss of Rennie and Srebro (2005). Returns the model of each threshold.
    """
    known, components = latents.astype(float), latents.shape[1]
    signs = np.where(above, 1.0, -1.0)
    thresholds = signs.shape[1]

    def loss(flat: Floats) -> tuple[float, Floats]:
        slope, intercepts = flat[:components], flat[components:]
        value, pull = _logistic((known @ slope)[:, None] + intercepts, signs)
        down = known.T @ pull.sum(axis=1) / thresholds + slope / c
        return value / thresholds + slope @ slope / (2 * c), np.append(down, pull.sum(axis=0) / thresholds)

    start = np.append(np.zeros(components), _log_odds(above.mean(axis=0)))
    found = _minimum(loss, start, len(known))
    return [LogisticModel(found[:components], float(intercept)) for intercept in found[components:]]


def fit_groups(rows: Sequence[tuple[Latents, Flags]], c: float, c_own: float | None) -> list[LogisticModel]:
    """Fit one model to several groups, given as latents (n, d) and target (n,): a slope that they share.

    Each has an intercept of its own, and, unless `c_own` is None, a slope that is added to the shared one. The penalty
    is |shared|^2 / (2 c) + sum of |own|^2 / (2 c_own). Returns the model of each group.
    """
    known = [latents.astype(float) for latents, _ in rows]
    signs = [np.where(target == 1, 1.0, -1.0) for _, target in rows]
    components, groups = known[0].shape[1], len(rows)
    slopes = groups + 1 if c_own else 1
    strengths = np.array([c] + [c_own] * (slopes - 1))

    def loss(flat: Floats) -> tuple[float, Floats]:
        slope, intercepts = flat[groups:].reshape(slopes, components), flat[:groups]
        down = np.zeros_like(flat)
        downhill = down[groups:].reshape(slopes, components)
        downhill += slope / strengths[:, None]
        total = float((slope**2 / strengths[:, None]).sum() / 2)
        for place, (latents, sign) in enumerate(zip(known, signs, strict=True)):
            value, pull = _logistic(latents @ (slope[0] + (slope[place + 1] if c_own else 0)) + intercepts[place], sign)
            total += value
            step = latents.T @ pull
            downhill[0] += step
            if c_own:
                downhill[place + 1] += step
            down[place] = pull.sum()
        return total, down

    start = np.append([_log_odds((sign > 0).mean()) for sign in signs], np.zeros(slopes * components))
    found = _minimum(loss, start, sum(map(len, known)))
    slope = found[groups:].reshape(slopes, components)
    own = slope[1:] if c_own else np.zeros((groups, components))
    return [LogisticModel(slope[0] + own[place], float(found[place])) for place in range(groups)]


def _log_odds(share: npt.ArrayLike) -> Floats:
    inside = np.clip(share, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)))


def _logistic(margins: Floats, signs: Floats) -> tuple[float, Floats]:
    """The summed loss log(1 + exp(-sign margin)) and its derivative by each margin."""
    return float(np.logaddexp(0, -signs * margins).sum()), -signs * expit(-signs * margins)


def _minimum(loss: Callable[[Floats], tuple[float, Floats]], start: Floats, rows: int) -> Floats:
    scaled = minimize(
        lambda flat: tuple(part / rows for part in loss(flat)),
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _ITERATIONS, "gtol": _TOLERANCE, "ftol": 1e-12},
    )
    return np.asarray(scaled.x)
