"""The sections on the networks: segmentation, the abnormality net, and the sex by transfer learning."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from radsieve import screening_tables as tables
from radsieve.reports.inputs import Inputs
from radsieve.reports.metrics import estimates_of
from radsieve.reports.page import ShownEstimate, Table, estimates, show, table

SEGMENTERS = {"chest": "Lungs", "breast": "Breasts", "skin": "Skin lesions"}
BATCHES = {"reference": "Reference films", "generated": "Generated films"}
ABNORMALITY, SEX = "train_abnormality", "classify_sex"
FAILED = 0.5  # Dice below which a film counts as missed
_WORST = 20
_TOLD = ("films", "patients")  # metrics that stand in the text
_QUANTILES = {"5 %": 0.05, "median": 0.5, "95 %": 0.95}


def segmentation(inputs: Inputs) -> dict[str, Any]:
    """Metrics, curves and worst films of each segmenter, and what that of the lungs found in the batches."""
    sets = [_segmenter(inputs, name, title) for name, title in SEGMENTERS.items()]
    overview = pd.DataFrame(
        [{"set": one["name"], "films": one["films"], "patients": one["patients"]} | one["shown"] for one in sets]
    )
    return {
        "sets": sets,
        "overview": table(overview, "Segmentation of the films held back", "train_segmenter/<set>/metrics.json"),
        "batches": [_segmented(inputs, name, title) for name, title in BATCHES.items()],
    }


def abnormality(inputs: Inputs, group: str) -> dict[str, Any]:
    """Metrics, curve and worst films of the net that tells normal from abnormal films, and where it looks.

    `group` is what the column `group` of the set holds, or `none`.
    """
    predicted = {name: inputs.table(tables.PREDICTIONS, f"classify_images/{name}/predictions.csv") for name in BATCHES}
    return {
        **_classifier(inputs, ABNORMALITY, "abnormality net", group),
        "regularization": _regularization(inputs),
        "quantiles": _quantiles(predicted, ["probability", "max_heat"], "classify_images/<batch>/predictions.csv"),
        "batches": [
            {
                "title": title,
                "films": len(predicted[name]),
                "source": f"classify_images/{name}/predictions.csv",
                **_quarantined(inputs, f"classify_images/{name}"),
                "heatmaps": inputs.figure(
                    f"classify_images/{name}/heatmaps.png",
                    f"Heat maps of the abnormality net: {title.lower()}",
                    "Films with the heat map of an abnormality laid over them, and its probability",
                    f"classify_images/{name}/predictions.csv",
                    films=True,
                ),
            }
            for name, title in BATCHES.items()
        ],
    }


def sex(inputs: Inputs, group: str) -> dict[str, Any]:
    """Metrics of the transferred net, both ablations, and the shortcut: where the heat is.

    `group` is what the column `group` of the set holds, such as `arm`, or `none`.
    """
    ablation = inputs.table(tables.ABLATION, f"{SEX}/ablation.csv")
    shortcut = inputs.table(tables.SHORTCUT, f"{SEX}/shortcut.csv")
    looks = {
        name.replace("group", group): estimates_of(found)
        for name, found in inputs.metrics(SEX)["where_it_looks"].items()
    }
    return {
        **_classifier(inputs, SEX, "sex", group),
        "ablation": _ablation(ablation),
        "shortcut": table(
            pd.DataFrame([{"films of": name} | found for name, found in looks.items()]),
            "Mean share of the heat outside of the lungs, and mean probability",
            f"{SEX}/metrics.json",
        ),
        "lung_share": shortcut["lung_share"].mean(),
        "points": _differences(looks),
        "heatmaps": inputs.figure(
            f"{SEX}/heatmaps.png",
            "Heat maps of the net that tells the sex",
            "Films with the heat map laid over them and the lungs outlined",
            f"{SEX}/shortcut.csv",
            films=True,
        ),
    }


def _segmenter(inputs: Inputs, name: str, title: str) -> dict[str, Any]:
    folder = f"train_segmenter/{name}"
    scores = inputs.table(tables.SEGMENTATION_SCORES, f"{folder}/scores.csv").sort_values("dice", kind="stable")
    curves = inputs.table(tables.CURVES, f"{folder}/curves.csv")
    metrics = estimates_of(inputs.metrics(folder))
    return {
        "name": name,
        "title": title,
        "films": len(scores),
        "patients": scores["patient"].nunique(),
        "epochs": len(curves),
        "failed": int((scores["dice"] < FAILED).sum()),
        "source": f"{folder}/metrics.json",
        "metrics": metrics,
        "shown": {key: metrics[key] for key in ("pixel_accuracy", "iou", "dice", "hd95", "surface_dice")},
        "curves": inputs.figure(
            f"{folder}/curves.png",
            f"Learning curves: {title.lower()}",
            "Losses and validation score by epoch",
            f"{folder}/curves.csv",
        ),
        "worst": inputs.figure(
            f"{folder}/worst.png",
            f"The worst films: {title.lower()}",
            "The films that were segmented worst, with the outlines of the true mask and of the one found",
            f"{folder}/scores.csv",
            films=True,
        ),
        "scores": table(scores, f"Every film held back, worst Dice first: {title.lower()}", f"{folder}/scores.csv"),
        "weights": [inputs.known(f"{folder}/{kind}.safetensors") for kind in ("best", "last")],
    }


def _segmented(inputs: Inputs, name: str, title: str) -> dict[str, Any]:
    folder = f"segment_images/{name}"
    found = inputs.table(tables.SEGMENTED, f"{folder}/segmented.csv")
    return {
        "title": title,
        "films": len(found),
        **_quarantined(inputs, folder),
        "masks": inputs.known(f"{folder}/masks.npy"),
        "quantiles": _quantiles({name: found}, ["area_share", "parts", "entropy"], f"{folder}/segmented.csv"),
        "overlays": inputs.figure(
            f"{folder}/overlays.png",
            f"Outlines of the lungs: {title.lower()}",
            "Films with the outlines of the lungs that the segmenter found",
            f"{folder}/segmented.csv",
            films=True,
        ),
    }


def _classifier(inputs: Inputs, stage: str, title: str, group: str) -> dict[str, Any]:
    """What the pages of both classifiers share: metrics, the curve, and the films that were judged worst."""
    predictions = inputs.table(tables.HELD_BACK, f"{stage}/predictions.csv")
    error = (predictions["probability"] - predictions["truth"]).abs()
    worst = predictions.assign(error=error).sort_values("error", ascending=False, kind="stable").head(_WORST)
    worst = worst.drop(columns="group") if group == "none" else worst.rename(columns={"group": group})
    metrics = estimates_of(inputs.metrics(stage))
    return {
        "films": len(predictions),
        "patients": predictions["patient"].nunique(),
        "metrics": metrics,
        "source": f"{stage}/metrics.json",
        "metrics_table": table(
            pd.DataFrame([{name: found for name, found in metrics.items() if name not in _TOLD and "." not in name}]),
            f"Metrics of the films held back: {title}",
            f"{stage}/metrics.json",
        ),
        "roc": inputs.figure(
            f"{stage}/roc.png",
            f"Receiver operating characteristic: {title}",
            "True positives by false positives at every threshold",
            f"{stage}/roc.csv",
        ),
        "worst": table(
            worst, f"The {len(worst)} films held back that were judged worst: {title}", f"{stage}/predictions.csv"
        ),
        "weights": inputs.known(f"{stage}/model.safetensors"),
    }


def _regularization(inputs: Inputs) -> Table:
    """Mean ROC-AUC over the folds by C."""
    name = f"{ABNORMALITY}/regularization.csv"
    path = inputs.table(tables.REGULARIZATION, name)
    means = path.groupby("c").agg(
        folds=("fold", "size"), train_auc=("train_auc", "mean"), validation_auc=("validation_auc", "mean")
    )
    return table(means.reset_index(), "Mean ROC-AUC in cross-validation by C, the inverse strength of L2", name)


def _ablation(ablation: pd.DataFrame) -> Table:
    """One row for each thing that the net may see, one column for each metric and its gain over the whole film."""
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
        f"{words[measure]}: {show(larger[measure].value)} on films of {first}, but {show(smaller[measure].value)} on"
        f" films of {second}."
        for measure in words
        for first, larger in looks.items()
        for second, smaller in looks.items()
        if "," in first
        and first.split(",")[0] == second.split(",")[0]
        and larger[measure].lower > smaller[measure].upper
    ]


def _quarantined(inputs: Inputs, folder: str) -> dict[str, Any]:
    name = f"{folder}/quarantine.csv"
    return {"quarantined": len(inputs.table(tables.FILM_QUARANTINE, name)), "quarantine": name}


def _quantiles(batches: dict[str, pd.DataFrame], columns: list[str], source: str) -> Table:
    """Quantiles of columns of each batch, a row per batch and column."""
    rows = [
        (batch, column.replace("_", " "), len(frame), *frame[column].quantile(list(_QUANTILES.values())))
        for batch, frame in batches.items()
        for column in columns
    ]
    return table(
        pd.DataFrame(rows, columns=["batch", "quantity", "films", *_QUANTILES]), "Quantiles over the films", source
    )
