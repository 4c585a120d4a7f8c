"""The section on models: every model cross-validated, paired tests, and the published figures beside ours."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from radsieve.numbers import ShownEstimate, p_is
from radsieve.prefilter import tables as prefilter_tables
from radsieve.reporting.headings import heading
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Answer, Number, Table, estimated, estimates, table
from radsieve.reporting.wording import in_words, listed

COMPARED, RANKED = "compare_classifiers", "rank_classifiers"
SUMMARY, PAIRED, PUBLISHED = (f"{RANKED}/{name}.csv" for name in ("summary", "paired", "published"))
AREA, VALID, EVERY = "roc_auc", "valid", "all groups"
METRICS = ("roc_auc", "pr_auc", "precision", "recall", "accuracy", "brier")
QUESTION = "Does any model beat logistic regression?"
TOLERANCES = {"nearest neighbours": 0.05, "support vectors": 0.05, "logistic regression": 0.03, "trees": 0.05}
PUBLISHED_ROWS = 10_000  # of each group of the study
WITHIN = {True: "within", False: "out of tolerance"}

# Why a model may be far from its published ROC-AUC on data that agree with the published statistics.
REASONS = {
    "SVC_lin": (
        "The exact solution of its problem is w = 0: the mean of the good latents lies among weighted means of the bad"
        " ones, each with a weight of at most 1, so that no direction lowers the hinge loss. What is published, and"
        " what comes here, is what the tolerance at which the solver stops leaves over."
    ),
    "SVC_poly": (
        "Where few images are good, chance alone moves the area: among simulated tables of 10,000 latents with 206 good"
        " ones it has a standard deviation of .02, and the published figure is one such draw."
    ),
    "MLP_1": (
        "One sigmoid unit that was stopped after a few hundred steps: its area says how near it still is to its random"
        " start."
    ),
    "Forest": "The number of trees is not published; it is taken for 10.",
}


def models(inputs: Inputs, groups: Sequence[str], reference: str, rows_of: Mapping[str, int]) -> dict[str, Any]:
    """Tables and figures of stages compare_classifiers and rank_classifiers; `reference` as in params.yaml.

    `rows_of` says how many rows each group of the twin has.
    """
    summary = inputs.table(prefilter_tables.CLASSIFIER_SUMMARY, SUMMARY)
    paired = inputs.table(prefilter_tables.CLASSIFIER_PAIRED, PAIRED)
    beside = _beside(inputs.table(prefilter_tables.CLASSIFIER_PUBLISHED, PUBLISHED), summary)
    found = inputs.metrics(RANKED)["targets"]
    out = beside[beside["comparison"] == WITHIN[False]]
    return {
        "answer": _answer(found.get(VALID), summary, paired),
        "numbers": _numbers(found.get(VALID), summary),
        "points": [f"{why[0].upper()}{why[1:]}." for why in _not_learnable(inputs, groups)] + _points(out),
        "reference": reference,
        "targets": [
            {
                "name": target.replace("_", " "),
                "areas": _areas(summary[summary["target"] == target]),
                "metrics": _metrics(summary[summary["target"] == target]),
                "paired": _paired(paired[(paired["target"] == target)], reference),
            }
            for target in dict.fromkeys(summary["target"])
        ],
        "picture": inputs.figure(
            f"{RANKED}/summary.png",
            "Every model by its ROC-AUC",
            "Heat map of the mean ROC-AUC, models by groups; triangles mark what is better or worse than the reference",
            SUMMARY,
        ),
        "beside": table(beside, "Published figures of valid, and ours", PUBLISHED),
        "beside_picture": inputs.figure(
            f"{RANKED}/published.png",
            "Published ROC-AUC, and ours",
            "Dot plot for each group, a row for each model: the published ROC-AUC, and ours with its interval",
            PUBLISHED,
        ),
        "compared": int((beside["comparison"] != "").sum()),
        "out_of_tolerance": len(out),
        "reasons": _reasons(list(dict.fromkeys(out["model"]))),
        "fewer": _fewer_rows(rows_of),
        "groups": [_group(inputs, group) for group in groups],
    }


def _reasons(out: Sequence[str]) -> dict[str, str]:
    """What is known of the models that are `out` of tolerance, and for which nothing is."""
    known = {name: REASONS[name] for name in out if name in REASONS}
    unknown = [name for name in out if name not in REASONS]
    return known | ({listed(unknown): "No cause is known that is theirs alone."} if unknown else {})


def _fewer_rows(rows_of: Mapping[str, int]) -> str:
    """In words, where models learn from fewer rows than those of the study did, which lowers what they reach."""
    fewer = [f"{rows:,} in {group}" for group, rows in rows_of.items() if rows < PUBLISHED_ROWS]
    if not fewer:
        return ""
    return (
        f"The study has {PUBLISHED_ROWS:,} rows of a group, this run {listed(fewer)}: models learn less from fewer"
        " rows, so that values below the published ones are to be expected here."
    )


def _answer(found: Mapping[str, Any] | None, summary: pd.DataFrame, paired: pd.DataFrame) -> Answer:
    """Whether a model is better than the reference by both paired tests, over all groups."""
    if found is None:
        return Answer(QUESTION, "Not asked: no model was compared on valid.", (SUMMARY,))
    reference, better = found["reference"], found["better_than_reference"]
    of_valid = paired[paired["target"] == VALID]
    pairs = _over_all(of_valid).set_index("model")
    area = in_words(_area(summary, reference))
    if better:
        family = dict(zip(summary["model"], summary["family"], strict=True))
        said = "; ".join(
            f"{name} ({family[name]}) by {_gap(pairs.loc[name])}, {_in_groups(of_valid, name)}" for name in better
        )
        text = (
            f"Yes, in ROC-AUC over all groups, where {reference} has {area}: {said}. On simulated groups that is partly"
            " built in: their scores are smooth functions of linear directions of the latent."
        )
    else:
        text = (
            f"Not shown: none of {len(pairs)} models is better than {reference} (ROC-AUC {area}) by both paired tests."
        )
        if len(pairs):
            first = pairs.sort_values("difference", kind="stable").iloc[-1]
            text += (
                f" The most favourable difference is that of {first.name}, {_gap(first)}; adjusted for the number of"
                f" models, {p_is(float(first['delong_holm']))} by DeLong's test and"
                f" {p_is(float(first['corrected_t_holm']))} by the corrected t-test."
            )
    return Answer(QUESTION, f"{text} {found['worse_than_reference']} of {len(pairs)} are worse.", (PAIRED, SUMMARY))


def _in_groups(paired: pd.DataFrame, model: str) -> str:
    """In how many single groups `model` is better than the reference."""
    single = paired[(paired["model"] == model) & (paired["group"] != EVERY)]
    return f"in {int((single['verdict'] == 'better').sum())} of {len(single)} groups by itself"


def _gap(pair: pd.Series) -> str:
    return in_words(ShownEstimate(pair["difference"], pair["corrected_t_lower"], pair["corrected_t_upper"]))


def _numbers(found: Mapping[str, Any] | None, summary: pd.DataFrame) -> list[Number]:
    if found is None:
        return []
    name = found["reference"]  # named beforehand; the best of many on the same rows would be flattered
    return [estimated(_area(summary, name), f"ROC-AUC of {name}, {EVERY}", SUMMARY)]


def _area(summary: pd.DataFrame, model: str) -> ShownEstimate:
    """The ROC-AUC of `model` on valid, over all groups."""
    rows = summary[(summary["target"] == VALID) & (summary["metric"] == AREA) & (summary["model"] == model)]
    found: ShownEstimate = estimates(_over_all(rows), "mean").iloc[0]
    return found


def _over_all(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of all groups together, or of the only one."""
    return rows[rows["group"] == (rows["group"].iloc[-1] if len(rows) else EVERY)]


