"""The sections on each table: what is in it, how well its outcome is predicted, and by which columns."""

from typing import Any

import pandas as pd

from radsieve.params import Params
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.metrics import estimates_of
from radsieve.reporting.page import (
    Number,
    ShownEstimate,
    Table,
    count_of,
    estimate_of,
    estimated,
    estimates,
    folded,
    show,
    table,
)
from radsieve.reporting.study.about import simulated_tables
from radsieve.reporting.wording import in_words, plain, span
from radsieve.tasks.plots.mistakes import words
from radsieve.tasks.plots.rows import shap_unit
from radsieve.tasks.report.codebooks import codebook_of
from radsieve.tasks.report.part import Part
from radsieve.tasks.tables import (
    CALIBRATED,
    COLUMNS,
    COMPARISON,
    EXPLANATIONS,
    GRID,
    OPERATING,
    ROW_COUNTS,
    ROW_QUARANTINE,
    ROW_SUBGROUPS,
    SEEN_ROWS,
    SINGLE_SPLITS,
    TRUTH,
    Model,
    SeenRows,
)

_WITH_INTERVALS = ("roc_auc", "pr_auc", "brier", "brier_skill", "accuracy", "balanced_accuracy", "difference")
_CALIBRATION = {"error": "expected calibration error", "error_by_chance": "the same by chance"}
_AT_THRESHOLDS = ("sensitivity", "specificity", "balanced_accuracy")
_TITLES = {
    "diabetes": "Diabetes by measurements",
    "survey": "Diabetes by a survey",
    "deaths": "Deaths by admissions",
}


def parts(inputs: Inputs, params: Params) -> list[Part]:
    """The sections on the tables of classify_rows, in their order."""
    drawn = simulated_tables(params)
    return [_part(inputs, params, name, name in drawn) for name in _TITLES]


def _part(inputs: Inputs, params: Params, name: str, simulated: bool) -> Part:
    packed, stage = f"pack_tables/{name}", f"classify_rows/{name}"
    counts = inputs.metrics(packed)
    comparison = inputs.table(COMPARISON, f"{stage}/comparison.csv")
    best = _bayes(inputs, name) if simulated else None
    level = 1 - float(getattr(params.classify_rows, name).confidence)
    where = str(getattr(params.pack_tables, name).table)
    return Part(
        anchor=name,
        title=_TITLES[name],
        template="classified.html",
        shown=_shown_of(inputs, name, where, counts, 1 - level) | {"said": _said(comparison, best, level)},
        numbers=tuple(_numbers(comparison, name)),
        points=tuple(_points(name, counts, comparison, best)),
        leaks=f"{stage}/leaks.csv",
        task=name,
    )


