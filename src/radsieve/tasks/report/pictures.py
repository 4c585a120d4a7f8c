"""The sections on each set of images: how well its classes are told apart, inside and outside; published figures."""

from typing import Any

import pandas as pd

from radsieve.params import Params
from radsieve.reporting.headings import heading
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Number, count_of, estimate_of, estimated, estimates, folded, show, table
from radsieve.reporting.wording import in_words, listed
from radsieve.stats import resampling
from radsieve.stats.resampling import Estimate
from radsieve.tables.images import IMAGE_QUARANTINE
from radsieve.tasks.images.settings import FOLDS
from radsieve.tasks.images.tables import (
    CLASS_COMPARISON,
    CLASS_COUNTS,
    CLASS_SHIFT,
    METRICS,
    OUTSIDE,
    OUTSIDE_IMAGES,
    TEST,
)
from radsieve.tasks.report.part import Part

PUBLISHED = "classifier_figures.csv"
_TITLES = {
    "pneumonia": "Chest radiographs, normal or not",
    "modalities": "Slices by what they show",
    "knee": "Knees by grade",
}
_SHIFTED = ("roc_auc", "accuracy", "sensitivity", "specificity", "brier", "intercept", "slope")
_NO_PICTURE = "no picture"
_LEVEL = 0.95  # of the intervals of published shares
_WHERE = {TEST: "test images", OUTSIDE: "images from outside"}


def parts(inputs: Inputs, params: Params) -> list[Part]:
    """The sections on the sets of train_classifier, in their order."""
    return [_part(inputs, params, name) for name in _TITLES]


def _part(inputs: Inputs, params: Params, name: str) -> Part:
    prepared, stage = f"prepare_images/{name}", f"train_classifier/{name}"
    counts = inputs.metrics(prepared)
    labels = inputs.table(CLASS_COUNTS, f"{prepared}/counts.csv")
    comparison = inputs.table(CLASS_COMPARISON, f"{stage}/comparison.csv")
    shift = inputs.table(CLASS_SHIFT, f"{stage}/shift.csv")
    source = getattr(params.prepare_images, name)
    outside = len(inputs.table(OUTSIDE_IMAGES, f"{prepared}/outside.csv"))
    published, file = inputs.published(inputs.published_tables, PUBLISHED)
    shown = {
        "name": name,
        "where": str(source.images),
        "outside_where": str(source.outside_images or ""),
        "metrics": counts,
        "used": inputs.metrics(stage),
        "two_classes": bool(comparison["sensitivity"].notna().any()),
        "ordered": bool(getattr(params.train_classifier, name).ordered),
        "changed": getattr(params.train_classifier, name).chosen_on == "changed",
        "folds": bool(comparison["variant"].str.contains(f" {FOLDS} ").any()),
        "said": _said(comparison),
        "counts": table(
            _counted(labels),
            f"Images of {name}",
            f"{prepared}/counts.csv",
        ),
        "quarantine": table(
            inputs.table(IMAGE_QUARANTINE, f"{prepared}/quarantine.csv"),
            f"Images of {name} that could not be used",
            f"{prepared}/quarantine.csv",
        ),
        "comparison": table(_compared(comparison), f"Variants for {name}", f"{stage}/comparison.csv"),
        "shift": table(folded(shift, _SHIFTED), f"Thresholds and probabilities of {name}", f"{stage}/shift.csv"),
        "shifted": len(shift) > 0 and OUTSIDE in set(shift["part"]),
        "published": table(_published(published[published["task"] == name]), f"Published figures beside {name}", file),
        "missed": _missed(published[published["task"] == name]),
        "figures": _figures(inputs, stage, name),
        "predictions": inputs.known(f"{stage}/predictions.csv"),
        "weights": inputs.known(f"{stage}/best.safetensors"),
        "outside": outside,
        "tables": [inputs.known(f"{prepared}/{file}.csv") for file in ("images", *(["outside"] if outside else []))],
    }
    return Part(
        anchor=name,
        title=_TITLES[name],
        template="pictures.html",
        shown=shown,
        numbers=tuple(_numbers(comparison, name)),
        points=(*_points(counts, comparison, name), *_shifts(comparison, labels, name)),
        leaks=f"{stage}/leaks.csv",
        task=name,
    )