def _areas(summary: pd.DataFrame) -> Table:
    areas = summary[summary["metric"] == AREA]
    wide = areas.assign(mean=estimates(areas, "mean")).pivot_table(
        index=["family", "model"], columns="group", values="mean", aggfunc="first", sort=False
    )
    shown = table(wide.reset_index(), "ROC-AUC of each model and group, cross-validated", SUMMARY)
    return replace(shown, columns=["family", "model", *wide.columns])  # names of groups as they are


def _metrics(summary: pd.DataFrame) -> Table:
    rows = _over_all(summary)
    rows = rows.assign(mean=estimates(rows, "mean"))
    wide = rows.pivot_table(index="model", columns="metric", values="mean", aggfunc="first", sort=False)
    spread = rows[rows["metric"] == AREA].set_index("model")["spread"]
    wide = wide.reindex(columns=list(METRICS)).assign(**{"spread of the ROC-AUC over folds": spread})
    return table(wide.reset_index(), f"Every metric of each model: {rows['group'].iloc[0]}", SUMMARY)


def _paired(paired: pd.DataFrame, reference: str) -> Table:
    shown = paired.drop(columns="target").assign(
        difference=estimates(paired, "difference", "corrected_t_lower", "corrected_t_upper")
    )
    columns = [
        "group",
        "model",
        "difference",
        "delong_p",
        "delong_holm",
        "corrected_t_p",
        "corrected_t_holm",
        "verdict",
    ]
    order = shown["group"] == EVERY
    return table(pd.concat([shown[order], shown[~order]])[columns], f"ROC-AUC less that of {reference}", PAIRED)