def _shown_of(inputs: Inputs, name: str, where: str, counts: dict[str, Any], confidence: float) -> dict[str, Any]:
    packed, stage = f"pack_tables/{name}", f"classify_rows/{name}"
    numbers = estimates_of(inputs.metrics(stage))
    comparison = inputs.table(COMPARISON, f"{stage}/comparison.csv")
    explanations = inputs.table(EXPLANATIONS, f"{stage}/explanations.csv")
    singles = inputs.table(SINGLE_SPLITS, f"{stage}/splits.csv")
    calibrated = folded(inputs.table(CALIBRATED, f"{stage}/calibrated.csv"), ["intercept", "slope", "brier_skill"])
    groups = inputs.table(ROW_SUBGROUPS, f"{stage}/subgroups.csv")
    operating = inputs.table(OPERATING, f"{stage}/operating.csv")
    again = inputs.table(SEEN_ROWS, f"{stage}/repeated.csv")
    grid = inputs.table(GRID, f"{stage}/grid.csv")
    grid = grid.assign(columns=grid["columns"].map(_KNOWN), chosen=grid["chosen"].map({0: "", 1: "chosen"}))
    columns = inputs.table(COLUMNS, f"{packed}/columns.csv")
    quarantine = inputs.table(ROW_QUARANTINE, f"{packed}/quarantine.csv")
    return {
        "name": name,
        "where": where,
        "rows": counts["rows"],
        "used": int(numbers["rows"].value),
        "positive": counts["positive"],
        "equal": counts["equal_rows"],
        "contradicting": counts["equal_predictors_other_outcome"],
        "left_out": counts["columns_left_out"],
        "columns": table(
            columns.assign(known=columns["known"].map(_KNOWN)), f"Columns of {name}", f"{packed}/columns.csv"
        ),
        "codebook": codebook_of(inputs, name),
        "any_level": count_of(counts["codes_of_any_level"], "column") if counts["codes_of_any_level"] else "",
        "counts": table(inputs.table(ROW_COUNTS, f"{packed}/counts.csv"), f"Splits of {name}", f"{packed}/counts.csv"),
        "quarantine": table(quarantine, f"Rows of {name} that were left out", f"{packed}/quarantine.csv"),
        "comparison": table(_shown(comparison), f"Models of {name}", f"{stage}/comparison.csv"),
        "explanations": table(
            folded(explanations, ["shap"]), f"Columns of {name} by what they move", f"{stage}/explanations.csv"
        ),
        "explained": words(explanations["model"].iloc[0]),
        "unit": shap_unit(explanations),
        "calibrated": table(
            calibrated.assign(model=plain(calibrated["model"])).rename(columns=_CALIBRATION),
            f"Calibration of the models of {name}",
            f"{stage}/calibrated.csv",
        ),
        "operating": table(
            folded(operating.assign(model=plain(operating["model"])), _AT_THRESHOLDS),
            f"Models of {name} at their thresholds",
            f"{stage}/operating.csv",
        ),
        "repeated": _repeated(again, name, f"{stage}/repeated.csv"),
        "seen": _seen(again),
        "stored": _stored(inputs.metrics(stage)),
        "model_file": inputs.known(f"{stage}/model.skops"),
        "groups": table(_groups(groups), f"Subgroups of {name}", f"{stage}/subgroups.csv") if len(groups) else None,
        "grouped": _grouped(groups, 1 - float(confidence)),
        "grid": table(grid, f"Perceptrons of {name}", f"{stage}/grid.csv") if len(grid) else None,
        "recurrent": bool(set(comparison["model"]) & {"lstm", "gru"}),
        "agreement": in_words(numbers["shap_permutation_rank_correlation"]),
        "between_folds": in_words(numbers["shap_fold_rank_correlation"]),
        "singles": _singles(singles),
        "splits": table(singles, f"Single random splits of {name}", f"{stage}/splits.csv"),
        "protocols": inputs.figure(
            f"{stage}/protocols.png",
            f"Mistakes in {name}",
            "A line from the honest ROC-AUC to that with the mistake, by mistake and model",
            f"{stage}/leaks.csv",
        ),
        "roc": inputs.figure(
            f"{stage}/roc.png",
            f"ROC curves of {name}",
            "Sensitivity by false positive rate, a line for each model",
            f"{stage}/roc.csv",
        ),
        "reliability": inputs.figure(
            f"{stage}/reliability.png",
            f"Calibration of {name}",
            "Share of positive rows by mean probability, a panel for each model",
            f"{stage}/calibration.csv",
        ),
        "importance": inputs.figure(
            f"{stage}/importance.png",
            f"What moves the predictions of {name}",
            "Mean absolute SHAP value and fall of the ROC-AUC by column",
            f"{stage}/explanations.csv",
        ),
        "predictions": inputs.known(f"{stage}/predictions.csv"),
    }


def _stored(metrics: dict[str, Any]) -> str:
    """What the stored model learnt from, and what is expected of it, in words."""
    learnt, expected = metrics["stored_learnt_from"], metrics["stored_roc_auc"]
    area = in_words(ShownEstimate(expected["value"], expected["lower"], expected["upper"]))
    several = metrics["stored_chosen_of"]
    said = f"{words(metrics['stored_model']).capitalize()} learnt from {count_of(learnt['rows'], 'row')} of"
    said = f"{said} {count_of(learnt['units'], 'unit')} and is stored."
    if several == 1:
        return f"{said} Its ROC-AUC out of fold is {area}."
    return (
        f"{said} It is the best of {several} models; where each fold is predicted by the model that is best in the"
        f" other folds, the ROC-AUC is {area}: how well a row is predicted has no part in the choice of its model."
    )


def _bayes(inputs: Inputs, name: str) -> float:
    truth = inputs.table(TRUTH, "generate_cases/truth.csv")
    chosen = truth[(truth["table"] == name) & (truth["quantity"] == "bayes_auc")]
    return float(chosen["value"].iloc[0])


def _plain_rows(comparison: pd.DataFrame) -> pd.DataFrame:
    """The rows of the models without resampling, of all columns that are known at the visit."""
    latest = comparison["columns"].iloc[-1]
    return comparison[comparison["columns"].eq(latest) & comparison["resampling"].eq("none")].copy()


