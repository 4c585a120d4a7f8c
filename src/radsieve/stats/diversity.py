"""How diverse a set of points is: spread and coverage, in the space of latents or of any features of images.

- mean_distance: the mean Euclidean distance of two points.
- log_volume: the logarithm of the determinant of the covariance (Ledoit and Wolf's estimate, which works with few
  points); a difference of log 2 halves the volume that the points fill.
- coverage: the share of the reference points that have a kept point within the distance of their 5th nearest neighbour
  in the reference (see `radsieve.stats.distances`).

All are computed on at most 2,000 points: of more, evenly spaced ones stand for all.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.covariance import ledoit_wolf

from radsieve.stats import resampling
from radsieve.stats.distances import coverage, neighbourhoods
from radsieve.stats.permutations import p_value

Points = npt.NDArray[np.floating]
Floats = npt.NDArray[np.float64]

MEASURES = ("mean_distance", "log_volume", "coverage")
_MAXIMUM = 2000


def measure(kept: Points, reference: Points) -> dict[str, float]:
    """Return MEASURES of `kept` (n, d), the coverage being that of `reference` (m, d); NaN for fewer than two points.

    The two are sets of their own, such as good images from sieved and from unsieved latents. Features of different
    units must be scaled before.
    """
    kept, reference = evenly(kept), evenly(reference)
    if len(kept) < 2 or len(reference) < 2:
        return dict.fromkeys(MEASURES, float("nan"))
    return {
        "mean_distance": float(cdist(kept, kept).sum() / (len(kept) * (len(kept) - 1))),
        "log_volume": _log_volume(kept),
        "coverage": coverage(kept, reference),
    }


def against_chance(
    points: Points, kept: npt.NDArray[np.bool_], subsets: int, confidence: float, seed: int
) -> pd.DataFrame:
    """Compare those of `points` (m, d) that are `kept` (m,) with `subsets` random choices of as many.

    A row per measure: `value`; `chance`, the mean over the random subsets, with the interval `lower` to `upper` that
    holds `confidence` of them; `p_value`, one-sided: how often random choices keep as little. A point covers others,
    not itself. NaN if fewer than two points are kept.
    """
    points, kept = evenly(points), evenly(kept)
    size = int(kept.sum())
    if size < 2:
        empty = np.full((len(MEASURES), 5), np.nan)
        return pd.DataFrame(empty, columns=["value", "chance", "lower", "upper", "p_value"]).assign(measure=MEASURES)
    chosen = np.tile(kept, (1 + subsets, 1))
    chosen[1:] = np.random.default_rng(seed).permuted(chosen[1:], axis=1)
    among = chosen.astype(float)
    _, beside = neighbourhoods(points)
    values = {
        "mean_distance": ((among @ cdist(points, points)) * among).sum(axis=1) / (size * (size - 1)),
        "log_volume": np.array([_log_volume(points[rows]) for rows in chosen]),
        "coverage": np.array([rows[beside].any(axis=1).mean() for rows in chosen]),
    }
    found = []
    for name in MEASURES:
        value, chance = values[name][0], values[name][1:]
        found.append(
            (name, value, chance.mean(), *resampling.interval(chance, confidence), float(p_value(-value, -chance)))
        )
    return pd.DataFrame(found, columns=["measure", "value", "chance", "lower", "upper", "p_value"])


def coverage_by_threshold(points: Points, scores: Floats, thresholds: Floats) -> Floats:
    """Return the coverage (t,) of `points` (m, d) by those whose score (m,) is at least each of `thresholds` (t,).

    As in `against_chance` a point covers others, not itself. One search for neighbours serves all thresholds: a point
    is covered up to the best score among its neighbours. 0 for fewer than two points.
    """
    points, scores = evenly(points), evenly(scores)
    if len(points) < 2:
        return np.zeros(len(thresholds))
    best = np.sort(scores[neighbourhoods(points)[1]].max(axis=1))
    return 1 - np.searchsorted(best, thresholds) / len(best)


def evenly(rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """At most 2,000 of `rows` (n, ...), evenly spaced."""
    return rows if len(rows) <= _MAXIMUM else rows[np.linspace(0, len(rows) - 1, _MAXIMUM).round().astype(int)]


def _log_volume(points: Points) -> float:
    covariance, _ = ledoit_wolf(np.asarray(points, dtype=float))
    sign, logarithm = np.linalg.slogdet(covariance)
    return float(logarithm) if sign > 0 else float("nan")  # of equal points
