"""The tables of stage classify_symmetry, from the predictions of its cross-validation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from radsieve import binary_metrics
from radsieve.screening.symmetry_classifier import CrossValidated
from radsieve.screening_tables import (
    SYMMETRY_CALIBRATION,
    SYMMETRY_COMPARISON,
    SYMMETRY_CONFUSION,
    SYMMETRY_CURVES,
    SYMMETRY_PREDICTIONS,
    LabelSource,
)

_IN_METRICS = ("precision", "recall", "accuracy", "roc_auc", "pr_auc", "brier", "bad_per_good_after")


@dataclass(frozen=True)
class Judgement:
    """The tables SYMMETRY_COMPARISON, SYMMETRY_PREDICTIONS and so on of `radsieve.screening_tables`."""

    comparison: pd.DataFrame
    predictions: pd.DataFrame
    confusion: pd.DataFrame
    curves: pd.DataFrame
    calibration: pd.DataFrame


def evaluate_models(judged: CrossValidated, films: pd.DataFrame, options: Mapping[str, Any]) -> Judgement:
    """Measure how well each model does by the labels, and by the truth where it is known.

    `films` has the columns film, unit (drawn as a whole by the bootstrap) and truth (NaN where not known); `options` is
    section classify_symmetry of params.yaml.
    """
    predictions = judged.predictions.assign(
        truth=judged.predictions["film"].map(films.set_index("film")["truth"]).astype(float)
    )
    units = pd.Series(pd.factorize(films["unit"])[0], index=films["film"])
    comparison, confusion, curves, calibration = [], [], [], []
    for model, found in predictions.groupby("model", sort=False):
        probability, accepted = found["probability"].to_numpy(float), found["accepted"].to_numpy()
        judges = {LabelSource.LABELS: found["label"].to_numpy()}
        if found["truth"].notna().all():
            judges[LabelSource.TRUTH] = found["truth"].to_numpy(int)
        for judge_name, good in judges.items():
            by = {"model": model, "judged_by": judge_name}
            measured = binary_metrics.measures_with_intervals(
                good,
                probability,
                accepted,
                found["film"].map(units).to_numpy(),
                options["bootstrap"],
                options["confidence"],
                options["seed"],
            )
            comparison.append(measured.assign(**by))
            confusion.append(binary_metrics.confusion_table(good, accepted, options["confidence"]).assign(**by))
        curves.append(binary_metrics.curve(judges[LabelSource.LABELS], probability).assign(model=model))
        calibrated = binary_metrics.calibration(judges[LabelSource.LABELS], probability, options["confidence"])
        calibration.append(calibrated.assign(model=model))
    return Judgement(
        comparison=_table(comparison, SYMMETRY_COMPARISON),
        predictions=predictions[list(SYMMETRY_PREDICTIONS.columns)],
        confusion=_table(confusion, SYMMETRY_CONFUSION),
        curves=_table(curves, SYMMETRY_CURVES),
        calibration=_table(calibration, SYMMETRY_CALIBRATION),
    )


def symmetry_metrics(
    judgement: Judgement, judged: CrossValidated, films: pd.DataFrame, refitted: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Counts, the main figures of each model by the labels, and the settings chosen for the refitted models."""
    comparison = judgement.comparison[judgement.comparison["judged_by"] == LabelSource.LABELS]
    values = {
        (model, metric): None if pd.isna(value) else value
        for model, metric, value in comparison[["model", "metric", "value"]].itertuples(index=False)
    }
    good = int(films["label"].sum())
    known = films["truth"].notna().all()
    return {
        "films": len(films),
        "good": good,
        "bad": len(films) - good,
        "bad_per_good_before": (len(films) - good) / good,
        "groups": int(films["group"].nunique()),
        "labels_off_the_truth": int((films["label"] != films["truth"]).sum()) if known else None,
        "models": {model: {name: values[model, name] for name in _IN_METRICS} for model in judged.settings},
        "settings": {model: dict(settings) for model, settings in refitted.items()},
        "settings_of_folds": {model: settings for model, settings in judged.settings.items() if settings},
    }


def _table(parts: list[pd.DataFrame], schema: Any) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)[list(schema.columns)]
