"""How well images are told good from bad, with intervals that are never without width.

Shares have Wilson's interval, clustered by unit; the areas and the Brier score a bootstrap of units, all resamples at
once. Where every resample repeats the area, of a perfect ranking or of none, it has the interval of Newcombe.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtri
from sklearn.metrics import confusion_matrix_at_thresholds

from radsieve.stats import resampling

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.integer]

_TINY = 1e-9
_BINS = 10  # of the calibration, equally wide


def measures(truth: Flags, probability: Floats, accepted: Flags, weights: Floats) -> dict[str, Floats]:
    """Return each metric for each row of `weights` (resamples, images), which says how often an image counts.

    `truth` and `accepted` (images,) are 0 or 1, `probability` (images,) that of being good. precision, recall,
    specificity (share of the bad images that are not accepted), accuracy, roc_auc (area under the receiver operating
    characteristic; ties count half), pr_auc (average precision), brier (mean squared error of the probability),
    accepted_share, bad_per_good_before and bad_per_good_after (bad images for each good one, among all and among those
    accepted). NaN where not defined.
    """
    # not scikit-learn's metrics: they take one row of weights at a time, and one formula serves value and resamples
    good, bad = truth == 1, truth == 0
    kept = accepted == 1
    count = weights.sum(axis=1)
    goods = weights[:, good].sum(axis=1)
    true_positives, false_positives = weights[:, good & kept].sum(axis=1), weights[:, bad & kept].sum(axis=1)
    true_negatives = weights[:, bad & ~kept].sum(axis=1)
    reached = _accepted_from(truth, probability, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {
            "precision": true_positives / (true_positives + false_positives),
            "recall": true_positives / goods,
            "specificity": true_negatives / (count - goods),
            "accuracy": (true_positives + true_negatives) / count,
            "roc_auc": _roc_auc(*reached),
            "pr_auc": _average_precision(*reached),
            "brier": weights @ (probability - truth) ** 2 / count,
            "accepted_share": (true_positives + false_positives) / count,
            "bad_per_good_before": (count - goods) / goods,
            "bad_per_good_after": false_positives / true_positives,
        }
    return {name: np.where(np.isfinite(values), values, np.nan) for name, values in found.items()}


def measures_with_intervals(
    truth: Flags,
    probability: Floats,
    accepted: Flags,
    units: Flags,
    resamples: int,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Return the metrics of `measures` with their bounds: columns metric, value, lower, upper.

    `units` (images,) numbers what is resampled as a whole, such as a patient. Shares have bounds of
    `resampling.clustered_wilson`, and bad images for each good one those that follow from them; areas and Brier score
    have bounds of a bootstrap of units. Where that repeats the same value, it gives none: an area, such as that of a
    perfect ranking or of equal probabilities, then has those of `newcombe_area`, with units for images, and what is no
    area has none. The bounds hold for the predictions as they are: models
    are not refitted.
    """
    once = measures(truth, probability, accepted, np.ones((1, len(truth))))
    patterns = resampling.patterns(np.arange(len(truth))[:, None], units)
    blocks = [
        measures(truth, probability, accepted, weights[:, patterns.of_item])
        for weights in patterns.resamples(resamples, seed)
    ]
    bounds = {
        name: resampling.interval(np.concatenate([block[name] for block in blocks]), confidence)
        for name in ("pr_auc", "brier")
    } | _share_bounds(truth, accepted, units, confidence)
    bounds |= {name: (np.nan, np.nan) for name, (lower, upper) in bounds.items() if lower == upper}
    areas = np.concatenate([block["roc_auc"] for block in blocks])
    bounds["roc_auc"] = area_bounds(float(once["roc_auc"][0]), areas, truth, units, confidence)
    rows = [(name, float(value[0]), *bounds[name]) for name, value in once.items()]
    return pd.DataFrame(rows, columns=["metric", "value", "lower", "upper"])


def area_bounds(area: float, draws: Floats, truth: Flags, units: Flags, confidence: float) -> tuple[float, float]:
    """The percentile interval of an area under the ROC curve from resamples (b,), of images with `truth` (n,) in
    `units` (n,); that of `newcombe_area`, with units for images, where all resamples have the same area.
    """
    lower, upper = resampling.interval(draws, confidence)
    if lower != upper:
        return lower, upper
    good, bad = (len(np.unique(units[truth == label])) for label in (1, 0))
    return newcombe_area(area, good, bad, confidence)


