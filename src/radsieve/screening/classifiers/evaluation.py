"""How well a classifier performs on the images of the test split."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radsieve.networks.classifier import Classifier, classify
from radsieve.numbers import or_none
from radsieve.screening.classifiers.labelled_images import LabelledImages
from radsieve.screening.classifiers.operating_point import confusion_at, shares_at
from radsieve.screening.plots.classifiers import plot_confusion, plot_reliability, plot_roc, plot_thresholds
from radsieve.screening.plots.subgroups import plot_forest
from radsieve.screening.settings import Transfer
from radsieve.screening.subgroups import Resampling, classifier_subgroups
from radsieve.screening.tables import CONFUSION, HELD_OUT, OPERATING_POINT, RELIABILITY, ROC, SUBGROUPS
from radsieve.stats import binary_metrics, calibration, resampling
from radsieve.stats.resampling import Estimate
from radsieve.tables.images import Split

_THRESHOLDS = 500  # of the curves, at most
_AREAS = ("roc_auc", "pr_auc", "brier")
MEASURES = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "roc_auc": "ROC-AUC",
    "mean_probability": "mean probability",
    "prevalence": "share that is positive",
}


@dataclass(frozen=True)
class HeldOut:
    """What a classifier says of the n images of the test split.

    `pixels` (n, channels, H, W) and `heat` (n, H, W) are in the order of `predictions` (HELD_OUT). `roc`, `shares`,
    `confusion`, `reliability` and `subgroups` are ROC, OPERATING_POINT, CONFUSION, RELIABILITY and SUBGROUPS.
    """

    pixels: NDArray[np.uint8]
    heat: NDArray[np.float32]
    predictions: pd.DataFrame
    roc: pd.DataFrame
    shares: pd.DataFrame
    confusion: pd.DataFrame
    reliability: pd.DataFrame
    subgroups: pd.DataFrame
    metrics: dict[str, Any]

    @property
    def summary(self) -> str:
        """The number of images, ROC-AUC and accuracy, in words."""
        area, accuracy = (self.metrics[name]["value"] for name in ("roc_auc", "accuracy"))
        return f"{len(self.predictions)} held-out images, ROC-AUC {area:.3f}, accuracy {accuracy:.3f}"

    @property
    def written(self) -> tuple[tuple[pa.DataFrameSchema, pd.DataFrame], ...]:
        """The tables with their schemas."""
        return (
            (HELD_OUT, self.predictions),
            (ROC, self.roc),
            (OPERATING_POINT, self.shares),
            (CONFUSION, self.confusion),
            (RELIABILITY, self.reliability),
            (SUBGROUPS, self.subgroups),
        )

    def figures(self, classifier: Classifier, labels: tuple[str, str]) -> dict[str, Figure]:
        """The figures by name; `labels` are the negative and the positive one."""
        title, point = f"{labels[1]} against {labels[0]}", classifier.threshold
        wholes = {name: self.metrics[name]["value"] for name in MEASURES}
        return {
            "roc": plot_roc(self.roc, self.metrics, point, title),
            "thresholds": plot_thresholds(self.roc, point, str(classifier.card["operating_point"]["rule"]), title),
            "reliability": plot_reliability(self.reliability, self.predictions, self.metrics, title),
            "confusion": plot_confusion(self.confusion, f"{title}, {len(self.predictions)} held-out images"),
            "subgroups": plot_forest(self.subgroups, wholes, MEASURES, f"{title}, by subgroup"),
        }


def evaluate_held_out(classifier: Classifier, images: LabelledImages, options: Transfer) -> HeldOut:
    """Classify the images of the test split, and measure how well, at the classifier's operating point.

    Intervals have the `confidence` of `options`: shares those of clustered units, the others come from `bootstrap`
    resamples of units, drawn by `seed`.
    """
    rows = images.rows(Split.TEST)
    pixels = images.pack.images[rows]
    probability, heat = classify(classifier, pixels)
    predictions = predictions_table(images, rows, probability)
    truth, units = predictions["truth"].to_numpy(), pd.factorize(predictions["unit"])[0]
    called = (predictions["probability"].to_numpy() >= classifier.threshold).astype(np.int64)
    drawn = Resampling(options.bootstrap, options.confidence, options.seed)
    shares = shares_at(truth, called, units, options.confidence)
    return HeldOut(
        pixels,
        heat,
        predictions,
        roc_table(predictions, options.confidence),
        shares,
        confusion_at(truth, called, units, (images.negative, images.positive), options.confidence),
        reliability_table(predictions, options.confidence),
        classifier_subgroups(predictions, images.table.iloc[rows], classifier.threshold, drawn),
        held_out_metrics(predictions, shares, called, options),
    )


def predictions_table(
    images: LabelledImages, rows: NDArray[np.int64], probability: NDArray[np.floating]
) -> pd.DataFrame:
    """Return HELD_OUT: the `rows` of `images` with the `probability` (rows,) of the positive label."""
    chosen = images.table.iloc[rows].reset_index(drop=True)
    return chosen[["image", "patient", "unit", "group"]].assign(truth=images.truth[rows], probability=probability)


def roc_table(predictions: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return ROC of HELD_OUT, with the clustered intervals of both rates at each of at most 500 thresholds."""
    truth, probability = predictions["truth"].to_numpy(), predictions["probability"].to_numpy()
    units = pd.factorize(predictions["unit"])[0]
    curve = binary_metrics.curve(truth, probability)
    curve = curve.rename(columns={"false_positive_rate": "fpr", "recall": "tpr"})
    if len(curve) > _THRESHOLDS:
        chosen = np.linspace(0, len(curve) - 1, _THRESHOLDS).round().astype(int)
        curve = curve.iloc[chosen].reset_index(drop=True)
    for label, name in ((1, "tpr"), (0, "fpr")):
        of = truth == label
        called = (probability[of] >= threshold for threshold in curve["threshold"])
        bounds = resampling.clustered_wilsons(called, units[of], confidence)
        curve[[f"{name}_lower", f"{name}_upper"]] = bounds
    return curve[list(ROC.columns)]