def _said(comparison: pd.DataFrame, best: float | None, level: float) -> str:
    rows = _plain_rows(comparison)
    reference = rows[rows["model"] == "logistic"]
    parts = []
    if len(reference):
        known = _KNOWN[str(reference["columns"].iloc[0])]
        area = in_words(estimate_of(reference.iloc[0], "roc_auc"))
        parts.append(f"By the columns {known} logistic regression has a ROC-AUC of {area}.")
        better, worse = (_named(rows[(sign * rows["difference"] > 0) & (rows["holm"] < level)]) for sign in (1, -1))
        parts.append(f"Better, after Holm: {better}." if better else "No model was found to be better (Holm).")
        if worse:
            parts.append(f"Worse: {worse}.")
    if best is not None:
        parts.append(
            f"The table is simulated: with all values and the true coefficients, the ROC-AUC would be {show(best)} on"
            " average over outcomes drawn for these rows; those that were drawn may give more or less by chance."
        )
    return " ".join(parts)


def _named(rows: pd.DataFrame) -> str:
    """Models and their differences from logistic regression, in words."""
    return ", ".join(
        f"{words(row['model'])} by {in_words(estimate_of(row, 'difference'))}" for row in rows.to_dict("records")
    )


def _numbers(comparison: pd.DataFrame, name: str) -> list[Number]:
    rows = _plain_rows(comparison)
    reference = rows[rows["model"] == "logistic"]
    source = f"classify_rows/{name}/comparison.csv"
    return [
        estimated(estimate_of(row, "roc_auc"), f"ROC-AUC of logistic regression on unseen rows of {name}", source)
        for row in reference.to_dict("records")
    ]


def _points(name: str, counts: dict[str, Any], comparison: pd.DataFrame, best: float | None) -> list[str]:
    points = []
    if counts["quarantined"]:
        points.append(f"{count_of(counts['quarantined'], 'row')} of {name} could not be used.")
    if counts["equal_predictors_other_outcome"]:
        points.append(
            f"{count_of(counts['equal_predictors_other_outcome'], 'set')} of equal values in {name} occur with both"
            " outcomes: no model can tell these apart."
        )
    plain_rows = _plain_rows(comparison)
    if best is not None and (above := plain_rows[plain_rows["roc_auc_lower"] > best]).size:
        names = ", ".join(map(words, above["model"]))
        points.append(f"{names} of {name} have more than the best ROC-AUC that is possible: look for a leak.")
    return points


def _singles(singles: pd.DataFrame) -> str:
    if singles.empty:
        return ""
    return (
        f"Of {count_of(len(singles), 'random split')} of 80 to 20, each of which one analysis could have published, the"
        f" accuracy of logistic regression is {span(singles['accuracy'])}, its ROC-AUC {span(singles['roc_auc'])}, and"
        f" the area of called outcomes {span(singles['hard_auc'])}."
    )


def _repeated(again: pd.DataFrame, name: str, source: str) -> Table | None:
    """What each model but the majority, which ranks nothing, says of rows that repeat others; None if none does."""
    shown = again[again["model"] != Model.MAJORITY]
    shown = folded(shown.assign(model=plain(shown["model"])), ["roc_auc"])
    return table(shown, f"Rows of {name} that repeat others", source) if _rows_of(again, SeenRows.REPEATED) else None


def _seen(again: pd.DataFrame) -> str:
    """How many rows repeat others, in words."""
    return f"{count_of(_rows_of(again, SeenRows.REPEATED), 'row')} of {show(_rows_of(again, SeenRows.ALL))}"


def _rows_of(again: pd.DataFrame, evaluated: SeenRows) -> int:
    return int(again.loc[again["evaluated"] == evaluated, "rows"].iloc[0])


def _groups(groups: pd.DataFrame) -> pd.DataFrame:
    shown = groups.assign(
        model=plain(groups["model"]),
        metric=groups["metric"].map({"roc_auc": "ROC-AUC", "observed_minus_expected": "observed minus expected"}),
        estimate=estimates(groups, "estimate", "lower", "upper"),
    )
    return folded(shown.drop(columns=["lower", "upper"]), ["difference"])


def _grouped(groups: pd.DataFrame, level: float) -> str:
    """Which subgroups differ from all other rows, in words."""
    found = groups[groups["holm"] < level]
    if found.empty:
        return "No subgroup was found to differ from the other rows (Holm)."
    names = dict.fromkeys(f"{row['column']} = {row['value']}" for row in found.to_dict("records"))
    return f"Different from the other rows in some figure, after Holm: {', '.join(names)}."


def _shown(comparison: pd.DataFrame) -> pd.DataFrame:
    named = comparison.assign(model=plain(comparison["model"]), columns=comparison["columns"].map(_KNOWN))
    told = folded(named, _WITH_INTERVALS)
    first = ["model", "columns", "resampling", "roc_auc", "difference", "holm"]  # the table is wide
    return told[[*first, *(name for name in told if name not in first)]]


_KNOWN = {"before": "known before the visit", "at": "known at the visit", "after": "known after the visit alone"}
