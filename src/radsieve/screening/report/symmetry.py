"""The section on symmetry: six features of each mask, and classifiers that learn from them which images are good."""

import math
from typing import Any

import pandas as pd

from radsieve.numbers import ShownEstimate
from radsieve.reporting.headings import heading
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Table, estimates, records, table
from radsieve.reporting.wording import in_words, listed
from radsieve.screening import tables as screening_tables
from radsieve.screening.report.networks import BATCHES, true_and_altered
from radsieve.screening.tables import LabelSource

STAGE = "train_symmetry"
COMPARISON, PREDICTIONS, CONFUSION, CURVES, CALIBRATION, DIFFERENCES = (
    f"{STAGE}/{name}.csv" for name in ("comparison", "predictions", "confusion", "curves", "calibration", "differences")
)
MODELS = (f"{STAGE}/logistic_regression.skops", f"{STAGE}/decision_tree.skops")
ALWAYS = "always_accept"
_NOT_MEASURED = ShownEstimate(math.nan, math.nan, math.nan)
MODEL = "logistic_regression"  # the study's: chosen beforehand, not as the best of those that are evaluated here
_WORST = 20
_GIVEN = ("recall", "specificity", "accepted_share", "roc_auc")  # of ALWAYS 1, 0, 1 and 1/2 by definition
_FIRST = ("bad_per_good_before", "bad_per_good_after")  # metrics of the study, shown before the others


def symmetry(inputs: Inputs, confidence: float) -> dict[str, Any]:
    """Tables and figures of the features and of the classifiers; `confidence` is that of train_symmetry."""
    comparison = inputs.table(screening_tables.SYMMETRY_COMPARISON, COMPARISON)
    confusion = inputs.table(screening_tables.SYMMETRY_CONFUSION, CONFUSION)
    predictions = inputs.table(screening_tables.SYMMETRY_PREDICTIONS, PREDICTIONS)
    calibration = inputs.table(screening_tables.SYMMETRY_CALIBRATION, CALIBRATION)
    differing = inputs.table(screening_tables.SYMMETRY_DIFFERENCES, DIFFERENCES)
    truth_known = bool((comparison["evaluated_by"] == LabelSource.TRUTH).any())
    return {
        "features": _features(inputs),
        "feature_pictures": [
            inputs.figure(
                f"measure_symmetry/{batch}/features.png",
                f"The six features: {title.lower()}",
                f"Histograms of the six features of the masks of the {title.lower()}; the table gives their quantiles",
                f"measure_symmetry/{batch}/features.csv",
            )
            for batch, title in BATCHES.items()
        ],
        "images": predictions["image"].nunique(),
        "folds": predictions["fold"].nunique(),
        "truth_known": truth_known,
        "headlines": headlines(comparison),
        "lost": _lost(confusion),
        "verdict": _verdict(differing, confidence),
        "differences": table(
            _differences(differing),
            "Each model minus the best single feature, on the same images (p: DeLong; adjusted: Holm, all models)",
            DIFFERENCES,
        ),
        "by_labels": _compared(comparison, LabelSource.LABELS),
        "by_truth": _compared(comparison, LabelSource.TRUTH) if truth_known else None,
        "confusion_by_labels": _confusion(confusion, LabelSource.LABELS),
        "confusion_by_truth": _confusion(confusion, LabelSource.TRUTH) if truth_known else None,
        "curves": inputs.figure(
            f"{STAGE}/curves.png",
            "Receiver operating characteristic and precision by recall",
            "Left, the share of good by that of bad images accepted, a curve for each model and a dot at its operating"
            " point; right, precision by recall. Areas with their intervals are in the legends",
            CURVES,
        ),
        "calibration": table(
            calibration.assign(
                model=_words(calibration["model"]), share_good=estimates(calibration, "share_good")
            ).drop(columns=["lower", "upper"]),
            "Images by predicted probability, and the share labelled good",
            CALIBRATION,
        ),
        "calibration_picture": inputs.figure(
            f"{STAGE}/calibration.png",
            "Calibration",
            "Share of good images by predicted probability of each model; the table below says the same in numbers",
            CALIBRATION,
        ),
        "tree": inputs.figure(
            f"{STAGE}/tree.png",
            "Decision tree, fitted on all images",
            "The tree from its root: at each node a feature and a threshold, and how many bad and good images reach it",
        ),
        "worst": _worst(predictions),
        "models": [inputs.known(name) for name in MODELS],
    }


def _lost(confusion: pd.DataFrame) -> tuple[int, int]:
    """How many of how many images labelled good MODEL rejects."""
    good = confusion[
        (confusion["model"] == MODEL) & (confusion["evaluated_by"] == LabelSource.LABELS) & (confusion["good"] == 1)
    ]
    return int(good.loc[good["accepted"] == 0, "images"].sum()), int(good["images"].sum())


def _differences(differing: pd.DataFrame) -> pd.DataFrame:
    shown = differing.assign(
        model=_words(differing["model"]),
        metric=differing["metric"].map(heading),
        difference=estimates(differing, "difference"),
    )
    return shown.drop(columns=["lower", "upper"])


