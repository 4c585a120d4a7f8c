"""The sections on the classifiers: the abnormality net, and the sex by transfer learning."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from radsieve.numbers import ShownEstimate
from radsieve.reporting.cards import card_of
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.metrics import estimates_of
from radsieve.reporting.page import Table, count_of, estimates, show, table
from radsieve.reporting.wording import in_words, listed
from radsieve.screening import tables as screening_tables
from radsieve.screening.report.network_facts import built, small_subgroups, subgroups_table, unequal
from radsieve.screening.report.networks import BATCHES, quantiles_of, quarantined, true_and_altered
from radsieve.stats import resampling
from radsieve.stats.resampling import Estimate

ABNORMALITY, SEX = "train_abnormality", "train_sex"
_WORST = 20
_AREAS = ("roc_auc", "pr_auc", "brier", "mean_probability", "prevalence", "calibration_intercept", "calibration_slope")
_MEASURES = {"sensitivity": "Sensitivity", "specificity": "Specificity", "roc_auc": "ROC-AUC"}
_RULES = {
    "youden": "the greatest sensitivity + specificity - 1 (Youden 1950)",
    "sensitivity": "the most specific point with a sensitivity of at least {level:g}",
    "specificity": "the most sensitive point with a specificity of at least {level:g}",
}


def abnormality(inputs: Inputs, group: str | None, confidence: float) -> dict[str, Any]:
    """Metrics, curve and worst images of the net that tells normal from abnormal images, and where it looks.

    `group` is what the column `group` of the set holds, if it holds anything; `confidence` is that of the intervals.
    """
    predicted = {
        name: inputs.table(screening_tables.PREDICTIONS, f"predict_images/{name}/predictions.csv") for name in BATCHES
    }
    return {
        **_classifier(inputs, ABNORMALITY, "abnormality net", group, confidence),
        "regularization": _regularization(inputs),
        "quantiles": quantiles_of(
            true_and_altered(inputs, predicted, "file"),
            ["probability", "max_heat"],
            "predict_images/<batch>/predictions.csv",
        ),
        "batches": [
            {
                "title": title,
                "images": len(predicted[name]),
                "source": f"predict_images/{name}/predictions.csv",
                **quarantined(inputs, f"predict_images/{name}"),
                "heatmaps": inputs.figure(
                    f"predict_images/{name}/heatmaps.png",
                    f"Heat maps of the abnormality net: {title.lower()}",
                    "Images with the heat map of an abnormality laid over them, and its probability",
                    f"predict_images/{name}/predictions.csv",
                    images=True,
                ),
            }
            for name, title in BATCHES.items()
        ],
    }


def sex(inputs: Inputs, group: str | None, confidence: float) -> dict[str, Any]:
    """Metrics of the transferred net, both ablations, and the shortcut: where the heat is.

    `group` is what the column `group` of the set holds, such as `arm`, if it holds anything; `confidence` is that of
    the intervals.
    """
    ablation = inputs.table(screening_tables.ABLATION, f"{SEX}/ablation.csv")
    found = _classifier(inputs, SEX, "sex", group, confidence)
    return {
        **found,
        "ablation": _ablation(ablation),
        "points": [*found["points"], *_differences(found["looks"])],
        "concluded": _concluded(found["looks"], found["positive"]),
        "heatmaps": inputs.figure(
            f"{SEX}/heatmaps.png",
            "Heat maps of the net that predicts the sex",
            "Images with the heat map laid over them and the lungs outlined",
            f"{SEX}/shortcut.csv",
            images=True,
        ),
    }


def _classifier(inputs: Inputs, stage: str, title: str, group: str | None, confidence: float) -> dict[str, Any]:
    """What the pages of both classifiers share: metrics at the operating point, calibration, subgroups, and the images
    that were predicted worst."""
    predictions = inputs.table(screening_tables.HELD_OUT, f"{stage}/predictions.csv")
    error = (predictions["probability"] - predictions["truth"]).abs()
    worst = predictions.assign(error=error).sort_values("error", ascending=False, kind="stable").head(_WORST)
    worst = worst.drop(columns="group") if group is None else worst.rename(columns={"group": group})
    metrics = estimates_of(inputs.metrics(stage))
    card = card_of(inputs.path(f"{stage}/model.safetensors"))
    shares = inputs.table(screening_tables.OPERATING_POINT, f"{stage}/operating_point.csv")
    subgroups = inputs.table(screening_tables.SUBGROUPS, f"{stage}/subgroups.csv")
    shortcut = inputs.table(screening_tables.SHORTCUT, f"{stage}/shortcut.csv")
    named = "group" if group is None or group.startswith("pattern:") else group
    looks = {
        name.replace("group", named): estimates_of(found)
        for name, found in inputs.metrics(stage)["where_it_looks"].items()
    }
    return {
        "images": len(predictions),
        "patients": predictions["patient"].nunique(),
        "positive": str(card["positive"]),
        "metrics": metrics,
        "source": f"{stage}/metrics.json",
        "point": _point(card),
        "called_from": card["operating_point"]["probability"] if card.get("operating_point") else None,
        "recalibrated": _recalibrated(card),
        "calibrated": _calibrated(metrics),
        "missed": _missed(shares, str(card["positive"]), str(card["negative"])),
        "metrics_table": table(
            pd.DataFrame([{name: metrics[name] for name in _AREAS if name in metrics}]),
            f"Metrics of the held-out images: {title}",
            f"{stage}/metrics.json",
        ),
        "shares": table(
            shares.assign(
                measure=shares["measure"].replace(
                    {"ppv": "positive predictive value", "npv": "negative predictive value"}
                ),
                images=[f"{row['count']} of {row['of']}" for row in shares.to_dict("records")],
                share=estimates(shares, "value"),
            )[["measure", "images", "share"]],
            f"At the operating point: {title}",
            f"{stage}/operating_point.csv",
        ),
        **{
            name: inputs.figure(f"{stage}/{file}.png", f"{shown}: {title}", alt, f"{stage}/{table_of}.csv")
            for name, (file, shown, alt, table_of) in _FIGURES.items()
        },
        "subgroups": subgroups_table(subgroups, f"Results by subgroup: {title}", f"{stage}/subgroups.csv"),
        "too_small": small_subgroups(subgroups, of_label=True),
        "points": unequal(subgroups, title, _MEASURES, confidence, of_label=True),
        "looks": looks,
        "shortcut": table(
            pd.DataFrame([{"images of": name} | found for name, found in looks.items()]),
            f"Mean share of the heat outside of the lungs, and mean probability: {title}",
            f"{stage}/metrics.json",
        ),
        "lung_share": shortcut["lung_share"].mean(),
        "cold": int(shortcut["heat_outside"].isna().sum()),
        "spread": _spread(shortcut, looks, str(card["positive"])),
        "strength": _strength(inputs.table(screening_tables.REGULARIZATION, f"{stage}/regularization.csv")),
        "worst": table(
            worst, f"The {len(worst)} held-out images that were predicted worst: {title}", f"{stage}/predictions.csv"
        ),
        "built": built(card, f"{stage}/model.safetensors", title),
        "weights": inputs.known(f"{stage}/model.safetensors"),
        "chosen_by": [inputs.known(f"{stage}/{name}.csv") for name in ("unseen", "regularization")],
    }


_FIGURES = {
    "roc": (
        "roc",
        "Receiver operating characteristic",
        "Sensitivity by 1 - specificity with its interval and the operating point; precision by recall",
        "roc",
    ),
    "thresholds": (
        "thresholds",
        "Sensitivity and specificity by threshold",
        "Sensitivity and specificity at every threshold of the probability, with intervals, and the operating point",
        "roc",
    ),
    "confusion": (
        "confusion",
        "Confusion matrix",
        "Images by their label and by what they were called, with shares of each label",
        "confusion",
    ),
    "reliability": (
        "reliability",
        "Reliability diagram",
        "Share of positive images by mean probability, and how often each probability occurs",
        "reliability",
    ),
    "subgroups_figure": (
        "subgroups",
        "Results by subgroup",
        "Sensitivity, specificity, ROC-AUC, mean probability and share of positive images of each subgroup, with their"
        " intervals",
        "subgroups",
    ),
}


def _point(card: Mapping[str, Any]) -> str:
    """In words, from which probability on an image is called positive, and how that was chosen."""
    if not (point := card.get("operating_point")):
        return ""
    rule = _RULES[point["rule"]].format(level=point["level"])
    return (
        f"An image is called {card['positive']} from a probability of {show(point['probability'])} on: {rule} on"
        f" {point['chosen_on']} ({count_of(point['images'], 'image')} of {count_of(point['units'], 'unit')}), where"
        f" sensitivity was {show(point['reached']['sensitivity'])} and specificity"
        f" {show(point['reached']['specificity'])}; no image of test took part in the choice."
    )


def _recalibrated(card: Mapping[str, Any]) -> str:
    if not (found := card.get("recalibration")):
        return ""
    if not found["done"]:
        return (
            f"Its probability is not recalibrated: one of the labels has images of only"
            f" {count_of(found['fewest_units'], 'unit')} in {found['on']}, and {found['needed_units']} are needed."
        )
    return f"Its probability was recalibrated on {found['on']} by a sigmoid (Platt 1999)."


def _calibrated(metrics: Mapping[str, ShownEstimate]) -> str:
    """In words, whether the probability is right on the held-out images."""
    if "calibration_slope" not in metrics:
        return ""
    intercept, slope = metrics["calibration_intercept"], metrics["calibration_slope"]
    if slope.value != slope.value:
        off = "too low" if intercept.lower > 0 else "too high" if intercept.upper < 0 else ""
        verdict = f"probabilities are {off} on average" if off else "no miscalibration is shown, nor excluded"
        return (
            "The held-out labels are separated by the probability, so that the slope of calibration is not defined; the"
            f" intercept is {in_words(intercept)} (0 if calibrated): {verdict}."
        )
    wrong = [
        f"the {name}"
        for name, found, right in (("intercept", intercept, 0), ("slope", slope, 1))
        if found.upper < right or found.lower > right
    ]
    verdict = (
        f"{listed(wrong)} {'shows' if len(wrong) == 1 else 'show'} that it is off"
        if wrong
        else "no miscalibration is shown, nor excluded as far as these intervals reach"
    )
    return (
        f"On test the intercept of calibration is {in_words(intercept)} (0 if calibrated), the slope {in_words(slope)}"
        f" (1 if calibrated): {verdict}."
    )


def _missed(shares: pd.DataFrame, positive: str, negative: str) -> str:
    by = {row["measure"]: (int(row["of"]), int(row["of"] - row["count"])) for row in shares.to_dict("records")}
    (positives, missed), (negatives, alarms) = by["sensitivity"], by["specificity"]
    return (
        f"Of {positives} {positive} images the net missed {missed}, and of {negatives} {negative} ones it called"
        f" {alarms} {positive}."
    )


def _spread(shortcut: pd.DataFrame, looks: Mapping[str, Mapping[str, ShownEstimate]], positive: str) -> str:
    """In words, whether the heat of the positive label keeps to the lungs more than evenly spread heat would.

    `shortcut` is SHORTCUT; of a network that does not see the whole image this comparison is not fair.
    """
    outside = looks[positive]["heat_outside"]
    if outside.lower != outside.lower:
        return ""
    warm = shortcut[(shortcut["truth"] == 1) & shortcut["heat_outside"].notna()]
    even = 1 - warm["lung_share"].mean()
    if outside.upper < even:
        verdict = "the heat keeps to the lungs more than that"
    elif outside.lower > even:
        verdict = "the heat keeps away from the lungs"
    else:
        verdict = "the heat is not shown to keep to the lungs, so that the map does not say where a finding is"
    return (
        f"On {positive} images that have heat, a share of {in_words(outside)} of it lies outside of the lungs, where"
        f" {show(even)} of evenly spread heat would: {verdict}."
    )


def _strength(path: pd.DataFrame) -> str:
    """In words, that the best C of REGULARIZATION is at an end of those tried, so that others may be better."""
    means = path.groupby("c")["validation_auc"].mean().round(6)  # as it was chosen
    best = means.idxmax()
    if means.nunique() < 2 or best not in (means.index.min(), means.index.max()):
        return ""
    end = "greatest" if best == means.index.max() else "least"
    return f"C = {best:g}, the best in cross-validation, is the {end} that was tried: others may be better."


def _concluded(looks: Mapping[str, Mapping[str, ShownEstimate]], positive: str) -> str:
    """In words, whether the heat of the positive label goes where its two groups differ."""
    groups = [name for name in looks if name.startswith(f"{positive}, ")]
    if len(groups) != 2:
        return ""
    without, with_it = (looks[name]["heat_outside"] for name in groups)
    if with_it.lower != with_it.lower or without.lower != without.lower:
        return f"Too few images of {listed(groups)} to tell whether the network looks at what they differ in."
    gap = resampling.difference(
        Estimate(with_it.value, with_it.lower, with_it.upper), Estimate(without.value, without.lower, without.upper)
    )
    shown = in_words(ShownEstimate(gap.value, gap.lower, gap.upper))
    if gap.lower > 0:
        verdict = "more of it lies outside of the lungs there, as it would if the network used a shortcut"
    elif gap.upper < 0:
        verdict = "less of it lies outside of the lungs there, which speaks against a shortcut outside of them"
    else:
        verdict = "whether the network uses what they differ in cannot be told from this"
    return (
        f"Share of the heat outside of the lungs on images of {groups[1]} less that of {groups[0]}: {shown}; {verdict}."
        " Where outside it lies is not measured."
    )


def _regularization(inputs: Inputs) -> Table:
    """Mean ROC-AUC over the folds by C."""
    name = f"{ABNORMALITY}/regularization.csv"
    path = inputs.table(screening_tables.REGULARIZATION, name)
    means = path.groupby("c").agg(
        folds=("fold", "size"), train_auc=("train_auc", "mean"), validation_auc=("validation_auc", "mean")
    )
    return table(means.reset_index(), "Mean ROC-AUC in cross-validation by C, the inverse strength of L2", name)


def _ablation(ablation: pd.DataFrame) -> Table:
    """One row for each input of the net, one column for each metric and its gain over the whole image."""
    bounds = ("difference", "difference_lower", "difference_upper")
    long = ablation.assign(value=estimates(ablation, "value"), gain=estimates(ablation, *bounds))
    values, gains = (
        long.pivot_table(index=["top_crop", "views"], columns="metric", values=name, aggfunc="first", sort=False)
        for name in ("value", "gain")
    )
    wide = values.join(gains.add_suffix("_gained"))
    return table(wide.reset_index(), "Cross-validated, by what the net sees", f"{SEX}/ablation.csv")


def _differences(looks: Mapping[str, Mapping[str, ShownEstimate]]) -> list[str]:
    """In words, the groups of one label that the net treats differently: whose intervals do not overlap."""
    words = {"heat_outside": "Mean share of the heat outside of the lungs", "probability": "Mean probability"}
    return [
        f"{words[measure]}: {larger[measure].text} on images of {first}, but {smaller[measure].text} on"
        f" images of {second}."
        for measure in words
        for first, larger in looks.items()
        for second, smaller in looks.items()
        if "," in first
        and first.split(",")[0] == second.split(",")[0]
        and larger[measure].lower > smaller[measure].upper
    ]
