"""ROC-AUC and accuracy of predictions, and how far two sets of them differ, with intervals that have a width."""

from dataclasses import replace
from math import nan

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import rankdata

from radsieve.stats import paired_tests, resampling
from radsieve.stats.binary_metrics import newcombe_area
from radsieve.stats.resampling import Estimate

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

CALLED = 0.5  # the probability from which a row is called positive where accuracy is compared with a published one


def area(truth: Integers, score: Floats, fold: Integers, units: Integers, confidence: float) -> Estimate:
    """The mean over the folds of the ROC-AUC, by DeLong's covariance (1988), in which rows of one of `units` (n,) may
    be alike (Obuchowski 1997).

    Scores of different folds, which come from different models, are not compared. The interval is Newcombe's, with
    units for rows, where the ranking is perfect, and there is none where all scores of each fold are equal: then the
    area is 0.5 by definition.
    """
    found = _areas(truth, score[:, None], fold, units)
    value, variance = float(found.means[0]), float(found.covariance[0, 0])
    if value in (0, 1):
        goods, bads = (len(np.unique(units[truth == label])) for label in (1, 0))
        return Estimate(value, *newcombe_area(value, goods, bads, confidence))
    if not variance > 0:
        return Estimate(value)
    reach = float(ndtri((1 + confidence) / 2)) * float(np.sqrt(variance))
    return Estimate(value, max(value - reach, 0.0), min(value + reach, 1.0))


def area_difference(
    truth: Integers, first: Floats, second: Floats, fold: Integers, units: Integers, confidence: float
) -> paired_tests.Tested:
    """The area of `first` minus that of `second`, (n,) each, on the same rows in the same folds.

    There is no interval where both rank the rows alike. Where the difference has no variance for another cause, as of
    two perfect rankings, the interval is put together from those of both areas.
    """
    found = _areas(truth, np.column_stack([first, second]), fold, units)
    variance = float(found.covariance[0, 0] + found.covariance[1, 1] - 2 * found.covariance[0, 1])
    tested = paired_tests.normal_test(float(found.means[0] - found.means[1]), variance, confidence)
    if same_ranking(first, second, fold):
        return replace(tested, lower=nan, upper=nan)
    if variance > 0:
        return tested
    apart = resampling.difference(*(area(truth, one, fold, units, confidence) for one in (first, second)))
    return replace(tested, lower=apart.lower, upper=apart.upper)


def same_ranking(first: Floats, second: Floats, fold: Integers) -> bool:
    """Whether two scores (n,) rank the rows of each fold alike, ties included."""
    parts = [fold == number for number in np.unique(fold)]
    return all(np.array_equal(rankdata(first[one]), rankdata(second[one])) for one in parts)


def _areas(truth: Integers, scores: Floats, fold: Integers, units: Integers) -> paired_tests.Areas:
    parts = [fold == number for number in np.unique(fold)]
    return paired_tests.mean_areas([paired_tests.areas(truth[one], scores[one], units[one]) for one in parts])


def accuracy(truth: Integers, score: Floats, units: Integers, confidence: float) -> Estimate:
    """The share of rows that are called what they are, at a probability of 0.5."""
    return resampling.clustered_share((score >= CALLED) == (truth == 1), units, confidence)


def balanced_accuracy(truth: Integers, called: npt.NDArray[np.bool_], units: Integers, confidence: float) -> Estimate:
    """The mean of sensitivity and specificity, its interval put together from theirs (Zou and Donner 2008).

    There is no interval where all rows are called alike: then it is 0.5 by definition.
    """
    shares = [
        resampling.clustered_share(called[truth == label] == bool(label), units[truth == label], confidence)
        for label in (0, 1)
    ]
    found = resampling.average(shares)
    return Estimate(found.value) if called.all() or not called.any() else found