def _verdict(differing: pd.DataFrame, confidence: float) -> str:
    """Whether any model beats the best single feature by its ROC-AUC, evaluated by the labels, in words."""
    areas = differing[(differing["evaluated_by"] == LabelSource.LABELS) & (differing["metric"] == "roc_auc")]
    said = [
        f"{row['model'].replace('_', ' ')} {in_words(ShownEstimate(row['difference'], row['lower'], row['upper']))}"
        for row in records(areas)
    ]
    better = areas[(areas["difference"] > 0) & (areas["p_adjusted"] < 1 - confidence)]
    if len(better):
        names = listed([name.replace("_", " ") for name in better["model"]])
        return (
            f"Better than the best single feature by ROC-AUC, adjusted for {len(areas)} models: {names}. {_gains(said)}"
        )
    return f"No model is shown to have a greater ROC-AUC than the best single feature. {_gains(said)}"


def _gains(said: list[str]) -> str:
    return f"Differences of the ROC-AUC: {'; '.join(said)}."


def headlines(comparison: pd.DataFrame) -> dict[str, ShownEstimate]:
    """The metrics of MODEL, by the labels that it learnt from."""
    chosen = comparison[(comparison["model"] == MODEL) & (comparison["evaluated_by"] == LabelSource.LABELS)]
    return dict(zip(chosen["metric"], estimates(chosen, "value"), strict=True))


def _features(inputs: Inputs) -> Table:
    """Quantiles of each feature in each batch."""
    rows = []
    measured = {
        batch: inputs.table(screening_tables.SYMMETRY_FEATURES, f"measure_symmetry/{batch}/features.csv")
        for batch in BATCHES
    }
    for batch, features in true_and_altered(inputs, measured).items():
        for name in screening_tables.FEATURES:
            quantiles = features[name].quantile([0.05, 0.25, 0.5, 0.75, 0.95])
            rows.append((batch, name.replace("_", " "), len(features), *quantiles))
    columns = ["batch", "feature", "images", "5%", "25%", "median", "75%", "95%"]
    return table(
        pd.DataFrame(rows, columns=columns), "Quantiles of the six features", "measure_symmetry/<batch>/features.csv"
    )


def _compared(comparison: pd.DataFrame, evaluated_by: str) -> Table:
    """One row per model, one column per metric, each an estimate."""
    chosen = comparison[comparison["evaluated_by"] == evaluated_by]
    given = (chosen["model"] == ALWAYS) & chosen["metric"].isin(_GIVEN)
    measured = estimates(chosen, "value").mask(given, _NOT_MEASURED)
    chosen = chosen.assign(estimate=measured, model=_words(chosen["model"]))
    wide = chosen.pivot_table(index="model", columns="metric", values="estimate", aggfunc="first", sort=False)
    title = (
        "evaluated by the labels"
        if evaluated_by == LabelSource.LABELS
        else "evaluated by the truth, without the noise of the labels"
    )
    wide = wide[[*_FIRST, *(name for name in wide.columns if name not in _FIRST)]]
    return table(wide.reset_index(), f"Models out of fold, {title}", COMPARISON)


def _confusion(confusion: pd.DataFrame, evaluated_by: str) -> Table:
    """One row per model: how many bad and good images it accepted and rejected, and the share that it accepted."""
    chosen = confusion[confusion["evaluated_by"] == evaluated_by]
    measured = estimates(chosen, "share").mask(chosen["model"] == ALWAYS, _NOT_MEASURED)
    kind, fate = chosen["good"].map({0: "bad", 1: "good"}), chosen["accepted"].map({0: "rejected", 1: "accepted"})
    named = chosen.assign(
        model=_words(chosen["model"]), cell=kind + " " + fate, kind="share of " + kind, share=measured
    )
    counts = named.pivot_table(index="model", columns="cell", values="images", aggfunc="sum", sort=False)
    shares = named[named["accepted"] == 1].pivot_table(
        index="model", columns="kind", values="share", aggfunc="first", sort=False
    )
    title = "Confusion out of fold; share of the bad (FPR) and of the good images (TPR, recall) that is accepted"
    return table(counts.join(shares).reset_index(), title, CONFUSION)


def _worst(predictions: pd.DataFrame) -> Table:
    """The images on which MODEL contradicts the label with the greatest confidence."""
    chosen = predictions[predictions["model"] == MODEL]
    error = (chosen["probability"] - chosen["label"]).abs()
    worst = chosen.assign(error=error).sort_values("error", ascending=False, kind="stable").head(_WORST)
    words = {0: "bad", 1: "good"}
    return table(
        worst[["image", "group", "label", "truth", "probability"]].assign(
            label=worst["label"].map(words), truth=worst["truth"].map(words)
        ),
        f"The {len(worst)} images on which the logistic regression and the label differ most",
        PREDICTIONS,
    )


def _words(names: pd.Series) -> pd.Series:
    return names.str.replace("_", " ")
