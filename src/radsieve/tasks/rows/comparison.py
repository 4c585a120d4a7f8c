"""How well each model predicts rows that it was not fitted to: by columns known in time, and by resampling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from radsieve.progress import track
from radsieve.stats import binary_metrics
from radsieve.stats.paired_tests import holm
from radsieve.tasks.rows import areas
from radsieve.tasks.rows.folds import FoldedRows, fit, out_of_fold, probability
from radsieve.tasks.rows.models import NONE, SMOTED, WEIGHTS, columns_of, pipeline
from radsieve.tasks.rows.protocols import VISIT
from radsieve.tasks.settings import RowsSettings
from radsieve.tasks.tables import CALIBRATION, COMPARISON, CURVES, ROW, ROW_PREDICTIONS, SINGLE_SPLITS, Model

Floats = npt.NDArray[np.float64]
Arm = tuple[Model, str, str]  # model, columns, resampling

_KNOWN = {"before": ("before",), "at": VISIT}
_TEST_SHARE = 0.2  # of a single split
_CURVE = 200  # thresholds of a curve at most


@dataclass(frozen=True)
class Compared:
    """COMPARISON, ROW_PREDICTIONS, CURVES, CALIBRATION, and the probabilities (n,) that `predictions` has, by model."""

    comparison: pd.DataFrame
    predictions: pd.DataFrame
    curves: pd.DataFrame
    calibration: pd.DataFrame
    scores: Mapping[str, Floats]

    def summary(self) -> str:
        """The ROC-AUC of each model, in words."""
        latest = self.comparison[self.comparison["columns"] == self.comparison["columns"].iloc[-1]]
        plain = latest[latest["resampling"] == NONE]
        return ", ".join(f"{row.model} {row.roc_auc:.3f}" for row in plain.itertuples()) + " (ROC-AUC)"


def compare(data: FoldedRows, columns: pd.DataFrame, settings: RowsSettings) -> Compared:
    """Evaluate every model of the settings out of fold, and compare it with logistic regression on the same columns.

    Columns known at the visit are a set of their own if there are any. A row is called positive from the share of
    positive rows among those that the model was fitted to, for balanced accuracy, and from 0.5 for accuracy.
    """
    found = {
        arm: _scores(data, columns, settings, arm) for arm in track(_arms(columns, settings), "models", unit="model")
    }
    plain = {arm[0]: score for arm, score in found.items() if arm[1:] == (_latest(columns), NONE)}
    return Compared(
        comparison=_comparison(data, found, settings),
        predictions=_predictions(data, plain),
        curves=_curves(data, plain),
        calibration=_calibration(data, plain, settings.confidence),
        scores={str(model): score for model, score in plain.items()},
    )


def single_splits(data: FoldedRows, columns: pd.DataFrame, settings: RowsSettings) -> pd.DataFrame:
    """SINGLE_SPLITS: logistic regression by random splits of 80 to 20 of the rows, as published analyses make one."""
    names, rows = columns_of(columns, VISIT), []
    for number in range(1, settings.single_splits + 1):
        train, test = train_test_split(
            np.arange(len(data.truth)), test_size=_TEST_SHARE, stratify=data.truth, random_state=settings.seed + number
        )
        model = pipeline(columns, names, Model.LOGISTIC, NONE, settings.trees, settings.seed)
        fitted = fit(model, data.rows[names].iloc[train], data.truth[train])
        score, truth = probability(fitted, data.rows[names].iloc[test]), data.truth[test]
        called = score >= areas.CALLED
        soft, hard = (float(roc_auc_score(truth, one)) for one in (score, called.astype(float)))
        rows.append((number, len(test), soft, hard, float((called == truth).mean())))
    return pd.DataFrame(rows, columns=list(SINGLE_SPLITS.columns))


def metrics(compared: Compared, leaks: pd.DataFrame, data: FoldedRows) -> dict[str, Any]:
    """Rows, and the ROC-AUC of each model without resampling with its interval, and of each protocol and model."""
    table = compared.comparison
    latest = table[(table["columns"] == table["columns"].iloc[-1]) & (table["resampling"] == NONE)]
    by_protocol = leaks[leaks["metric"] == "roc_auc"]
    return {
        "rows": len(data.truth),
        "positive": int(data.truth.sum()),
        "roc_auc": {str(row["model"]): _estimate(row, "roc_auc") for row in latest.to_dict("records")},
        "protocols": {
            str(protocol): {str(row["model"]): _estimate(row, "value", "") for row in of.to_dict("records")}
            for protocol, of in by_protocol.groupby("protocol", sort=False)
        },
    }


def _estimate(row: Mapping[Any, Any], name: str, prefix: str | None = None) -> dict[str, float | None]:
    start = f"{name}_" if prefix is None else prefix
    found = {"value": row[name], "lower": row[f"{start}lower"], "upper": row[f"{start}upper"]}
    return {key: None if np.isnan(value) else round(float(value), 6) for key, value in found.items()}


def _latest(columns: pd.DataFrame) -> str:
    return "at" if (columns["known"] == "at").any() else "before"


def _arms(columns: pd.DataFrame, settings: RowsSettings) -> list[Arm]:
    arms: list[Arm] = []
    for known in ("before", "at"):
        if (columns["known"] == known).any():
            for model in map(Model, settings.models):
                more = (WEIGHTS, SMOTED) if model in settings.resampled and known == _latest(columns) else ()
                arms += [(model, known, resampling) for resampling in (NONE, *more)]
    return arms


def _scores(data: FoldedRows, columns: pd.DataFrame, settings: RowsSettings, arm: Arm) -> Floats:
    model, known, resampling = arm
    names = columns_of(columns, _KNOWN[known])
    return out_of_fold(
        data,
        lambda: pipeline(columns, names, model, resampling, settings.trees, settings.seed),
        data.rows[names],
    )


def _comparison(data: FoldedRows, found: Mapping[Arm, Floats], settings: RowsSettings) -> pd.DataFrame:
    truth, units, confidence = data.truth, data.units, settings.confidence
    prior = np.array([truth[data.fold != number].mean() for number in data.fold])
    rows, p_values = [], []
    for arm, score in found.items():
        model, known, resampling = arm
        reference = found.get((Model.LOGISTIC, known, NONE))
        called = score >= (prior if resampling == NONE else areas.CALLED)
        measured = binary_metrics.measures_with_intervals(
            truth, score, (score >= areas.CALLED).astype(int), units, settings.resamples, confidence, settings.seed
        ).set_index("metric")
        row: dict[str, Any] = {"model": str(model), "columns": known, "resampling": resampling}
        for name in ("pr_auc", "brier", "accuracy"):
            row |= {f"{name}{end}": measured.loc[name, column] for end, column in _ENDS}
        estimates = {
            "roc_auc": areas.area(truth, score, data.fold, units, confidence),
            "balanced_accuracy": areas.balanced_accuracy(truth, called, units, confidence),
        }
        for name, estimate in estimates.items():
            row |= {f"{name}{end}": getattr(estimate, column) for end, column in _ENDS}
        p_values.append(np.nan)
        if reference is not None and reference is not score:
            tested = areas.area_difference(truth, score, reference, data.fold, units, confidence)
            row |= {"difference": tested.difference, "difference_lower": tested.lower, "difference_upper": tested.upper}
            p_values[-1] = tested.p_value
        rows.append(row)
    return pd.DataFrame(rows).assign(holm=holm(p_values)).reindex(columns=list(COMPARISON.columns))


_ENDS = (("", "value"), ("_lower", "lower"), ("_upper", "upper"))


def _predictions(data: FoldedRows, plain: Mapping[Model, Floats]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "line": data.rows[ROW],
                "fold": data.fold + 1,
                "truth": data.truth,
                "model": str(model),
                "probability": score.round(6),
            }
        )
        for model, score in plain.items()
    ]
    return pd.concat(parts, ignore_index=True)[list(ROW_PREDICTIONS.columns)]


def _curves(data: FoldedRows, plain: Mapping[Model, Floats]) -> pd.DataFrame:
    parts = []
    for model, score in plain.items():
        curve = binary_metrics.curve(data.truth, score)
        some = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), _CURVE)).round().astype(int))
        parts.append(curve.iloc[some].assign(model=str(model)))
    found = pd.concat(parts, ignore_index=True).replace([np.inf, -np.inf], 2.0)
    return found[list(CURVES.columns)]


def _calibration(data: FoldedRows, plain: Mapping[Model, Floats], confidence: float) -> pd.DataFrame:
    parts = [
        binary_metrics.calibration(data.truth, score, data.units, confidence).assign(model=str(model))
        for model, score in plain.items()
    ]
    names = {"images": "rows", "good_images": "positive", "share_good": "share_positive"}
    return pd.concat(parts, ignore_index=True).rename(columns=names)[list(CALIBRATION.columns)]
