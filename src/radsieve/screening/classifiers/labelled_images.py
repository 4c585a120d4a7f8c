"""A packed set of images of two labels, and how well a classifier performs on the held-out ones."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.errors import InputError
from radsieve.imaging.packs import Pack, read_packed
from radsieve.networks.classifier import THRESHOLD, Classifier, classify
from radsieve.screening.settings import Transfer
from radsieve.stats import binary_metrics
from radsieve.tables.images import Split

Flags = NDArray[np.int64]


@dataclass(frozen=True)
class LabelledImages:
    """A pack, its table PACKED_IMAGES, and `truth` (n,): 1 where the label is `positive`, 0 where it is `negative`."""

    pack: Pack
    table: pd.DataFrame
    truth: Flags
    negative: str
    positive: str

    def rows(self, *splits: str) -> NDArray[np.int64]:
        """The rows of the images of `splits` (train, validation, test)."""
        return np.flatnonzero(self.table["split"].isin(splits))

    def units(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Numbers of the units of `rows`, which no fold and no resample divides."""
        return pd.factorize(self.table["unit"].iloc[rows])[0].astype(np.int64)

    def form(self) -> dict[str, Any]:
        """What a card must say of the images and labels."""
        _, channels, height, _ = self.pack.images.shape
        return {"pixels": height, "channels": channels, "positive": self.positive, "negative": self.negative}


def read_labelled(folder: Path, table_path: Path, positive: str, parameter: str) -> LabelledImages:
    """Read the pack in `folder` and its table. `parameter` is the name of the setting of `positive`, in messages.

    Raises InputError if the two do not belong together, if there are not two labels, `positive` one of them, or if a
    split has images of one label only.
    """
    pack, table = read_packed(folder, table_path)
    labels = sorted(set(table["label"]))
    if len(labels) != 2 or positive not in labels:
        found = ", ".join(map(repr, labels)) or "none"
        raise InputError(
            f"{table_path}: needs images of two labels, one of them {parameter} = {positive!r}; its labels are {found}"
        )
    truth = (table["label"] == positive).to_numpy().astype(np.int64)
    for split in Split:
        images = truth[table["split"] == split]
        if len(set(images)) < 2:
            only = f"only images labelled {labels[0] if positive == labels[1] else labels[1]}"
            only = "no images" if not len(images) else f"only images labelled {positive}" if images[0] else only
            raise InputError(f"{table_path}: {only} in the {split} split; give more images, or set another splits.seed")
    negative = next(label for label in labels if label != positive)
    return LabelledImages(pack, table, truth, negative, positive)


_NAMES = {
    "roc_auc": "roc_auc",
    "accuracy": "accuracy",
    "sensitivity": "recall",
    "specificity": "specificity",
    "brier": "brier",
    "pr_auc": "pr_auc",
}


@dataclass(frozen=True)
class HeldOut:
    """What a classifier says of the n images of the test split.

    `pixels` (n, channels, H, W) and `heat` (n, H, W) are in the order of `predictions` (HELD_OUT); `roc` is ROC.
    """

    pixels: NDArray[np.uint8]
    heat: NDArray[np.float32]
    predictions: pd.DataFrame
    roc: pd.DataFrame
    metrics: dict[str, Any]

    @property
    def summary(self) -> str:
        """The number of images, ROC-AUC and accuracy, in words."""
        area, accuracy = (self.metrics[name]["value"] for name in ("roc_auc", "accuracy"))
        return f"{len(self.predictions)} held-out images, ROC-AUC {area:.3f}, accuracy {accuracy:.3f}"


def evaluate_held_out(classifier: Classifier, images: LabelledImages, options: Transfer) -> HeldOut:
    """Classify the images of the test split, and measure how well (see `held_out_metrics`)."""
    rows = images.rows(Split.TEST)
    pixels = images.pack.images[rows]
    probability, heat = classify(classifier, pixels)
    predictions = predictions_table(images, rows, probability)
    return HeldOut(pixels, heat, predictions, roc_table(predictions), held_out_metrics(predictions, options))


def predictions_table(
    images: LabelledImages, rows: NDArray[np.int64], probability: NDArray[np.floating]
) -> pd.DataFrame:
    """Return HELD_OUT: the `rows` of `images` with the `probability` (rows,) of the positive label."""
    chosen = images.table.iloc[rows].reset_index(drop=True)
    return chosen[["image", "patient", "unit", "group"]].assign(truth=images.truth[rows], probability=probability)


def roc_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return ROC of HELD_OUT."""
    curve = binary_metrics.curve(predictions["truth"].to_numpy(), predictions["probability"].to_numpy())
    curve = curve.rename(columns={"false_positive_rate": "fpr", "recall": "tpr"})
    return curve[["threshold", "fpr", "tpr", "precision"]]


def held_out_metrics(predictions: pd.DataFrame, options: Transfer) -> dict[str, Any]:
    """Return counts and, with their intervals, AUC, accuracy, sensitivity, specificity, Brier score and PR-AUC.

    The intervals come from `bootstrap` resamples of units at `confidence`, drawn by `seed` (all of `options`).
    """
    truth, probability = predictions["truth"].to_numpy(), predictions["probability"].to_numpy(float)
    found = binary_metrics.measures_with_intervals(
        truth,
        probability,
        (probability >= THRESHOLD).astype(np.int64),
        pd.factorize(predictions["unit"])[0],
        options.bootstrap,
        options.confidence,
        options.seed,
    ).set_index("metric")
    return {
        "images": len(predictions),
        "positive_images": int(truth.sum()),
        "patients": int(predictions["patient"].nunique()),
        **{name: _estimate(found, source) for name, source in _NAMES.items()},
    }


def _estimate(found: pd.DataFrame, metric: str) -> dict[str, float | None]:
    values = {name: float(found[name][metric]) for name in ("value", "lower", "upper")}
    return {name: None if np.isnan(value) else value for name, value in values.items()}
