"""How well the models of a group perform on rows that they have not seen: the tables of stage compare_classifiers."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.numbers import or_none
from radsieve.prefilter.tables import CLASSIFIER_CONFUSION, CLASSIFIER_CURVES, CLASSIFIER_FOLDS
from radsieve.stats import binary_metrics

METRICS = ("precision", "recall", "accuracy", "roc_auc", "pr_auc", "brier")

_GRID = np.linspace(0, 1, 101)  # of the false positive rate, and of recall
_BOUNDARY = 0.5  # of a probability; that of other scores is 0

Probable = Callable[[str], bool]


def evaluate_folds(predictions: pd.DataFrame, family_of: Mapping[str, str], probable: Probable) -> pd.DataFrame:
    """Measure each model on each fold: CLASSIFIER_FOLDS, one row for each, empty where not defined.

    `predictions` are those of `classifiers.cross_validate`; `probable` says whether a model gives probabilities, for
    the threshold of acceptance (0.5, else 0) and the Brier score.
    """
    rows = []
    for (target, model, fold), part in _parts(predictions, ["target", "model", "fold"]):
        truth, score = _arrays(part)
        measured = binary_metrics.measures(truth, score, _accepted(model, score, probable), np.ones((1, len(truth))))
        values = {name: float(measured[name][0]) for name in METRICS}
        if not probable(model):
            values["brier"] = np.nan
        counts = {"rows": len(truth), "good": int(truth.sum())}
        rows.append({"target": target, "model": model, "family": family_of[model], "fold": fold, **counts, **values})
    return pd.DataFrame(rows, columns=list(CLASSIFIER_FOLDS.columns))


def evaluate_curves(predictions: pd.DataFrame) -> pd.DataFrame:
    """The receiver operating characteristic and precision by recall of each model: CLASSIFIER_CURVES.

    Scores of different folds come from different models and are not compared: each fold has its curve, read off at 101
    places (linearly for the ROC; for precision at the first threshold that reaches the recall), and `value` is the
    mean over folds.
    """
    tables = []
    for (target, model), part in _parts(predictions, ["target", "model"]):
        points = [binary_metrics.curve(*_arrays(fold)) for _, fold in part.groupby("fold")]
        for name, read in (("roc", _recall_at), ("precision_recall", _precision_at)):
            values = np.array([read(curve) for curve in points])
            tables.append(
                pd.DataFrame(
                    {
                        "target": target,
                        "model": model,
                        "curve": name,
                        "x": _GRID,
                        "value": values.mean(axis=0),
                        "lowest": values.min(axis=0),
                        "highest": values.max(axis=0),
                    }
                )
            )
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(CLASSIFIER_CURVES.columns))


def evaluate_confusion(predictions: pd.DataFrame, probable: Probable, confidence: float) -> pd.DataFrame:
    """Rows by their label and by whether the model of their fold accepts them: CLASSIFIER_CONFUSION."""
    tables = []
    for (target, model), part in _parts(predictions, ["target", "model"]):
        truth, score = _arrays(part)
        found = binary_metrics.confusion_table(
            truth, _accepted(model, score, probable), np.arange(len(truth)), confidence
        )
        tables.append(found.assign(target=target, model=model).rename(columns={"images": "rows"}))
    columns = list(CLASSIFIER_CONFUSION.columns)
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def classifier_metrics(group: str, rows: int, folds: pd.DataFrame, reasons: Mapping[str, str]) -> dict[str, Any]:
    """The group, and for each target the reason why it could not be learnt (or null) and each model's mean metrics."""
    targets = {}
    for target, reason in reasons.items():
        means = folds[folds["target"] == target].groupby("model", sort=False)[list(METRICS)].mean()
        targets[target] = {
            "not_learnable": reason or None,
            "models": {
                str(model): {name: or_none(value) for name, value in values.items()}
                for model, values in means.to_dict("index").items()
            },
        }
    return {"group": group, "rows": rows, "targets": targets}


def classifier_summary(group: str, models: int, folds: pd.DataFrame, reasons: Mapping[str, str]) -> str:
    """The best model of each target in a line, or why a target could not be learnt."""
    if failed := [reason for reason in reasons.values() if reason]:
        return f"group {group}: not learnable: {'; '.join(failed)}"
    means = folds.groupby(["target", "model"], as_index=False, sort=False)["roc_auc"].mean()
    best = means.loc[means.groupby("target", sort=False)["roc_auc"].idxmax()]
    found = ", ".join(f"{row.target}: {row.model} {row.roc_auc:.3f}" for row in best.itertuples())
    return f"group {group}, {models} models, highest mean ROC-AUC: {found}"


def _parts(predictions: pd.DataFrame, by: list[str]) -> Any:
    return predictions.groupby(by, sort=False, observed=True)


def _arrays(part: pd.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    return part["truth"].to_numpy(np.int64), part["score"].to_numpy(np.float64)


def _accepted(model: str, score: npt.NDArray[np.float64], probable: Probable) -> npt.NDArray[np.int64]:
    return (score > (_BOUNDARY if probable(model) else 0)).astype(np.int64)


def _recall_at(curve: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Recall at each false positive rate of the grid: linear between thresholds, the upper end of a vertical step."""
    rate, recall = (np.append(0, curve[name].to_numpy(float)) for name in ("false_positive_rate", "recall"))
    return np.asarray(np.interp(_GRID, rate, recall))


def _precision_at(curve: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Precision at the first threshold that reaches each recall of the grid."""
    recall = curve["recall"].to_numpy()
    return curve["precision"].to_numpy()[np.minimum(np.searchsorted(recall, _GRID - 1e-12), len(recall) - 1)]
