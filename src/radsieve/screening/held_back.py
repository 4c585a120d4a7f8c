"""How well a classifier does on films that were held back."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve import binary_metrics
from radsieve.screening.labelled_films import LabelledFilms
from radsieve.screening.settings import Transfer

THRESHOLD = 0.5  # the least probability of a film that is called positive
_NAMES = {
    "roc_auc": "roc_auc",
    "accuracy": "accuracy",
    "sensitivity": "recall",
    "specificity": "specificity",
    "brier": "brier",
    "pr_auc": "pr_auc",
}


def predictions_table(films: LabelledFilms, rows: NDArray[np.int64], probability: NDArray[np.floating]) -> pd.DataFrame:
    """Return HELD_BACK: the `rows` of `films` with the `probability` (rows,) of the positive label."""
    chosen = films.table.iloc[rows].reset_index(drop=True)
    return chosen[["film", "patient", "group"]].assign(truth=films.truth[rows], probability=probability)


def roc_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return ROC of HELD_BACK."""
    curve = binary_metrics.curve(predictions["truth"].to_numpy(), predictions["probability"].to_numpy())
    curve = curve.rename(columns={"false_positive_rate": "fpr", "recall": "tpr"})
    return curve[["threshold", "fpr", "tpr", "precision"]]


def held_back_metrics(predictions: pd.DataFrame, options: Transfer) -> dict[str, Any]:
    """Return counts and, with their intervals, AUC, accuracy, sensitivity, specificity, Brier score and PR-AUC.

    The intervals come from `bootstrap` resamples of patients at `confidence`, drawn by `seed` (all of `options`).
    """
    truth, probability = predictions["truth"].to_numpy(), predictions["probability"].to_numpy(float)
    found = binary_metrics.measures_with_intervals(
        truth,
        probability,
        (probability >= THRESHOLD).astype(np.int64),
        pd.factorize(predictions["patient"])[0],
        options.bootstrap,
        options.confidence,
        options.seed,
    ).set_index("metric")
    return {
        "films": len(predictions),
        "positive_films": int(truth.sum()),
        "patients": int(predictions["patient"].nunique()),
        **{name: _estimate(found, source) for name, source in _NAMES.items()},
    }


def _estimate(found: pd.DataFrame, metric: str) -> dict[str, float | None]:
    values = {name: float(found[name][metric]) for name in ("value", "lower", "upper")}
    return {name: None if np.isnan(value) else value for name, value in values.items()}
