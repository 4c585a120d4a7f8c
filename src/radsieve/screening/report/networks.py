"""The section on segmentation, and what it shares with that on classifiers."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from radsieve.imaging.spacing import DETECTOR, NOT_SAID, PATIENT, in_one_plane
from radsieve.numbers import ShownEstimate
from radsieve.reporting.cards import card_of
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.metrics import estimates_of
from radsieve.reporting.page import Table, count_of, show, table
from radsieve.reporting.wording import in_words
from radsieve.screening import tables as screening_tables
from radsieve.screening.report.network_facts import built, small_subgroups, subgroups_table, unequal
from radsieve.screening.settings import SegmenterSettings, TrainSegmenter
from radsieve.screening.tables import AlterationKind
from radsieve.stats.proportional_bias import proportional_bias
from radsieve.tables import images as image_tables

SEGMENTERS = {"chest": "Lungs", "breast": "Breasts", "skin": "Skin lesions"}
BATCHES = {"reference": "Reference images", "generated": "Generated images"}
TRUE = "true images"
LUNGS = 2  # parts of a mask that has both
REFERENCE = "alter_images/images.csv"
FAILED = 0.5  # Dice below which an image counts as missed
LARGE_BIAS = 0.25  # of the true area
_QUANTILES = {"5%": 0.05, "median": 0.5, "95%": 0.95}


def segmentation(inputs: Inputs, settings: TrainSegmenter) -> dict[str, Any]:
    """Metrics, curves and worst images of each segmenter, and what the lung segmenter found in the batches.

    `settings` is section train_segmenter.
    """
    sets = [_segmenter(inputs, name, title, getattr(settings, name)) for name, title in SEGMENTERS.items()]
    overview = pd.DataFrame(
        [{"set": one["name"], "images": one["images"], "patients": one["patients"]} | one["shown"] for one in sets]
    )
    return {
        "sets": sets,
        "overview": table(overview, "Segmentation of the held-out images", "train_segmenter/<set>/metrics.json"),
        "batches": [_segmented(inputs, name, title) for name, title in BATCHES.items()],
    }


def _segmenter(inputs: Inputs, name: str, title: str, settings: SegmenterSettings) -> dict[str, Any]:
    folder = f"train_segmenter/{name}"
    scores = inputs.table(screening_tables.SEGMENTATION_SCORES, f"{folder}/scores.csv").sort_values(
        "dice", kind="stable"
    )
    curves = inputs.table(screening_tables.CURVES, f"{folder}/curves.csv")
    known = scores if scores["hd95_mm"].notna().any() else scores.drop(columns=list(_IN_MILLIMETRES))
    metrics = estimates_of(inputs.metrics(folder))
    subgroups = inputs.table(screening_tables.SUBGROUPS, f"{folder}/subgroups.csv")
    slope = proportional_bias(
        scores["area_found"].to_numpy(),
        scores["area_true"].to_numpy(),
        scores["unit"].factorize()[0],
        settings.bootstrap,
        settings.confidence,
        settings.seed,
    )
    proportional = ShownEstimate(slope.value, slope.lower, slope.upper)
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
        "scores": table(known, f"Every held-out image, lowest Dice first: {title.lower()}", f"{folder}/scores.csv"),
        "built": built(card_of(inputs.path(f"{folder}/best.safetensors")), f"{folder}/best.safetensors", title.lower()),
        "agreement": inputs.figure(
            f"{folder}/agreement.png",
            f"Dice, area and entropy: {title.lower()}",
            "Distribution of the Dice coefficient; area found less the true one by their mean, with the mean difference"
            " and the limits of agreement; Dice by the mean entropy of the pixels",
            f"{folder}/scores.csv",
        ),
        "said": [
            *_said(metrics, len(scores), scores["area_true"].mean()),
            *_proportional(proportional),
            _in_mm(scores, metrics),
        ],
        "points": [
            *_last_epoch(curves, title.lower()),
            *_large_bias(metrics, scores["area_true"].mean(), title.lower()),
            *unequal(subgroups, title.lower(), {"dice": "Mean Dice"}, settings.confidence),
            *_proportional_point(title.lower(), proportional),
        ],
        "subgroups": subgroups_table(subgroups, f"Dice by subgroup: {title.lower()}", f"{folder}/subgroups.csv"),
        "subgroups_figure": inputs.figure(
            f"{folder}/subgroups.png",
            f"Dice by subgroup: {title.lower()}",
            "Mean Dice coefficient of each subgroup with its interval, and that of all images",
            f"{folder}/subgroups.csv",
        )
        if len(subgroups)
        else None,
        "too_small": f"{small_subgroups(subgroups)}{_no_interval(subgroups)}",
        "weights": [inputs.known(f"{folder}/{kind}.safetensors") for kind in ("best", "last")],
    }


def _no_interval(subgroups: pd.DataFrame) -> str:
    """In words, why means stand without an interval, if any do."""
    if subgroups["lower"].notna().all():
        return ""
    return (
        " Means without an interval are of fewer than five units, whose resamples would make it too narrow, or of"
        " values that are all alike."
    )


def _last_epoch(curves: pd.DataFrame, title: str) -> list[str]:
    """In words, that more epochs might have been better: the best one of CURVES is the last."""
    last = curves["epoch"].max()
    if curves["epoch"].iloc[int(curves["validation_score"].to_numpy().argmax())] != last:
        return []
    return [
        f"The last of {count_of(int(last), 'epoch')} had the greatest Dice on validation: {title}. No longer training"
        " was tried."
    ]


def _large_bias(metrics: Mapping[str, ShownEstimate], area: float, title: str) -> list[str]:
    """In words, that areas are wrong by a large part of the mean true one, `area`, whatever their differences are."""
    if "area_bias" not in metrics or not area > 0:
        return []
    bias = metrics["area_bias"]
    share = ShownEstimate(*(one / area for one in (bias.value, bias.lower, bias.upper)))
    if not (share.lower > LARGE_BIAS or share.upper < -LARGE_BIAS):
        return []
    return [
        f"The area found of {title} is wrong by {in_words(share)} times the mean true area on average (more than 0:"
        " too large)."
    ]


def _proportional(slope: ShownEstimate) -> list[str]:
    """In words, whether the difference of the areas depends on the area."""
    if not slope.lower <= slope.upper:
        return []
    if slope.lower <= 0 <= slope.upper:
        told = "no proportional bias is shown, so that one bias and its limits may describe all areas"
    else:
        told = "the bias is proportional, so that the mean difference and its limits describe areas near the mean only"
    return [
        f"The difference changes with the mean of both areas by {in_words(slope)} per unit of area (regression, Bland"
        f" and Altman 1999): {told}."
    ]


def _in_mm(scores: pd.DataFrame, metrics: Mapping[str, ShownEstimate]) -> str:
    """In words, how far the outlines lie apart in millimetres, and where these are."""
    known = scores[scores["mm_at"] != ""]
    if known.empty:
        return "Millimetres are not known: no header of these images gives the spacing of their pixels."
    said = _known_of(known)
    if "hd95_mm" not in metrics:
        return said
    averaged = in_one_plane(scores, "hd95_mm")
    where = "There" if set(known["mm_at"]) == set(averaged["mm_at"]) else f"In {_planes(averaged)},"
    return f"{said} {where} the outlines lie {in_words(metrics['hd95_mm'])} mm apart (HD95, mean)."


def _square_mm(found: pd.DataFrame) -> str:
    """In words, of which images square millimetres are known, where these are, and of which the quantiles are."""
    known = found[found["mm_at"] != ""]
    if known.empty:
        return "Square millimetres are not known: no header gives the spacing of the pixels."
    told = in_one_plane(found, "area_mm2")
    those = "" if len(told) == len(known) else f" Quantiles of square millimetres are of {_planes(told)}."
    return f"{_known_of(known)}{those}"


def _known_of(known: pd.DataFrame) -> str:
    return f"The spacing of the pixels is known of {count_of(len(known), 'image')}: {_planes(known)}."


def _planes(known: pd.DataFrame) -> str:
    return ", ".join(f"{count_of(count, 'image')} {_PLANES[plane]}" for plane, count in _counts(known["mm_at"]))


def _counts(values: pd.Series) -> list[tuple[str, int]]:
    return sorted((str(value), int(count)) for value, count in values.value_counts().items())


def _proportional_point(title: str, slope: ShownEstimate) -> list[str]:
    if not (slope.lower > 0 or slope.upper < 0):
        return []
    return [
        f"Proportional bias of the area of {title}: the area found less the true one changes by {in_words(slope)} per"
        " unit of area, so that one mean difference does not describe all."
    ]


def _segmented(inputs: Inputs, name: str, title: str) -> dict[str, Any]:
    folder = f"segment_images/{name}"
    found = inputs.table(screening_tables.SEGMENTED, f"{folder}/segmented.csv")
    batches = true_and_altered(inputs, {name: found.assign(area_mm2=in_one_plane(found, "area_mm2")["area_mm2"])})
    known = found[found["mm_at"] != ""]
    measured = ["area_share", "parts", "entropy"] + ([] if known.empty else ["area_mm2"])
    return {
        "title": title,
        "images": len(found),
        "millimetres": _square_mm(found),
        **quarantined(inputs, folder),
        "masks": inputs.known(f"{folder}/masks.npy"),
        "quantiles": quantiles_of(batches, measured, f"{folder}/segmented.csv"),
        "points": _in_pieces(batches),
        "overlays": inputs.figure(
            f"{folder}/overlays.png",
            f"Outlines of the lungs: {title.lower()}",
            "Images with the outlines of the lungs that the segmenter found",
            f"{folder}/segmented.csv",
            images=True,
        ),
    }


def true_and_altered(
    inputs: Inputs, batches: Mapping[str, pd.DataFrame], column: str = "image"
) -> dict[str, pd.DataFrame]:
    """`batches` by BATCHES with the reference images in two: true ones, and altered copies, which say nothing of these.

    `column` has the names of the images.
    """
    reference = inputs.table(screening_tables.REFERENCE_IMAGES, REFERENCE)
    true = set(reference.loc[reference["kind"] == AlterationKind.NONE, "image"])
    found: dict[str, pd.DataFrame] = {}
    for name, frame in batches.items():
        if name == "reference":
            is_true = frame[column].isin(true)
            found |= {TRUE: frame[is_true], "altered copies": frame[~is_true]}
        else:
            found[name] = frame
    return {name: frame for name, frame in found.items() if len(frame)}


def _in_pieces(batches: Mapping[str, pd.DataFrame]) -> list[str]:
    """In words, the batches in the middle image of which other than two parts are taken for lungs."""
    medians = {
        f"{name} images".replace("images images", "images"): frame["parts"].median()
        for name, frame in batches.items()
        if name != "altered copies"
    }
    return [
        f"The median number of separate parts taken for lungs is {show(float(median))} on {name}, where a pair of lungs"
        " has 2: masks are in pieces or joined, which scores of shape and symmetry inherit."
        for name, median in medians.items()
        if median != LUNGS
    ]


def quarantined(inputs: Inputs, folder: str) -> dict[str, Any]:
    """How many images of a batch could not be read, and the file that lists them."""
    name = f"{folder}/quarantine.csv"
    return {"quarantined": len(inputs.table(image_tables.IMAGE_QUARANTINE, name)), "quarantine": name}


def quantiles_of(batches: dict[str, pd.DataFrame], columns: list[str], source: str) -> Table:
    """Quantiles of columns of each batch, a row per batch and column."""
    rows = [
        (batch, column.replace("_", " "), len(frame), *frame[column].quantile(list(_QUANTILES.values())))
        for batch, frame in batches.items()
        for column in columns
    ]
    return table(
        pd.DataFrame(rows, columns=["batch", "quantity", "images", *_QUANTILES]), "Quantiles over the images", source
    )


_IN_MILLIMETRES = ("hd95_mm", "area_true_mm2", "area_found_mm2", "mm_at")
_PLANES = {
    DETECTOR: "with millimetres at the detector, where everything is larger than in the patient (magnification is not"
    " corrected)",
    PATIENT: "with millimetres in the patient, as calibrated",
    NOT_SAID: "whose header does not say whether millimetres are those of the detector or of the patient",
}


def _said(metrics: dict[str, ShownEstimate], images: int, area: float) -> list[str]:
    """In words, whether areas agree (`area`: mean true one), and whether the entropy tells where the mask is wrong."""
    said = []
    if "area_bias" in metrics:
        found = metrics["area_bias"]
        bias = ShownEstimate(100 * found.value, 100 * found.lower, 100 * found.upper)
        of_mean = f" ({bias.interval.replace(' to ', '% to ')}%)" if bias.interval else ""
        low, high = (show(100 * metrics[f"area_limit_{end}"].value) for end in ("below", "above"))
        said.append(
            f"The true area is {show(100 * area)}% of the image on average. The area found differs from it by"
            f" {bias.text}%{of_mean} of the image on average (more than 0: too large), that of single images by"
            f" {low}% to {high}% (limits of agreement, Bland and Altman 1986)."
        )
    if "entropy_and_dice" in metrics:
        found = metrics["entropy_and_dice"]
        told = "it cannot be told whether" if not found.upper < 0 else "yes,"
        said.append(
            f"Does the entropy tell which masks are wrong? Here {told} images of greater entropy are segmented worse:"
            f" Spearman's correlation with Dice is {in_words(found)}, {count_of(images, 'image')}."
        )
    if "temperature" in metrics:
        said.append(
            f"The network's logits were divided by {show(metrics['temperature'].value)}, fitted on validation"
            " (temperature scaling, Guo et al. 2017), so that the pixels' probabilities are as sure as they are"
            " right there; no outline moves."
        )
    return said
