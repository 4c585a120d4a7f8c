"""A small complete set of results of the screening stages, made up, so that a page can be made from it."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_up
import numpy as np
import pandas as pd
from made_up import HOSTILE, Table
from safetensors.numpy import save_file

from radsieve import tables
from radsieve.figures.flow_diagram import FLOW
from radsieve.phantoms import tables as phantom_tables
from radsieve.screening import tables as schemas
from radsieve.tables import images as image_tables

SETS = ("chest", "breast", "skin", "abnormality", "sex", "gan")
BATCHES = ("reference", "generated")
GROUPS = ("18_24f", "18_24m")
ALTERATIONS = ("none", "darker", "patient's right lung (image left) painted over")
KINDS = ("none", "exposure", "lung lost")
MODELS = ("always_accept", "logistic_regression")
_GENERATED = 8
_REFERENCE = 6


def write(folder: Path, stages: tuple[str, ...]) -> None:
    """Write every result of `stages` that dvc.yaml names below `folder`.

    Ten images a set, the last of which belong to the test split; eight generated images, two of which are valid; six
    reference images, two of them unaltered. One file of the set chest is in quarantine, under a hostile name.
    """
    made_up.write(folder, stages, lambda stage, name, of: _TABLES[stage, name](of), _metrics, _other)


def _card(of: str) -> dict[str, Any]:
    training = {"loss": "binary cross-entropy", "fitted_parameters": 1281, "splits": ["train"]}
    if of not in ("train_abnormality", "train_sex"):
        return {"training": training}
    point = {"probability": 0.25, "rule": "youden", "level": None, "chosen_on": "validation", "images": 8, "units": 6}
    point["reached"] = {"sensitivity": 1.0, "specificity": 0.75}
    recalibration = {"done": of == "train_sex", "fewest_units": 9, "needed_units": 10, "on": "validation"}
    labels = ("abnormal", "normal") if of == "train_abnormality" else ("F", "M")
    card = {"positive": labels[0], "negative": labels[1], "training": training}
    return card | {"operating_point": point, "recalibration": recalibration}


def _other(path: Path) -> None:
    if path.suffix == ".safetensors":
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({"weight": np.zeros(1)}, path, {"card": json.dumps(_card(path.parent.name))})
        return
    if path.suffix != ".parquet":
        made_up.just_its_name(path)
        return
    latents = pd.DataFrame(0.5, index=range(_GENERATED), columns=list(schemas.LATENTS))
    tables.write(schemas.SCORED_LATENTS, _scored().drop(columns="image").join(latents), path)


def _images(of: str) -> Table:
    labels = {"abnormality": ["normal", "abnormal"], "sex": ["M", "F"], "gan": ["normal", "abnormal"]}.get(of, [""])
    rows = [
        {
            "image": f"{of}-{image}.png",
            "sha256": hashlib.sha256(f"{of} {image}".encode()).hexdigest(),
            "patient": f"p{image // 2}",
            "unit": f"u{image // 2}",
            "label": labels[image % len(labels)],
            "group": "",
            "subgroups": f"age=under 40; sex={'FM'[image // 2 % 2]}",
            "split": "train" if image < 6 else "validation" if image < 8 else "test",
        }
        for image in range(10)
    ]
    return image_tables.PACKED_IMAGES, pd.DataFrame(rows)


def _files(of: str) -> pd.DataFrame:
    _, images = _images(of)
    return images.assign(pixel_digest=images["sha256"])[list(image_tables.PACKED_FILES.columns)]


def _quarantine(of: str) -> Table:
    return image_tables.IMAGE_QUARANTINE, [(HOSTILE, "no image", "line\nbreak <b>")] if of == "chest" else []


def _held_out(of: str) -> Table:
    rows = [
        (f"{image}.png", f"p{image}", f"u{image}", "", image % 2, [0.1, 0.9, 0.2, 0.4][image]) for image in range(4)
    ]
    return schemas.HELD_OUT, rows


def _scores(of: str) -> Table:
    dices = [0.97, 0.4, 0.9]
    return schemas.SEGMENTATION_SCORES, [
        (
            f"{image}.png",
            f"p{image}",
            f"u{image}",
            0.98,
            dice / (2 - dice),
            dice,
            None if dice < 0.5 else 3.0,
            0.9,
            0.3,
            0.4,
            0.1,
            None if dice < 0.5 else 0.6,
            300.0,
            400.0,
            "detector",
        )
        for image, dice in enumerate(dices)
    ]


def _batch(of: str) -> list[str]:
    return [f"{of}-{image}" for image in range(_GENERATED if of == "generated" else _REFERENCE)]


def _scored() -> pd.DataFrame:
    values = np.linspace(-1.4, 1, _GENERATED)
    scored = pd.DataFrame({"image": _batch("generated"), "group": [GROUPS[image % 2] for image in range(_GENERATED)]})
    return scored.assign(valid=(values > 0.5).astype(int), **dict.fromkeys(schemas.SCORES, values))


def _rates() -> list[tuple[object, ...]]:
    valid = {GROUPS[0]: (4, 1), GROUPS[1]: (4, 1), "all generated": (8, 2), "true images": (20, 17)}
    return [
        (group, score, images, passed, passed / images, 0.01, 0.99)
        for group, (images, passed) in valid.items()
        for score in (*schemas.SCORES, "valid")
    ]


def _scaling() -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for score in (*schemas.SCORES, "valid"):
        shown, defined = (score, "dice", None if score == "valid" else 0.9), int(score != "valid")
        bounds = (None, None) if defined else (0.85, 0.99)
        rows.append((*shown, "validation", 20, 12, 19, 0.95, *bounds, defined, None, None, None))
        share = 0.6 if score == "score_shape" else 0.95
        change = (-0.35, -0.5, -0.1) if score == "score_shape" else (0.0, -0.1, 0.1)
        rows.append((*shown, "test", 20, 15, 19, share, share - 0.1, share + 0.04, 0, *change))
    return rows


def _comparison() -> list[tuple[object, ...]]:
    after = {"always_accept": 3.0, "logistic_regression": 1.25}
    return [
        (model, evaluator, metric, value, value - 0.25, value + 0.25)
        for model in MODELS
        for evaluator in ("labels", "truth")
        for metric, value in (
            ("roc_auc", 0.75),
            ("recall", 0.5),
            ("bad_per_good_before", 3.0),
            ("bad_per_good_after", after[model]),
        )
    ]


def _evaluated() -> list[tuple[object, ...]]:
    probabilities = np.linspace(0, 1, _GENERATED)
    return [
        (model, image, GROUPS[place % 2], 1 + place % 2, place % 2, place % 2, probability, int(probability > 0.5))
        for model in MODELS
        for place, (image, probability) in enumerate(zip(_batch("generated"), probabilities, strict=True))
    ]


def _reactions() -> list[tuple[object, ...]]:
    """Half of the images pass each score after each alteration, surely too few if score_symmetry sees them darker."""
    rows: list[tuple[object, ...]] = []
    for alteration, kind, before in zip(ALTERATIONS[1:], KINDS[1:], (1.0, 0.5), strict=True):
        for score in (*schemas.SCORES, "valid"):
            change = (None, None, None) if score == "valid" else (-0.5, -0.7, -0.3)
            upper = -0.1 if (alteration, score) == ("darker", "score_symmetry") else 0.2
            should = "unchanged" if kind == "exposure" else "lower"
            difference = 0.5 - before, 0.4 - before, upper
            rows.append((alteration, kind, score, should, 2, *change, before, 0.5, 0.1, 0.9, *difference))
    return rows


def _reference() -> list[tuple[object, ...]]:
    return [
        (image, f"reference-{place % 2}", f"u{place % 2}", "test", ALTERATIONS[place // 2], KINDS[place // 2])
        for place, image in enumerate(_batch("reference"))
    ]


_CURVES = [(epoch, 1 / epoch, 1.1 / epoch, score, 0.0003) for epoch, score in ((1, 0.5), (2, 0.875), (3, 0.75))]
_ROC = [(0.9, 0.0, 0.5, 1.0, 0.1, 0.9, 0.0, 0.6), (0.1, 1.0, 1.0, 0.5, 0.4, 1.0, 0.4, 1.0)]
_CLASSIFIED: dict[str, Table] = {
    "roc": (schemas.ROC, _ROC),
    "unseen": (schemas.UNSEEN, [("9.png", "p9", "u9", "", 1, 0.9)]),
    "operating_point": (
        schemas.OPERATING_POINT,
        [(name, 1, 2, 0.5, 0.1, 0.9) for name in ("sensitivity", "specificity", "ppv", "npv", "accuracy")],
    ),
    "confusion": (
        schemas.CONFUSION,
        [(label, called, 1, 2, 0.5, 0.1, 0.9) for label in ("no", "yes") for called in ("no", "yes")],
    ),
    "reliability": (schemas.RELIABILITY, [(0.1, 0.2, 4, 2, 0.15, 0.5, 0.1, 0.9)]),
    "regularization": (
        schemas.REGULARIZATION,
        [(strength, fold, 0.9, 0.8) for fold in (1, 2) for strength in (0.01, 0.1)],
    ),
    "shortcut": (
        schemas.SHORTCUT,
        [
            (f"{image}.png", f"p{image}", f"u{image}", str(image % 2), image % 2, 0.9, 0.25, 0.75, 0.3)
            for image in range(4)
        ],
    ),
    "subgroups": (
        schemas.SUBGROUPS,
        [
            ("sex", "F", 20, 20, 10, 10, 10, "sensitivity", 9, 10, 0.9, 0.6, 0.99, 0.4, 0.1, 0.7),
            ("sex", "M", 8, 8, 4, 4, 4, "roc_auc", None, None, 0.9, None, None, 0.1, None, None),
        ],
    ),
}
_DICE = ("sex", "F", 20, 20, 0, 0, 20, "dice", None, None, 0.9, 0.8, 0.95, 0.05, -0.1, 0.2)
_STATISTICS = ("count", "mean", "std", "min", "25%", "50%", "75%", "max")
_TABLES: dict[tuple[str, str], Callable[[str], Table]] = {
    ("generate_chests", "truth"): lambda _: (
        phantom_tables.CHEST_TRUTH,
        [(f"{image}.png", f"p{image}", "FM"[image % 2], 40, "normal", 0, 0.0) for image in range(10)],
    ),
    ("generate_lesions", "truth"): lambda _: (phantom_tables.LESION_TRUTH, [("0.png", "p0", 0.2)]),
    ("pack_images", "files"): lambda of: (image_tables.PACKED_FILES, _files(of)),
    ("assign_splits", "images"): _images,
    ("audit_splits", "pairs"): lambda _: (
        schemas.AUDIT_PAIRS,
        [
            ("train", HOSTILE, "test", "b.png", "near", 2, 0.9, 0, 1),
            ("train", "c", "test", "d", "patient", None, None, 0, 0),
        ],
    ),
    ("audit_splits", "counts"): lambda _: (schemas.AUDIT_COUNTS, [("test", "train", "any", 10, 2, 0.2, 0.06, 0.51)]),
    ("audit_splits", "repaired"): lambda _: (
        schemas.AUDIT_REPAIRED,
        [(HOSTILE, "train", 1, "test"), ("b.png", "test", 1, "test")],
    ),
    ("audit_splits", "quarantine"): lambda _: (image_tables.IMAGE_QUARANTINE, [("x.png", "no image", "")]),
    ("assign_splits", "alike"): lambda _: (image_tables.ALIKE, [("chest", HOSTILE, "sex", "sex-1.png", 2, 0.9, 1, 0)]),
    ("assign_splits", "counts"): lambda _: (
        image_tables.SPLIT_COUNTS,
        [
            (of, split, images, images // 2, images // 2)
            for of in ("chest", "all sets")
            for split, images in (("train", 6), ("validation", 2), ("test", 2))
        ],
    ),
    ("assign_splits", "crossings"): lambda _: (
        image_tables.SET_CROSSINGS,
        [(one, other, 2, 0, 0, 2, 0, 0) for one in ("chest", "sex") for other in ("chest", "sex")],
    ),
    ("assign_splits", "flow"): lambda _: (
        FLOW,
        [("remaining", "Named by the sets", 61, "files", ""), ("excluded", "Quarantined", 1, "files", "")],
    ),
    ("pack_images", "quarantine"): _quarantine,
    ("train_segmenter", "curves"): lambda _: (schemas.CURVES, _CURVES),
    ("train_segmenter", "scores"): _scores,
    ("train_abnormality", "predictions"): _held_out,
    ("train_sex", "predictions"): _held_out,
    **{
        (stage, name): lambda _, found=found: found
        for stage in ("train_abnormality", "train_sex")
        for name, found in _CLASSIFIED.items()
    },
    ("train_segmenter", "subgroups"): lambda _: (schemas.SUBGROUPS, [_DICE]),
    ("train_sex", "ablation"): lambda _: (
        schemas.ABLATION,
        [
            (crop, views, "roc_auc", 0.8, 0.7, 0.9, *([0.1, 0.0, 0.2] if crop else [None] * 3))
            for crop, views in ((0.0, "whole"), (0.15, "halves"))
        ],
    ),
    ("alter_images", "images"): lambda _: (schemas.REFERENCE_IMAGES, _reference()),
    ("generate_images", "images"): lambda _: (schemas.GENERATED_IMAGES, _scored()),
    ("generate_images", "truth"): lambda _: (
        schemas.GENERATED_TRUTH,
        [(image, 0.1, "normal", 0, place % 2) for place, image in enumerate(_batch("generated"))],
    ),
    ("segment_images", "segmented"): lambda of: (
        schemas.SEGMENTED,
        [(image, 0.2, 2, 0.05, None, "") for image in _batch(of)],
    ),
    ("segment_images", "quarantine"): _quarantine,
    ("predict_images", "predictions"): lambda of: (schemas.PREDICTIONS, [(image, 0.5, 1.5, 1) for image in _batch(of)]),
    ("predict_images", "quarantine"): _quarantine,
    ("measure_symmetry", "features"): lambda of: (
        schemas.SYMMETRY_FEATURES,
        [(image, 0.8, 0.9, 0.01, 0.85, 0.92, 0.008) for image in _batch(of)],
    ),
    ("train_symmetry", "comparison"): lambda _: (schemas.SYMMETRY_COMPARISON, _comparison()),
    ("train_symmetry", "predictions"): lambda _: (schemas.SYMMETRY_PREDICTIONS, _evaluated()),
    ("train_symmetry", "confusion"): lambda _: (
        schemas.SYMMETRY_CONFUSION,
        [
            (model, "labels", good, accepted, 2, 0.5, 0.1, 0.9)
            for model in MODELS
            for good in (0, 1)
            for accepted in (0, 1)
        ],
    ),
    ("train_symmetry", "differences"): lambda _: (
        schemas.SYMMETRY_DIFFERENCES,
        [("logistic_regression", "labels", "roc_auc", 8, 0.01, -0.03, 0.05, 0.6, 0.6)],
    ),
    ("train_symmetry", "curves"): lambda _: (
        schemas.SYMMETRY_CURVES,
        [(model, 0.5, 0.2, 0.8, 0.9) for model in MODELS],
    ),
    ("train_symmetry", "calibration"): lambda _: (
        schemas.SYMMETRY_CALIBRATION,
        [(model, 0.4, 0.5, 8, 0.45, 0.5, 0.2, 0.8) for model in MODELS],
    ),
    ("score_images", "scores"): lambda _: (schemas.SCORED_IMAGES, _scored()),
    ("score_images", "reference"): lambda _: (
        schemas.REFERENCE_SCORES,
        [(*row, 1, 0.5, 0.5, 1.0, 0.5, 0.5) for row in _reference()],
    ),
    ("score_images", "flow"): lambda _: (FLOW, [("remaining", "Generated and scored", 8, "images", "")]),
    ("score_images", "scaling"): lambda _: (schemas.SCALING, _scaling()),
    ("score_images", "pass_rates"): lambda _: (schemas.PASS_RATES, _rates()),
    ("score_images", "statistics"): lambda _: (
        schemas.SCORE_STATISTICS,
        [(statistic, *[_GENERATED if statistic == "count" else 0.25] * 6) for statistic in _STATISTICS],
    ),
    ("score_images", "reactions"): lambda _: (schemas.REACTIONS, _reactions()),
}


def _metrics(stage: str, of: str) -> dict[str, Any]:
    middle = {"value": 0.875, "lower": 0.75, "upper": 0.9375}
    match stage:
        case "train_segmenter":
            names = ("pixel_accuracy", "iou", "dice", "hd95", "surface_dice")
            bounds = {"": "value", "_lower": "lower", "_upper": "upper"}
            dice = {f"{name}{suffix}": middle[bound] for name in names for suffix, bound in bounds.items()}
            bias = {"area_bias": 0.02, "area_bias_lower": 0.01, "area_bias_upper": 0.03}
            dice |= {"hd95_mm": 0.6, "hd95_mm_lower": 0.5, "hd95_mm_upper": 0.75}
            limits = {"area_limit_below": -0.01, "area_limit_above": 0.05, "temperature": 0.125}
            return dice | bias | limits | {"entropy_and_dice": {"value": -0.75, "lower": -0.875, "upper": -0.5}}
        case "train_abnormality" | "train_sex":
            arm, none = {"value": 0.75, "lower": 0.5, "upper": 1.0}, {"value": 0.25, "lower": 0.0, "upper": 0.375}
            both = {"value": 0.5, "lower": 0.25, "upper": 0.75}
            labels = {"abnormal": arm, "normal": none} if stage == "train_abnormality" else {"F": both, "M": arm}
            looks = labels | {"F, group 0": none, "F, group 1": arm}
            found = {name: {"images": 2, "heat_outside": heat, "probability": middle} for name, heat in looks.items()}
            calibration = {"calibration_intercept": {"value": 1.5, "lower": 0.25, "upper": 2.75}}
            calibration |= {"calibration_slope": {"value": 1.25, "lower": 0.5, "upper": 2.0}}
            return {"roc_auc": middle, "accuracy": middle, "where_it_looks": found} | calibration
    return {"images": 10}