def _counted(counts: pd.DataFrame) -> pd.DataFrame:
    """CLASS_COUNTS without the rows of images from outside where there are none."""
    outside = counts["part"] == OUTSIDE
    return counts if counts.loc[outside, "images"].any() else counts[~outside]


def _figures(inputs: Inputs, stage: str, name: str) -> list[Any]:
    told = (
        ("variants", f"Variants for {name}", "Each variant with its interval, a panel for each measure", "comparison"),
        ("confusion", f"Confusion of {name}", "Images by class and by what they are called", "confusion"),
        ("reliability", f"Calibration for {name}", "Share of images by mean probability", "calibration"),
        (
            "curves",
            f"Learning curves for {name}",
            "Loss of training and validation by epoch, for each network",
            "curves",
        ),
    )
    found = [
        inputs.figure(f"{stage}/{file}.png", title, alt, f"{stage}/{source}.csv") for file, title, alt, source in told
    ]
    title, alt = f"Where the network looks on {name}", "Images beside their Grad-CAM heat"
    worst = f"Called wrongly with the most certainty on {name}"
    said = "Images with their class, what the chosen variant calls them, and the probability that it gives it"
    return [
        *found,
        inputs.figure(f"{stage}/heatmaps.png", title, alt, images=True),
        inputs.figure(f"{stage}/worst.png", worst, said, f"{stage}/predictions.csv", images=True),
    ]


def _chosen(comparison: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in
            comparison[comparison["chosen"] == 1].to_dict("records")]  # fmt: skip


def _said(comparison: pd.DataFrame) -> str:
    """What the chosen classifier reaches, inside and outside, in words."""
    told = []
    for row in _chosen(comparison):
        measures = [f"{heading(name)} {in_words(estimate_of(row, name))}" for name in METRICS if not pd.isna(row[name])]
        told.append(f"On {count_of(row['images'], 'image')} ({_WHERE[row['part']]}): {', '.join(measures)}.")
    first = _chosen(comparison)[0]
    return f"Validation chooses {first['variant']} ({first['fitted']}). {' '.join(told)}"


def _numbers(comparison: pd.DataFrame, name: str) -> list[Number]:
    source = f"train_classifier/{name}/comparison.csv"
    return [
        estimated(
            estimate_of(row, "accuracy"),
            f"accuracy on {count_of(row['images'], 'image')} of {name}, {row['part']}",
            source,
        )
        for row in _chosen(comparison)
    ]


def _points(counts: dict[str, Any], comparison: pd.DataFrame, name: str) -> list[str]:
    points = []
    if counts["quarantined"]:
        points.append(f"{count_of(counts['quarantined'], 'image')} of {name} could not be used.")
    if counts["without_row"]:
        points.append(f"Left out: {count_of(counts['without_row'], 'file')} of {name} that no row of the table names.")
    if counts["outside_left_out"]:
        points.append(
            f"Left out: {count_of(counts['outside_left_out'], 'image')} from outside of {name}, whose unit is trained"
            " or chosen on."
        )
    alone = comparison[comparison["variant"].str.startswith(_NO_PICTURE) & (comparison["part"] == TEST)]
    classes = comparison["sensitivity"].notna().any()
    for row in alone.to_dict("records"):
        if classes and row["roc_auc_lower"] > 0.5:
            area = in_words(estimate_of(row, "roc_auc"))
            points.append(f"Files of {name} tell the class without the picture: ROC-AUC {area} by size and mean grey.")
    return points


