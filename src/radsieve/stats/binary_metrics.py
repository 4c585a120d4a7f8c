"""How well images are told good from bad, with intervals from a bootstrap of all resamples at once."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.stats import resampling

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.integer]

_BINS = 10  # of the calibration, equally wide


def measures(truth: Flags, probability: Floats, accepted: Flags, weights: Floats) -> dict[str, Floats]:
    """Return each metric for each row of `weights` (resamples, images), which says how often an image counts.

    `truth` and `accepted` (images,) are 0 or 1, `probability` (images,) that of being good. precision, recall,
    specificity (share of the bad images that are not accepted), accuracy, roc_auc (area under the receiver operating
    characteristic; ties count half), pr_auc (average precision), brier (mean squared error of the probability),
    accepted_share, bad_per_good_before and bad_per_good_after (bad images for each good one, among all and among those
    accepted). NaN where not defined.
    """
    good, bad = truth == 1, truth == 0
    kept = accepted == 1
    count = weights.sum(axis=1)
    goods = weights[:, good].sum(axis=1)
    true_positives, false_positives = weights[:, good & kept].sum(axis=1), weights[:, bad & kept].sum(axis=1)
    true_negatives = weights[:, bad & ~kept].sum(axis=1)
    roc_auc, pr_auc = _areas(truth, probability, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {
            "precision": true_positives / (true_positives + false_positives),
            "recall": true_positives / goods,
            "specificity": true_negatives / (count - goods),
            "accuracy": (true_positives + true_negatives) / count,
            "roc_auc": roc_auc,
            "pr_auc": pr_auc,
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
    """Return the metrics of `measures` with bootstrap bounds: columns metric, value, lower, upper.

    `units` (images,) numbers what is drawn as a whole, such as a patient. The bounds hold for the predictions as they
    are: models are not fitted anew.
    """
    once = measures(truth, probability, accepted, np.ones((1, len(truth))))
    patterns = resampling.patterns(np.arange(len(truth))[:, None], units)
    blocks = [
        measures(truth, probability, accepted, weights[:, patterns.of_item])
        for weights in patterns.resamples(resamples, seed)
    ]
    rows = [
        (
            name,
            float(value[0]),
            *resampling.interval(np.concatenate([block[name] for block in blocks]), confidence),
        )
        for name, value in once.items()
    ]
    return pd.DataFrame(rows, columns=["metric", "value", "lower", "upper"])


def curve(truth: Flags, probability: Floats) -> pd.DataFrame:
    """What accepting images from each probability on gives: threshold, false_positive_rate, recall, precision."""
    values, good, bad = by_threshold(truth, probability, np.ones((1, len(truth))))
    return pd.DataFrame(
        {
            "threshold": values,
            "false_positive_rate": bad[0] / max(bad[0, -1], 1),
            "recall": good[0] / max(good[0, -1], 1),
            "precision": good[0] / (good[0] + bad[0]),
        }
    )


def calibration(truth: Flags, probability: Floats, confidence: float) -> pd.DataFrame:
    """Mean probability and share of good images in each of 10 equal ranges of probability that has images.

    Columns: bin_from, bin_to, images, mean_probability, share_good, lower, upper (Wilson).
    """
    place = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    rows = []
    for number in np.unique(place):
        here = place == number
        images, good = int(here.sum()), int(truth[here].sum())
        bounds = resampling.wilson(good, images, confidence)
        rows.append((number / _BINS, (number + 1) / _BINS, images, probability[here].mean(), good / images, *bounds))
    columns = ["bin_from", "bin_to", "images", "mean_probability", "share_good", "lower", "upper"]
    return pd.DataFrame(rows, columns=columns)


def confusion(truth: Flags, accepted: Flags, confidence: float) -> pd.DataFrame:
    """Images by truth and decision: good, accepted, images, and the share of those alike in truth with Wilson bounds."""
    rows = []
    for good in (0, 1):
        alike = accepted[truth == good]
        for decision in (0, 1):
            images = int((alike == decision).sum())
            bounds = resampling.wilson(images, len(alike), confidence)
            rows.append((good, decision, images, images / len(alike) if len(alike) else np.nan, *bounds))
    return pd.DataFrame(rows, columns=["good", "accepted", "images", "share", "lower", "upper"])


def by_threshold(truth: Flags, probability: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """The distinct probabilities, falling (t,), and the weight of good and bad images from each on (resamples, t)."""
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # the last image of each probability
    good = np.cumsum(weights[:, order] * truth[order], axis=1)[:, last]
    bad = np.cumsum(weights[:, order] * (1 - truth[order]), axis=1)[:, last]
    return ranked[last], good, bad


def _areas(truth: Flags, probability: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Areas under the receiver operating characteristic (trapezoids) and under precision by recall (steps)."""
    _, good, bad = by_threshold(truth, probability, weights)
    gained = np.diff(good, axis=1, prepend=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        roc = (np.diff(bad, axis=1, prepend=0) * (good - gained / 2)).sum(axis=1) / (good[:, -1] * bad[:, -1])
        precision = np.where(gained > 0, good / (good + bad), 0)
        return roc, (gained * precision).sum(axis=1) / good[:, -1]