def _beside(published: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Published and ours, and for areas whether the difference is within the tolerance of the model's family."""
    family = dict(zip(summary["model"], summary["family"], strict=True))
    # without a published group the table is empty, and pandas would take the column for text
    tolerance = published["model"].map(family).map(TOLERANCES).astype(float).where(published["metric"] == AREA)
    within = (published["difference"].abs() <= tolerance).map(WITHIN)
    return published.assign(
        metric=published["metric"].map(heading),
        ours=estimates(published, "ours"),
        tolerance=tolerance,
        comparison=within.where(tolerance.notna(), ""),
    )[["metric", "model", "group", "published", "ours", "difference", "tolerance", "comparison"]]


def _points(out: pd.DataFrame) -> list[str]:
    if out.empty:
        return []
    if len(set(out["group"])) == 1:
        models, group = listed(out["model"].tolist()), out["group"].iloc[0]
        return [f"ROC-AUC of {group} out of tolerance of the published one: {models}."]
    by_model = [f"{name} in {len(rows)}" for name, rows in out.groupby("model", sort=False)]
    return [f"ROC-AUC out of tolerance of the published one, groups by model: {listed(by_model)}."]


def _group(inputs: Inputs, group: str) -> dict[str, Any]:
    folder = f"{COMPARED}/{group}"
    return {
        "name": group,
        "source": inputs.known(f"{folder}/folds.csv"),
        "predictions": inputs.known(f"{folder}/predictions.parquet"),
        "curves": inputs.figure(
            f"{folder}/curves.png",
            f"{group}: ROC and precision by recall",
            f"Receiver operating characteristic and precision by recall of the best model of each family in {group};"
            " the other models are grey",
            f"{folder}/curves.csv",
        ),
        "confusion": inputs.figure(
            f"{folder}/confusion.png",
            f"{group}: confusion matrices",
            f"A row for each model in {group}: bad and good images rejected and accepted, shaded by their share",
            f"{folder}/confusion.csv",
        ),
    }


def _not_learnable(inputs: Inputs, groups: Sequence[str]) -> list[str]:
    """Why no model could be learnt, for each group and target where that is so."""
    found = (inputs.metrics(f"{COMPARED}/{group}")["targets"].values() for group in groups)
    return [target["not_learnable"] for targets in found for target in targets if target["not_learnable"]]
