"""The tables of stage train_symmetry, from the predictions of its cross-validation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pandera.pandas as pa

from radsieve.progress import working
from radsieve.screening.settings import TrainSymmetry
from radsieve.screening.symmetry.classifier import CrossValidated
from radsieve.screening.symmetry.differences import differences
from radsieve.screening.tables import (
    SYMMETRY_CALIBRATION,
    SYMMETRY_COMPARISON,
    SYMMETRY_CONFUSION,
    SYMMETRY_CURVES,
    SYMMETRY_DIFFERENCES,
    SYMMETRY_PREDICTIONS,
    LabelSource,
)
from radsieve.stats import binary_metrics

_IN_METRICS = ("precision", "recall", "accuracy", "roc_auc", "pr_auc", "brier", "bad_per_good_after")


@dataclass(frozen=True)
class Evaluation:
    """The tables SYMMETRY_COMPARISON, SYMMETRY_PREDICTIONS and so on of `radsieve.screening.tables`."""

    comparison: pd.DataFrame
    predictions: pd.DataFrame
    confusion: pd.DataFrame
    curves: pd.DataFrame
    calibration: pd.DataFrame
    differences: pd.DataFrame

    @property
    def tables(self) -> tuple[tuple[pa.DataFrameSchema, pd.DataFrame], ...]:
        """The tables with their schemas."""
        return (
            (SYMMETRY_COMPARISON, self.comparison),
            (SYMMETRY_PREDICTIONS, self.predictions),
            (SYMMETRY_CONFUSION, self.confusion),
            (SYMMETRY_CURVES, self.curves),
            (SYMMETRY_CALIBRATION, self.calibration),
            (SYMMETRY_DIFFERENCES, self.differences),
        )


@working("bootstrap of the classifiers")
def evaluate_models(evaluated: CrossValidated, images: pd.DataFrame, options: TrainSymmetry) -> Evaluation:
    """Measure how well each model performs by the labels, and by the truth where it is known.

    `images` has the columns image, unit (drawn as a whole by the bootstrap) and truth (NaN where not known); `options`
    is section train_symmetry of params.yaml.
    """
    predictions = evaluated.predictions.assign(
        truth=evaluated.predictions["image"].map(images.set_index("image")["truth"]).astype(float)
    )
    units = pd.Series(pd.factorize(images["unit"])[0], index=images["image"])
    comparison, confusion, curves, calibration = [], [], [], []
    for model, found in predictions.groupby("model", sort=False):
        probability, accepted = found["probability"].to_numpy(float), found["accepted"].to_numpy()
        unit = found["image"].map(units).to_numpy()
        evaluators = {LabelSource.LABELS: found["label"].to_numpy()}
        if found["truth"].notna().all():
            evaluators[LabelSource.TRUTH] = found["truth"].to_numpy(int)
        for evaluator, good in evaluators.items():
            by = {"model": model, "evaluated_by": evaluator}
            measured = binary_metrics.measures_with_intervals(
                good,
                probability,
                accepted,
                unit,
                options.bootstrap,
                options.confidence,
                options.seed,
            )
            comparison.append(measured.assign(**by))
            confusion.append(binary_metrics.confusion_table(good, accepted, unit, options.confidence).assign(**by))
        curves.append(binary_metrics.curve(evaluators[LabelSource.LABELS], probability).assign(model=model))
        labels = evaluators[LabelSource.LABELS]
        calibrated = binary_metrics.calibration(labels, probability, unit, options.confidence)
        calibration.append(calibrated.assign(model=model))
    return Evaluation(
        comparison=_table(comparison, SYMMETRY_COMPARISON),
        predictions=predictions[list(SYMMETRY_PREDICTIONS.columns)],
        confusion=_table(confusion, SYMMETRY_CONFUSION),
        curves=_table(curves, SYMMETRY_CURVES),
        calibration=_table(calibration, SYMMETRY_CALIBRATION),
        differences=differences(predictions, units, options.bootstrap, options.confidence, options.seed),
    )


def symmetry_metrics(
    evaluation: Evaluation, evaluated: CrossValidated, images: pd.DataFrame, refitted: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Counts, the main figures of each model by the labels, and the settings chosen for the refitted models."""
    comparison = evaluation.comparison[evaluation.comparison["evaluated_by"] == LabelSource.LABELS]
    values = {
        (model, metric): None if pd.isna(value) else value
        for model, metric, value in comparison[["model", "metric", "value"]].itertuples(index=False)
    }
    good = int(images["label"].sum())
    known = images["truth"].notna().all()
    return {
        "images": len(images),
        "good": good,
        "bad": len(images) - good,
        "bad_per_good_before": (len(images) - good) / good,
        "groups": int(images["group"].nunique()),
        "labels_off_the_truth": int((images["label"] != images["truth"]).sum()) if known else None,
        "models": {model: {name: values[model, name] for name in _IN_METRICS} for model in evaluated.settings},
        "settings": {model: dict(settings) for model, settings in refitted.items()},
        "settings_of_folds": {model: settings for model, settings in evaluated.settings.items() if settings},
    }


def symmetry_summary(metrics: Mapping[str, Any], model: str) -> str:
    """The ROC-AUC of `model`, chosen beforehand, its recall, and the bad images for each good one before and after."""
    found = metrics["models"][model]
    before, after = metrics["bad_per_good_before"], found["bad_per_good_after"]
    ratio = f"{before:.2f} bad for each good one" + ("" if after is None else f", {after:.2f} after {model}")
    return f"{ratio}, which accepts {found['recall']:.0%} of the good ones; ROC-AUC {found['roc_auc']:.3f}"


def _table(parts: list[pd.DataFrame], schema: Any) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)[list(schema.columns)]
