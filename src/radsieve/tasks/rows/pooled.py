"""What the predictions of all folds together are worth: precision, squared error, and calibration, with intervals.

PR-AUC, Brier score and Brier skill have a bootstrap of units. All models share its resamples, and the rows of each are
sorted by their score once: a resample only counts how often each unit is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from radsieve.stats import regression, resampling
from radsieve.stats.resampling import Estimate

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_NEAREST = 1e-7  # of a probability to 0 and 1
_ALIKE = 0.01  # standard deviation of log-odds up to which a slope means nothing: the shares of positive rows by fold
_BINS = 10  # of the expected calibration error, with as many rows each as equal probabilities allow


@dataclass(frozen=True)
class Pooled:
    """pr_auc: average precision; brier: mean squared error of the probability; brier_skill: by how much, relatively,
    that is below the error of the share of positive rows as the probability of all; without a width, no interval.
    """

    pr_auc: Estimate
    brier: Estimate
    brier_skill: Estimate


def pooled(
    truth: Integers, scores: Sequence[Floats], units: Integers, resamples: int, confidence: float, seed: int
) -> list[Pooled]:
    """Return the measures of each of `scores` (n,), probabilities of `truth` (n,) with rows of `units` (n,)."""
    ranked = [_Ranked.of(truth, score) for score in scores]
    names, place = np.unique(units, return_inverse=True)
    random = np.random.default_rng(seed)
    drawn = np.full((resamples, len(ranked), 3), np.nan)
    for number in range(resamples):
        times = np.bincount(random.integers(len(names), size=len(names)), minlength=len(names)).astype(float)
        weights = times[place]
        if 0 < (weights * truth).sum() < weights.sum():
            drawn[number] = [one.measures(weights) for one in ranked]
    once = np.ones(len(truth))
    found = []
    for model, one in enumerate(ranked):
        estimates = []
        for measure, value in enumerate(one.measures(once)):
            lower, upper = resampling.interval(drawn[:, model, measure], confidence)
            estimates.append(Estimate(value, lower, upper) if lower < upper else Estimate(value))
        found.append(Pooled(*estimates))
    return found


@dataclass(frozen=True)
class _Ranked:
    """Rows in descending order of a score, and the last row (t,) of each of its t values."""

    order: Integers
    last: Integers
    truth: Floats
    error: Floats

    @classmethod
    def of(cls, truth: Integers, score: Floats) -> "_Ranked":
        order = np.argsort(-score, kind="stable")
        last = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
        return cls(order, last, truth[order].astype(float), (score[order] - truth[order]) ** 2)

    def measures(self, weights: Floats) -> tuple[float, float, float]:
        """Average precision, Brier score and skill where row i counts `weights[i]` times, of both outcomes some."""
        ranked = weights[self.order]
        positive = np.cumsum(ranked * self.truth)[self.last]
        reached = np.cumsum(ranked)[self.last]
        gained = np.diff(positive, prepend=0)
        precision = np.divide(positive, reached, out=np.zeros_like(reached), where=reached > 0)
        share = positive[-1] / reached[-1]
        brier = float(ranked @ self.error / reached[-1])
        return float(gained @ precision / positive[-1]), brier, 1 - brier / float(share * (1 - share))


@dataclass(frozen=True)
class Calibrated:
    """intercept: 0 if probabilities are right on average, above 0 if too low; slope: 1 if as extreme as they should be,
    below 1 if too extreme; error: the expected calibration error; by_chance: its mean if the outcomes were drawn with
    these very probabilities.
    """

    intercept: Estimate
    slope: Estimate
    error: float
    by_chance: float


def calibrated(truth: Integers, score: Floats, units: Integers, confidence: float) -> Calibrated:
    """How well the probabilities `score` (n,) agree with `truth` (n,).

    The outcome is regressed on the log-odds of the probability (Cox 1958, doi:10.1093/biomet/45.3-4.562; Van Calster
    and others 2019, doi:10.1186/s12916-019-1466-7), with Wald's intervals, by unit where units have several rows; the
    intercept is that with a slope of 1. The expected calibration error (Naeini and others 2015,
    doi:10.1609/aaai.v29i1.9602) is the mean distance of the share of positive rows from the mean probability in ten
    bins of about as many rows, by rows; it is above 0 by chance, too.
    """
    odds = logit(np.clip(score, _NEAREST, 1 - _NEAREST))
    one = np.ones((len(truth), 1))
    intercept = regression.logistic(one, truth, units, offset=odds).estimate(0, confidence)
    slope = Estimate(np.nan)
    if odds.std() > _ALIKE:
        slope = regression.logistic(np.column_stack([one, odds]), truth, units).estimate(1, confidence)
    edges = np.quantile(score, np.linspace(0, 1, _BINS + 1)[1:-1])
    place = np.searchsorted(edges, score, side="left")
    gap, spread = (np.bincount(place, weights=of, minlength=_BINS) for of in (truth - score, score * (1 - score)))
    error = float(np.abs(gap).sum() / len(truth))
    return Calibrated(intercept, slope, error, float(np.sqrt(2 / np.pi * spread).sum() / len(truth)))
