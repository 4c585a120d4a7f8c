"""Areas under receiver operating characteristics of several models on the same rows, and how they vary together."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Areas:
    """means: (models,) in [0, 1]; covariance: (models, models), that of another sample of rows for the same models."""

    means: Floats
    covariance: Floats


def areas(truth: npt.NDArray[np.integer], scores: Floats) -> Areas:
    """Areas of `scores` (n, models) on `truth` (n,), 0 or 1, with DeLong's covariance (DeLong et al. 1988).

    Ties count half. Computed from ranks (Sun and Xu 2014); NaN in the covariance with fewer than two rows of a class.
    """
    good = truth == 1
    goods, bads = int(good.sum()), int((~good).sum())
    ranks = rankdata(scores, axis=0)
    of_good = (ranks[good] - rankdata(scores[good], axis=0)) / bads  # share of bad rows that a good one surpasses
    of_bad = 1 - (ranks[~good] - rankdata(scores[~good], axis=0)) / goods
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = sum(
            (part - part.mean(axis=0)).T @ (part - part.mean(axis=0)) / np.float64(len(part) - 1) / len(part)
            for part in (of_good, of_bad)
        )
    return Areas(of_good.mean(axis=0), np.asarray(covariance))


def mean_areas(parts: list[Areas]) -> Areas:
    """The mean of the areas of independent samples, such as folds or groups, all weighing alike."""
    return Areas(
        np.mean([part.means for part in parts], axis=0),
        np.sum([part.covariance for part in parts], axis=0) / len(parts) ** 2,
    )
