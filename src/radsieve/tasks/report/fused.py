"""The section on images with a table: what the table adds, and what happens if one of them is missing."""

from typing import Any

import pandas as pd

from radsieve.params import Params
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import count_of, estimate_of, estimated, folded, table
from radsieve.reporting.wording import in_words
from radsieve.tasks.images.settings import IGNORE, ONE, ZERO
from radsieve.tasks.images.tables import EARLY, FUSION, FUSION_SHARES, IMAGE, JOINT, LATE, TABLE
from radsieve.tasks.report.part import Part

_STAGE = "fuse_modalities"
_MODELS = {
    IMAGE: "the image alone",
    TABLE: "the table alone",
    EARLY: "both, joined",
    LATE: "both, stacked",
    **{name: f"a network of both, by {join}" for join, name in JOINT.items()},
}
_READ = {IGNORE: "not at all", ZERO: "as of the first class", ONE: "as of the second class"}


def parts(inputs: Inputs, params: Params) -> list[Part]:
    """The one section of fuse_modalities."""
    settings, counts = params.fuse_modalities, inputs.metrics(_STAGE)
    comparison = inputs.table(FUSION, f"{_STAGE}/comparison.csv")
    shares = inputs.table(FUSION_SHARES, f"{_STAGE}/shares.csv")
    late = _whole(comparison, LATE)
    for name in ("images", "outside", "counts", "quarantine"):
        inputs.known(f"prepare_images/chest/{name}.csv")
    prepared = inputs.metrics("prepare_images/chest")
    without = counts["without_row"] + prepared["without_row"]  # of either table
    shown = {
        "where": str(params.prepare_images.chest.images),
        "rows_of": str(settings.table),
        "counts": counts,
        "without_row": without,
        "quarantined": prepared["quarantined"],
        "prepared": [f"prepare_images/chest/{name}.csv" for name in ("images", "outside", "counts", "quarantine")],
        "uncertain": {"label": settings.uncertain_label, "read": _READ[settings.uncertain]},
        "columns": [*settings.numbers, *settings.codes],
        "said": _said(comparison),
        "comparison": table(
            folded(comparison, ("roc_auc", "accuracy", "difference")), "Image and table", f"{_STAGE}/comparison.csv"
        ),
        "shares": table(folded(shares, ("share",)), "What image and table add to both", f"{_STAGE}/shares.csv"),
        "gains": inputs.figure(
            f"{_STAGE}/gains.png",
            "What the table adds to the image",
            "ROC-AUC of each model, and its difference from the image alone: blue, image and table whole; orange, one"
            " of them missing or shuffled",
            f"{_STAGE}/comparison.csv",
        ),
        "predictions": inputs.known(f"{_STAGE}/predictions.csv"),
    }
    number = estimated(
        estimate_of(late, "difference"),
        f"added to the ROC-AUC of the image by the table, on {count_of(counts['images'], 'image')}",
        f"{_STAGE}/comparison.csv",
    )
    return [
        Part(
            anchor="chest",
            title="Chest radiographs with a table",
            template="fused.html",
            shown=shown,
            numbers=(number,),
            points=tuple(_points(without)),
            leaks=f"{_STAGE}/leaks.csv",
            task="chest",
        )
    ]


def _whole(comparison: pd.DataFrame, model: str) -> Any:
    whole = (comparison["image"] == "whole") & (comparison["table"] == "whole")
    return comparison[whole & (comparison["model"] == model)].iloc[0]


def _said(comparison: pd.DataFrame) -> str:
    there = set(comparison["model"])
    areas = [
        f"{told} {in_words(estimate_of(_whole(comparison, name), 'roc_auc'))}"
        for name, told in _MODELS.items()
        if name in there
    ]
    late = _whole(comparison, LATE)
    gain = in_words(estimate_of(late, "difference"))
    lower, upper = late["difference_lower"], late["difference_upper"]
    if lower > 0:
        verdict = "; the interval is above 0"
    elif upper < 0:
        verdict = "; the interval is below 0"
    else:
        verdict = "; the interval includes 0" if lower < upper else ""  # one without width says nothing
    return f"ROC-AUC: {', '.join(areas)}. Stacking adds {gain} to the image alone{verdict}."


def _points(without: int) -> list[str]:
    return (
        [f"Left out: {count_of(without, 'image')} of chest that no row of the table names, or several."]
        if without
        else []
    )
