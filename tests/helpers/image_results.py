"""Made-up results of prepare_images and train_classifier, so that the page on the tasks can be made from them."""

from typing import Any

from made_up import HOSTILE, UNITS, Table

from radsieve.tables.images import IMAGE_QUARANTINE
from radsieve.tasks import tables as schemas
from radsieve.tasks.images import tables as of_images

STAGES = ("prepare_images", "train_classifier", "fuse_modalities")
SETS = ("pneumonia", "modalities", "knee")
DIGEST = "0" * 64


def table(stage: str, name: str, of: str) -> Table:
    """Of pneumonia one image from outside is left out, and the accuracy falls there; of knee one image is in
    quarantine, and rows of both readers add 0.125 to the F1."""
    if stage == "fuse_modalities":
        return _FUSED[name]()
    return _TABLES[name](of)


def metrics(stage: str, of: str) -> dict[str, Any]:
    """What metrics.json holds."""
    if stage == "fuse_modalities":
        return {"images": 40, "units": 30, "positive": 16, "without_row": 2, "uncertain": 3}
    outside = 3 * (of == "pneumonia")
    if stage == "prepare_images":
        return {
            "images": 40, "pictures": 38, "units": 30, "nearly_alike_pairs": 1, "outside": outside,
            "outside_left_out": min(outside, 1), "left_out_by_shape": 0, "left_out_by_label": 0,
            "without_row": int(of == "knee"),
            "quarantined": int(of == "knee"),
        }  # fmt: skip
    accuracy = {"value": 0.875, "lower": 0.75, "upper": 0.9375}
    results = {"test": {"accuracy": accuracy}}
    return {
        "chosen": "hog 48 linear", "fitted": "C = 0.01", "temperature": 1.5, "train": 24, "validation": 8, "test": 8,
        "test_units": 6, "outside": outside, "results": results, "no_picture": results,
    }  # fmt: skip


def _fusion() -> Table:
    area, gain = (0.75, 0.625, 0.875, 0.75, 0.625, 0.8125), (0.0625, -0.03125, 0.125)
    models = ("image", "table", "early", "late", "joint product")
    rows = [(model, "whole", "whole", 40, *area, *(gain if model != "image" else [None] * 3)) for model in models]
    return of_images.FUSION, [*rows, ("late", "missing", "whole", 40, *area, *gain)]


_FUSED = {
    "comparison": _fusion,
    "shares": lambda: (
        of_images.FUSION_SHARES,
        [("late", "image", 0.25, 0.125, 0.375), ("late", "table", 0.0, None, None)],
    ),
    "predictions": lambda: (of_images.FUSION_PREDICTIONS, [(HOSTILE, "unit 1", 1, 1, "late", 0.75)]),
    "leaks": lambda: (
        schemas.LEAKS,
        [
            ("honest", "table", "roc_auc", 40, 0.75, 0.625, 0.875, 0.75, None, None, None, *UNITS),
            ("with_findings", "table", "roc_auc", 40, 0.875, 0.75, 0.9375, 0.75, 0.125, -0.0625, 0.25, *UNITS),
        ],
    ),
}  # fmt: skip


def _known(image: str) -> tuple[Any, ...]:
    return image, DIGEST, "P1", "0123456789ab", "a", 1000, 64, 64, 0.5


def _comparison(of: str) -> Table:
    two = of == "pneumonia"

    def row(variant: str, part: str, chosen: int, accuracy: float) -> tuple[Any, ...]:
        measures: list[float | None] = [accuracy, accuracy - 0.0625, accuracy + 0.0625] * 3
        measures += [0.5, 0.25, 0.75] if of == "knee" else [None] * 3
        measures += [0.75, 0.5, 0.875] * 2 if two else [None] * 6
        return variant, 1, part, chosen, "C = 0.01", 0.5, 0.5, 100, 8, *measures

    parts = [("test", 0.875), ("outside", 0.625)] if two else [("test", 0.875)]
    folds = [("16x1 folds 5", 0)] if of == "knee" else []
    names = [("hog 48 linear", 1), *folds, ("no picture: bytes, width, height, mean grey", 0), ("mean grey alone", 0)]
    return of_images.CLASS_COMPARISON, [row(name, part, one, value) for name, one in names for part, value in parts]


def _leaks(of: str) -> Table:
    protocol, metric = {
        "pneumonia": ("by_image", "roc_auc"), "modalities": ("by_slice", "accuracy"), "knee": ("by_row", "macro_f1"),
    }[of]  # fmt: skip
    gained = 0.125 if of == "knee" else 0.0
    return schemas.LEAKS, [
        ("honest", "hog 48 linear", metric, 8, 0.625, 0.5, 0.75, 0.625, None, None, None, *UNITS),
        (
            protocol,
            "hog 48 linear",
            metric,
            8,
            0.625 + gained,
            0.5,
            0.9375,
            0.625,
            gained,
            gained - 0.0625,
            0.5,
            *UNITS,
        ),
    ]


def _shift(of: str) -> Table:
    measures = (0.875, 0.75, 0.9375) * 7
    ways = ("as fitted", "threshold of validation", "prior adapted", "features aligned")
    rows = [(part, way, 0.5, 0.5, 0.625, *measures) for part in ("test", "outside") for way in ways]
    return of_images.CLASS_SHIFT, rows if of == "pneumonia" else []


_TABLES = {
    "images": lambda of: (of_images.CLASS_IMAGES, [(*_known(HOSTILE), "train"), (*_known("b.png"), "test")]),
    "outside": lambda of: (of_images.OUTSIDE_IMAGES, [(*_known(HOSTILE), 1)] * (3 * (of == "pneumonia"))),
    "counts": lambda of: (
        of_images.CLASS_COUNTS,
        [
            ("train", "a", 12, 11, 10),
            ("test", "a", 4, 4, 3),
            ("test", HOSTILE, 4, 4, 3),
            ("outside", "a", 4 * (of == "pneumonia"), 4, 4),
            ("outside", HOSTILE, 4 * (of == "pneumonia"), 4, 4),
        ],
    ),
    "quarantine": lambda of: (IMAGE_QUARANTINE, [(HOSTILE, "no image", "text")] if of == "knee" else []),
    "comparison": _comparison,
    "leaks": _leaks,
    "curves": lambda of: (of_images.CLASS_CURVES, [("16x1", 1, 1, 0.75, 0.5, 0.625)]),
    "confusion": lambda of: (of_images.CLASS_CONFUSION, [("test", "a", "a", 3, 4, 0.75, 0.25, 0.9375)]),
    "predictions": lambda of: (of_images.CLASS_PREDICTIONS, [("test", HOSTILE, "0123456789ab", "a", "b", 0.75, 0.25)]),
    "shift": _shift,
    "calibration": lambda of: (
        of_images.CLASS_CALIBRATION,
        [("test", "as fitted", 0.5, 0.6, 8, 4, 0.5, 0.5, 0.25, 0.75)],
    ),
}