def reliability_table(predictions: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return RELIABILITY of HELD_OUT: mean probability and share that is positive in each of 10 equal ranges."""
    truth, probability = predictions["truth"].to_numpy(), predictions["probability"].to_numpy(float)
    found = binary_metrics.calibration(truth, probability, pd.factorize(predictions["unit"])[0], confidence)
    names = {"good_images": "positive_images", "share_good": "share_positive"}
    return found.rename(columns=names)[list(RELIABILITY.columns)]


def held_out_metrics(
    predictions: pd.DataFrame, shares: pd.DataFrame, called: NDArray[np.int64], options: Transfer
) -> dict[str, Any]:
    """Return counts, and estimates with their intervals: areas, shares at the operating point, and calibration.

    `shares` is OPERATING_POINT of HELD_OUT, `called` (n,) is 1 where an image is called positive.
    """
    truth, probability = predictions["truth"].to_numpy(), predictions["probability"].to_numpy(float)
    units = pd.factorize(predictions["unit"])[0]
    drawn = (options.bootstrap, options.confidence, options.seed)
    found = binary_metrics.measures_with_intervals(truth, probability, called, units, *drawn).set_index("metric")
    areas = {name: Estimate(*found.loc[name, ["value", "lower", "upper"]]) for name in _AREAS}
    counted = {
        row["measure"]: _stored(Estimate(row["value"], row["lower"], row["upper"]))
        | {"count": row["count"], "of": row["of"]}
        for row in shares.to_dict("records")
    }
    calibrated = {
        "calibration_intercept": calibration.with_interval(calibration.intercepts, truth, probability, units, *drawn),
        "calibration_slope": calibration.with_interval(calibration.slopes, truth, probability, units, *drawn),
        "mean_probability": resampling.mean(probability, units, *drawn),
        "prevalence": resampling.clustered_share(truth == 1, units, options.confidence),
    }
    return {
        "images": len(predictions),
        "positive_images": int(truth.sum()),
        "patients": int(predictions["patient"].nunique()),
        "units": len(np.unique(units)),
        "missed_positive_images": int(((truth == 1) & (called == 0)).sum()),
        "false_alarms": int(((truth == 0) & (called == 1)).sum()),
        **{name: _stored(estimate) for name, estimate in areas.items()},
        **counted,
        **{name: _stored(estimate) for name, estimate in calibrated.items()},
    }


def _stored(estimate: Estimate) -> dict[str, Any]:
    """An estimate for JSON: what is not defined or has no bound is None."""
    values: Mapping[str, float] = {"value": estimate.value, "lower": estimate.lower, "upper": estimate.upper}
    return {name: or_none(value) for name, value in values.items()}
