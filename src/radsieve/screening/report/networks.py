"""The sections on the networks: segmentation, the abnormality net, and the sex by transfer learning."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from radsieve.reporting.inputs import Inputs
from radsieve.reporting.metrics import estimates_of
from radsieve.reporting.page import ShownEstimate, Table, estimates, table
from radsieve.screening import tables as screening_tables
from radsieve.tables import images as image_tables

SEGMENTERS = {"chest": "Lungs", "breast": "Breasts", "skin": "Skin lesions"}
BATCHES = {"reference": "Reference images", "generated": "Generated images"}
ABNORMALITY, SEX = "train_abnormality", "train_sex"
FAILED = 0.5  # Dice below which an image counts as missed
_WORST = 20
_TOLD = ("images", "patients")  # metrics that stand in the text
_QUANTILES = {"5 %": 0.05, "median": 0.5, "95 %": 0.95}


def segmentation(inputs: Inputs) -> dict[str, Any]:
    """Metrics, curves and worst images of each segmenter, and what the lung segmenter found in the batches."""
    sets = [_segmenter(inputs, name, title) for name, title in SEGMENTERS.items()]
    overview = pd.DataFrame(
        [{"set": one["name"], "images": one["images"], "patients": one["patients"]} | one["shown"] for one in sets]
    )
    return {
        "sets": sets,
        "overview": table(overview, "Segmentation of the held-out images", "train_segmenter/<set>/metrics.json"),
        "batches": [_segmented(inputs, name, title) for name, title in BATCHES.items()],
    }


def abnormality(inputs: Inputs, group: str | None) -> dict[str, Any]:
    """Metrics, curve and worst images of the net that tells normal from abnormal images, and where it looks.

    `group` is what the column `group` of the set holds, if it holds anything.
    """
    predicted = {
        name: inputs.table(screening_tables.PREDICTIONS, f"predict_images/{name}/predictions.csv") for name in BATCHES
    }
    return {
        **_classifier(inputs, ABNORMALITY, "abnormality net", group),
        "regularization": _regularization(inputs),
        "quantiles": _quantiles(predicted, ["probability", "max_heat"], "predict_images/<batch>/predictions.csv"),
        "batches": [
            {
                "title": title,
                "images": len(predicted[name]),
                "source": f"predict_images/{name}/predictions.csv",
                **_quarantined(inputs, f"predict_images/{name}"),
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


def sex(inputs: Inputs, group: str | None) -> dict[str, Any]:
    """Metrics of the transferred net, both ablations, and the shortcut: where the heat is.

    `group` is what the column `group` of the set holds, such as `arm`, if it holds anything.
    """
    ablation = inputs.table(screening_tables.ABLATION, f"{SEX}/ablation.csv")
    shortcut = inputs.table(screening_tables.SHORTCUT, f"{SEX}/shortcut.csv")
    looks = {
        name.replace("group", group): estimates_of(found)
        for name, found in inputs.metrics(SEX)["where_it_looks"].items()
    }
    return {
        **_classifier(inputs, SEX, "sex", group),
        "ablation": _ablation(ablation),
        "shortcut": table(
            pd.DataFrame([{"images of": name} | found for name, found in looks.items()]),
            "Mean share of the heat outside of the lungs, and mean probability",
            f"{SEX}/metrics.json",
        ),
        "lung_share": shortcut["lung_share"].mean(),
        "cold": int(shortcut["heat_outside"].isna().sum()),
        "points": _differences(looks),
        "heatmaps": inputs.figure(
            f"{SEX}/heatmaps.png",
            "Heat maps of the net that predicts the sex",
            "Images with the heat map laid over them and the lungs outlined",
            f"{SEX}/shortcut.csv",
            images=True,
        ),
    }


def _segmenter(inputs: Inputs, name: str, title: str) -> dict[str, Any]:
    folder = f"train_segmenter/{name}"
    scores = inputs.table(screening_tables.SEGMENTATION_SCORES, f"{folder}/scores.csv").sort_values(
        "dice", kind="stable"
    )
    curves = inputs.table(screening_tables.CURVES, f"{folder}/curves.csv")
    metrics = estimates_of(inputs.metrics(folder))
    return {
        "name": name,
        "title": title,
        "images": len(scores),
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
            f"The worst images: {title.lower()}",
            "The images that were segmented worst, with the outlines of the true mask and of the one found",
            f"{folder}/scores.csv",
            images=True,
        ),
        "scores": table(scores, f"Every held-out image, lowest Dice first: {title.lower()}", f"{folder}/scores.csv"),
        "weights": [inputs.known(f"{folder}/{kind}.safetensors") for kind in ("best", "last")],
    }


def _segmented(inputs: Inputs, name: str, title: str) -> dict[str, Any]:
    folder = f"segment_images/{name}"
    found = inputs.table(screening_tables.SEGMENTED, f"{folder}/segmented.csv")
    return {
        "title": title,
        "images": len(found),
        **_quarantined(inputs, folder),
        "masks": inputs.known(f"{folder}/masks.npy"),
        "quantiles": _quantiles({name: found}, ["area_share", "parts", "entropy"], f"{folder}/segmented.csv"),
        "overlays": inputs.figure(
            f"{folder}/overlays.png",
            f"Outlines of the lungs: {title.lower()}",
            "Images with the outlines of the lungs that the segmenter found",
            f"{folder}/segmented.csv",
            images=True,
        ),
    }


def _classifier(inputs: Inputs, stage: str, title: str, group: str | None) -> dict[str, Any]:
    """What the pages of both classifiers share: metrics, the curve, and the images that were predicted worst."""
    predictions = inputs.table(screening_tables.HELD_OUT, f"{stage}/predictions.csv")
    error = (predictions["probability"] - predictions["truth"]).abs()
    worst = predictions.assign(error=error).sort_values("error", ascending=False, kind="stable").head(_WORST)
    worst = worst.drop(columns="group") if group is None else worst.rename(columns={"group": group})
    metrics = estimates_of(inputs.metrics(stage))
    return {
        "images": len(predictions),
        "patients": predictions["patient"].nunique(),
        "metrics": metrics,
        "source": f"{stage}/metrics.json",
        "metrics_table": table(
            pd.DataFrame([{name: found for name, found in metrics.items() if name not in _TOLD and "." not in name}]),
            f"Metrics of the held-out images: {title}",
            f"{stage}/metrics.json",
        ),
        "roc": inputs.figure(
            f"{stage}/roc.png",
            f"Receiver operating characteristic: {title}",
            "True positives by false positives at every threshold",
            f"{stage}/roc.csv",
        ),
        "worst": table(
            worst, f"The {len(worst)} held-out images that were predicted worst: {title}", f"{stage}/predictions.csv"
        ),
        "weights": inputs.known(f"{stage}/model.safetensors"),
    }


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


def _quarantined(inputs: Inputs, folder: str) -> dict[str, Any]:
    name = f"{folder}/quarantine.csv"
    return {"quarantined": len(inputs.table(image_tables.IMAGE_QUARANTINE, name)), "quarantine": name}


def _quantiles(batches: dict[str, pd.DataFrame], columns: list[str], source: str) -> Table:
    """Quantiles of columns of each batch, a row per batch and column."""
    rows = [
        (batch, column.replace("_", " "), len(frame), *frame[column].quantile(list(_QUANTILES.values())))
        for batch, frame in batches.items()
        for column in columns
    ]
    return table(
        pd.DataFrame(rows, columns=["batch", "quantity", "images", *_QUANTILES]), "Quantiles over the images", source
    )