def newcombe_area(area: float, good: int, bad: int, confidence: float) -> tuple[float, float]:
    """The interval of an area under the ROC curve of `good` and `bad` independent images, wide even at 0 and 1.

    Method 5 of Newcombe 2006 (doi:10.1002/sim.2324): the areas whose distance from the one found is at most the
    quantile times their own standard error, which is that of Hanley and McNeil 1982 with the mean of both numbers in
    place of each. NaN where a class is empty.
    """
    if not good or not bad:
        return np.nan, np.nan
    deviation, mean = float(ndtri((1 + confidence) / 2)), (good + bad) / 2 - 1

    def excess(other: float) -> float:
        spread = 1 + mean * ((1 - other) / (2 - other) + other / (1 + other))
        return (other - area) ** 2 - deviation**2 * other * (1 - other) * spread / (good * bad)

    lower = brentq(excess, _TINY, min(area, 1 - _TINY)) if area > 0 else 0.0
    upper = brentq(excess, max(area, _TINY), 1 - _TINY) if area < 1 else 1.0
    return float(lower), float(upper)


def _share_bounds(truth: Flags, accepted: Flags, units: Flags, confidence: float) -> dict[str, tuple[float, float]]:
    """The bounds of those metrics of `measures` that are shares of images, or follow from one."""
    good, kept = truth == 1, accepted == 1
    everything = np.ones(len(truth), dtype=bool)
    shares = {  # what is counted, and among which images
        "precision": (good, kept),
        "recall": (kept, good),
        "specificity": (~kept, ~good),
        "accuracy": (good == kept, everything),
        "accepted_share": (kept, everything),
        "bad_per_good_before": (good, everything),
        "bad_per_good_after": (good, kept),
    }
    found = {
        name: resampling.clustered_wilson(counted[among], units[among], confidence)
        for name, (counted, among) in shares.items()
    }
    for name in ("bad_per_good_before", "bad_per_good_after"):  # (1 - p) / p of the share p of good images
        lower, upper = found[name]
        found[name] = (1 / upper - 1, 1 / lower - 1) if lower else (np.nan, np.nan)  # without a good image, not defined
    return found


def curve(truth: Flags, probability: Floats) -> pd.DataFrame:
    """The results of accepting images from each probability on: threshold, false_positive_rate, recall, precision."""
    _, bad, _, good, thresholds = confusion_matrix_at_thresholds(truth, probability, pos_label=1)
    return pd.DataFrame(
        {
            "threshold": thresholds,
            "false_positive_rate": bad / max(bad[-1], 1),
            "recall": good / max(good[-1], 1),
            "precision": good / (good + bad),
        }
    )


def calibration(truth: Flags, probability: Floats, units: Flags, confidence: float) -> pd.DataFrame:
    """Mean probability and share of good images in each of 10 equal ranges of probability that has images.

    Columns: bin_from, bin_to, images, good_images, mean_probability, share_good, lower, upper (Wilson's, clustered by
    `units` (images,)).
    """
    place = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    rows = []
    for number in np.unique(place):
        here = place == number
        ends, good = (number / _BINS, (number + 1) / _BINS), truth[here] == 1
        share = resampling.clustered_share(good, units[here], confidence)
        counts = int(here.sum()), int(good.sum()), probability[here].mean()
        rows.append((*ends, *counts, share.value, share.lower, share.upper))
    columns = ["bin_from", "bin_to", "images", "good_images", "mean_probability", "share_good", "lower", "upper"]
    return pd.DataFrame(rows, columns=columns)


def confusion_table(truth: Flags, accepted: Flags, units: Flags, confidence: float) -> pd.DataFrame:
    """Images by truth and decision: good, accepted, images, of how many with the same truth, and their share of these.

    The bounds of the share are Wilson's, clustered by `units` (images,).
    """
    rows = []
    for good in (0, 1):
        alike = truth == good
        for decision in (0, 1):
            hit = accepted[alike] == decision
            share = resampling.clustered_share(hit, units[alike], confidence)
            rows.append((good, decision, int(hit.sum()), int(alike.sum()), share.value, share.lower, share.upper))
    return pd.DataFrame(rows, columns=["good", "accepted", "images", "of", "share", "lower", "upper"])


def roc_auc(truth: Flags, probability: Floats, weights: Floats) -> Floats:
    """The area under the receiver operating characteristic for each row of `weights`: see `measures`."""
    return _roc_auc(*_accepted_from(truth, probability, weights))


def _accepted_from(truth: Flags, probability: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """The weight of good and of bad images (resamples, t) from each of the t distinct probabilities on, in descending
    order."""
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # the last image of each probability
    good = np.cumsum(weights[:, order] * truth[order], axis=1)[:, last]
    bad = np.cumsum(weights[:, order] * (1 - truth[order]), axis=1)[:, last]
    return good, bad


def _roc_auc(good: Floats, bad: Floats) -> Floats:
    """By trapezoids, which count ties half."""
    gained = np.diff(good, axis=1, prepend=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        area = (np.diff(bad, axis=1, prepend=0) * (good - gained / 2)).sum(axis=1) / (good[:, -1] * bad[:, -1])
    return np.asarray(area)


def _average_precision(good: Floats, bad: Floats) -> Floats:
    gained = np.diff(good, axis=1, prepend=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(gained > 0, good / (good + bad), 0)
        return np.asarray((gained * precision).sum(axis=1) / good[:, -1])
