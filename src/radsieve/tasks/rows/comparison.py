"""How well each model predicts rows that it was not fitted to: by columns known in time, and by resampling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from radsieve.progress import track
from radsieve.settings import Compute
from radsieve.stats import binary_metrics
from radsieve.stats.paired_tests import holm
from radsieve.stats.resampling import Estimate
from radsieve.tasks.rows import areas
from radsieve.tasks.rows.folds import FoldedRows, fit, probability
from radsieve.tasks.rows.models import NONE, SMOTED, WEIGHTS, columns_of, pipeline
from radsieve.tasks.rows.operating import at_thresholds, by_repetition
from radsieve.tasks.rows.pooled import calibrated, pooled
from radsieve.tasks.rows.protocols import VISIT, Arm, evaluate_arms
from radsieve.tasks.rows.settings import RowsSettings
from radsieve.tasks.tables import (
    CALIBRATED,
    CALIBRATION,
    COMPARISON,
    CURVES,
    GRID,
    NETWORKS,
    ROW,
    ROW_PREDICTIONS,
    SINGLE_SPLITS,
    Model,
)

Floats = npt.NDArray[np.float64]
KnownArm = tuple[Model, str, str]  # model, columns, resampling

_KNOWN = {"before": ("before",), "at": VISIT}
_TEST_SHARE = 0.2  # of a single split
_CURVE = 200  # thresholds of a curve at most


@dataclass(frozen=True)
class Compared:
    """COMPARISON, ROW_PREDICTIONS, CURVES, CALIBRATION, CALIBRATED, OPERATING, SEEN_ROWS, GRID, and the probabilities
    (n,) that `predictions` has, by model.
    """

    comparison: pd.DataFrame
    predictions: pd.DataFrame
    curves: pd.DataFrame
    calibration: pd.DataFrame
    calibrated: pd.DataFrame
    operating: pd.DataFrame
    repeated: pd.DataFrame
    grid: pd.DataFrame
    scores: Mapping[str, Floats]

    @property
    def plain(self) -> pd.DataFrame:
        """The rows of COMPARISON of the models without resampling, of all columns known at the visit."""
        table = self.comparison
        return pd.DataFrame(table[(table["columns"] == table["columns"].iloc[-1]) & (table["resampling"] == NONE)])

    def best(self, of: Sequence[str]) -> Model | None:
        """The model with the greatest ROC-AUC among those named, if there is one."""
        areas_of = self.plain.set_index("model")["roc_auc"]
        areas_of = areas_of[areas_of.index.isin([str(one) for one in of])]
        return Model(str(areas_of.idxmax())) if len(areas_of) else None

    def area(self, model: str) -> Estimate:
        """The ROC-AUC of one of the models without resampling."""
        row = self.plain[self.plain["model"] == str(model)].iloc[0]
        return Estimate(*(float(row[f"roc_auc{end}"]) for end in ("", "_lower", "_upper")))

    def summary(self) -> str:
        """The ROC-AUC of each model, in words."""
        plain = self.plain
        return ", ".join(f"{row.model} {row.roc_auc:.3f}" for row in plain.itertuples()) + " (ROC-AUC)"


def compare(data: FoldedRows, columns: pd.DataFrame, settings: RowsSettings, compute: Compute) -> Compared:
    """Evaluate every model of the settings out of fold, and compare it with logistic regression on the same columns.

    Columns known at the visit are a set of their own if there are any. A row is called positive from the share of
    positive rows in the other folds, for balanced accuracy, and from 0.5 for accuracy; OPERATING has thresholds that
    are chosen in them.
    """
    found, thresholds, grid = _found(data, columns, settings, compute)
    plain = {arm[0]: score for arm, score in found.items() if arm[1:] == (_latest(columns), NONE)}
    comparison = _comparison(data, found, settings)
    return Compared(
        comparison=comparison,
        predictions=_predictions(data, plain),
        curves=_curves(data, plain),
        calibration=_calibration(data, plain, settings.confidence),
        calibrated=_calibrated(data, plain, comparison, settings.confidence),
        operating=at_thresholds(data, plain, thresholds, settings.confidence),
        repeated=by_repetition(data, columns_of(columns, VISIT), plain, settings.confidence),
        grid=grid,
        scores={str(model): score for model, score in plain.items()},
    )


def chosen_elsewhere(data: FoldedRows, scores: Mapping[str, Floats]) -> Floats:
    """The probability (n,) of each row by that of several models, with out-of-fold probabilities `scores` (n,), which
    has the greatest mean ROC-AUC in the other folds, the first one of equal ones.

    How well a row is predicted has no part in choosing the model that it is evaluated with, so that this is about what
    choosing the best one gives: the greatest ROC-AUC of all folds is of the rows that chose it, and too high by that.
    It is no nested cross-validation: the models that are compared in the other folds learnt from this row as well.
    """
    folds = [data.fold == number for number in np.unique(data.fold)]
    found, names = np.empty(len(data.fold)), list(scores)
    within = np.array([[roc_auc_score(data.truth[of], scores[name][of]) for of in folds] for name in names])
    for place, of in enumerate(folds):
        others = np.delete(within, place, axis=1).mean(axis=1)
        found[of] = scores[names[int(others.argmax())]][of]
    return found


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
    latest = compared.plain
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


def _found(
    data: FoldedRows, columns: pd.DataFrame, settings: RowsSettings, compute: Compute
) -> tuple[dict[KnownArm, Floats], dict[Model, Floats], pd.DataFrame]:
    """The out-of-fold probability of each row by every model, set of columns and resampling; the thresholds (folds,) of
    each model without resampling, of all columns known at the visit; and GRID.
    """
    found: dict[KnownArm, Floats] = {}
    thresholds: dict[Model, Floats] = {}
    tried: list[tuple[object, ...]] = []
    sets = [known for known in _KNOWN if (columns["known"] == known).any()]
    for known in track(sets, "columns", unit="set"):
        more = settings.resampled if known == _latest(columns) else ()
        arms: list[Arm] = [
            (model, resampling)
            for model in map(Model, settings.models)
            if model not in NETWORKS
            for resampling in (NONE, *((WEIGHTS, SMOTED) if model in more else ()))
        ]
        names = columns_of(columns, _KNOWN[known])
        called = [arm for arm in arms if arm[1] == NONE and known == _latest(columns)]
        evaluated = evaluate_arms(data, columns, names, arms, settings, called)
        found |= {(model, known, resampling): evaluated.scores[model, resampling] for model, resampling in arms}
        thresholds |= {model: of for (model, _), of in evaluated.thresholds.items()}
        if nets := [model for model in map(Model, settings.models) if model in NETWORKS]:
            from radsieve.tasks.rows.networks import network_scores  # seconds of import for PyTorch

            networks = network_scores(data, columns, known, names, nets, settings, compute)
            found |= {(model, known, NONE): score for model, score in networks.scores.items()}
            thresholds |= networks.thresholds  # of the last set, which is the latest
            tried += networks.tried
    return found, thresholds, pd.DataFrame(tried, columns=list(GRID.columns))


def _comparison(data: FoldedRows, found: Mapping[KnownArm, Floats], settings: RowsSettings) -> pd.DataFrame:
    truth, units, confidence = data.truth, data.units, settings.confidence
    shares = [truth[data.fold != number].mean() for number in range(data.fold.max() + 1)]
    prior = np.array(shares)[data.fold]
    together = pooled(truth, list(found.values()), units, settings.resamples, confidence, settings.seed)
    rows, p_values = [], []
    for (arm, score), measured in zip(found.items(), together, strict=True):
        model, known, resampling = arm
        reference = found.get((Model.LOGISTIC, known, NONE))
        called = score >= (prior if resampling == NONE else areas.CALLED)
        estimates = {
            "roc_auc": areas.area(truth, score, data.fold, units, confidence),
            "pr_auc": measured.pr_auc,
            "brier": measured.brier,
            "brier_skill": measured.brier_skill,
            "accuracy": areas.accuracy(truth, score, units, confidence),
            "balanced_accuracy": areas.balanced_accuracy(truth, called, units, confidence),
        }
        row: dict[str, Any] = {"model": str(model), "columns": known, "resampling": resampling}
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


def _calibrated(
    data: FoldedRows, plain: Mapping[Model, Floats], comparison: pd.DataFrame, confidence: float
) -> pd.DataFrame:
    latest = comparison[(comparison["columns"] == comparison["columns"].iloc[-1]) & (comparison["resampling"] == NONE)]
    skill = latest.set_index("model")[[f"brier_skill{end}" for end, _ in _ENDS]]
    rows = []
    for model, score in plain.items():
        found = calibrated(data.truth, score, data.units, confidence)
        estimates = {
            f"{name}{end}": getattr(getattr(found, name), column)
            for name in ("intercept", "slope")
            for end, column in _ENDS
        }
        errors = {"error": found.error, "error_by_chance": found.by_chance}
        rows.append({"model": str(model), **estimates, **skill.loc[str(model)].to_dict(), **errors})
    return pd.DataFrame(rows, columns=list(CALIBRATED.columns))