def _shifts(comparison: pd.DataFrame, labels: pd.DataFrame, name: str) -> list[str]:
    """In words, what the chosen classifier loses outside, and where it is right no more often than the commonest class.

    `labels` is CLASS_COUNTS. An accuracy may stay high outside only because one class is frequent there.
    """
    chosen = {row["part"]: row for row in _chosen(comparison)}
    points = []
    for part, row in chosen.items():
        images = labels.loc[labels["part"] == part].groupby("label")["images"].sum()
        most = images.max() / images.sum()
        if most < 1 and not row["accuracy_lower"] > most:  # of one class alone no accuracy can be above it
            points.append(
                f"On {_WHERE[part]} of {name} the accuracy is {in_words(estimate_of(row, 'accuracy'))}: not shown to be"
                f" above {show(most)}, that of always calling the most frequent class there ({images.idxmax()})."
            )
    if OUTSIDE in chosen:
        inside, outside = chosen[TEST], chosen[OUTSIDE]
        points += [
            f"The {measure} of {name} falls from {in_words(estimate_of(inside, measure))} on test images to"
            f" {in_words(estimate_of(outside, measure))} on images from outside."
            for measure in ("accuracy", "sensitivity", "specificity")
            if outside[f"{measure}_upper"] < inside[f"{measure}_lower"]
        ]
    return points


def _compared(comparison: pd.DataFrame) -> pd.DataFrame:
    measures = [name for name in METRICS if comparison[name].notna().any()]
    empty = [f"{name}{end}" for name in METRICS if name not in measures for end in ("", "_lower", "_upper")]
    shown = comparison.drop(columns=empty).assign(chosen=comparison["chosen"].map({0: "", 1: "chosen"}))
    told = folded(shown, measures)
    how = ["fitted", "validation_loss", "parameters"]
    how += [] if told["choosing_loss"].equals(told["validation_loss"]) else ["choosing_loss"]
    how += ["seed"] if told.groupby("variant")["seed"].nunique().max() > 1 else []
    return told[["variant", "part", "chosen", "images", *measures, *how]]  # what is found first: the table is wide


def _published(published: pd.DataFrame) -> pd.DataFrame:
    """Published figures with Wilson's interval of a share, where it is known of how many images."""
    known = published["images"].notna() & (published["metric"] == "accuracy")
    bounds = [
        resampling.wilson(round(value * images), int(images), _LEVEL) if there else (float("nan"), float("nan"))
        for value, images, there in zip(published["value"], published["images"], known, strict=True)
    ]
    shown = published.assign(lower=[low for low, _ in bounds], upper=[high for _, high in bounds])
    return pd.DataFrame(
        {
            "model": shown["model"],
            "setting": shown["setting"],
            "metric": shown["metric"].map(heading),
            "images": ["" if pd.isna(count) else f"{int(count):,}" for count in shown["images"]],
            "value": estimates(shown, "value"),
            "source": shown["source"],
        }
    )


def _missed(published: pd.DataFrame) -> str:
    """How many images lie between the variants that one analysis compared on the same test images, in words."""
    shares = published[(published["metric"] == "accuracy") & published["images"].notna()]
    groups = shares.groupby("images").filter(lambda rows: len(rows) >= 10)
    if groups.empty:
        return ""
    images = int(groups["images"].iloc[0])
    right = (groups["value"] * images).round().astype(int)
    behind = right.max() - right
    best = resampling.share(int(right.max()), images, _LEVEL)
    apart = [resampling.difference(best, resampling.share(int(one), images, _LEVEL)) for one in right]
    clear = (
        groups["model"]
        .str.cat(groups["setting"].str.split(";").str[0], sep=", ")[[_above(one) for one in apart]]
        .tolist()
    )
    more = int((behind > 1).sum())
    named = f": {listed(clear)}" if clear else ""
    return (
        f"Of {len(groups)} published settings, all on {images:,} images, {int((behind == 0).sum())} have as many images"
        f" right as the best one, {int((behind == 1).sum())} one fewer, and {more} more than one fewer (at most"
        f" {int(behind.max())}). The interval of the difference from the best one (Newcombe's, of independent shares)"
        f" leaves 0 out for {len(clear)}{named}. No ranking of the others follows."
    )


def _above(one: Estimate) -> bool:
    return one.lower > 0
