"""The section on training with synthetic images: gains, labels preserved by augmentation, gap between the domains."""

from typing import Any

import pandas as pd

from radsieve.generation import tables as generation_tables
from radsieve.generation.plots.training_use import extent
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import (
    Answer,
    Number,
    ShownEstimate,
    Table,
    count_of,
    estimated,
    estimates,
    folded,
    records,
    show,
    table,
)
from radsieve.reporting.wording import in_words, listed
from radsieve.stats import resampling

STAGE = "compare_training"
COMPARISON, PRESERVATION, GAP = (f"{STAGE}/{name}.csv" for name in ("comparison", "preservation", "domain_gap"))
QUESTION = "Are synthetic images useful for training?"
_SYNTHETIC = generation_tables.TrainingArm.SYNTHETIC.value  # in the name of every arm that learns from such images
_MIXED, _COPIES = generation_tables.TrainingArm.WITH_SYNTHETIC, generation_tables.TrainingArm.WITH_COPIES
_AUGMENTED = generation_tables.AugmentationUse.WITH  # the milder classifier of LABEL_PRESERVATION


def training(inputs: Inputs, confidence: float, draws: int, margin: float) -> dict[str, Any]:
    """Tables and figures of stage compare_training, and what they say in short; `draws` is how often real images were
    drawn, `margin` the loss below which an augmentation counts as preserving the label.
    """
    metrics = inputs.metrics(STAGE)
    arms = folded(inputs.table(generation_tables.TRAINING_COMPARISON, COMPARISON), ("roc_auc", "gain"))
    kept = inputs.table(generation_tables.LABEL_PRESERVATION, PRESERVATION)
    gap = inputs.table(generation_tables.TRAINING_GAP, GAP)
    areas = _areas(gap)
    too_few = _too_few(metrics["test_units"], margin, confidence)
    return {
        "metrics": metrics,
        "answer": Answer(QUESTION, " ".join(_said(arms, areas, 1 - confidence, draws)), (COMPARISON, GAP)),
        "numbers": _numbers(arms),
        "points": _points(arms, kept, metrics["left_out"], 1 - confidence, too_few),
        "too_few": too_few,
        "left_out": metrics["left_out"],
        "comparison": _comparison(arms),
        "comparison_picture": inputs.figure(
            f"{STAGE}/comparison.png",
            "ROC-AUC by training set",
            "ROC-AUC of each training set by the number of real images, and its gain over as many real images alone",
            COMPARISON,
        ),
        "preservation": table(
            folded(kept, ("kept", "difference")).assign(
                setting=[extent(*row) for row in zip(kept["augmentation"], kept["setting"], strict=True)],
                preserved=kept["preserved"].map({1: "preserved", 0: "not shown"}),
            ),
            "Does each augmentation preserve the label?",
            PRESERVATION,
        ),
        "preservation_picture": inputs.figure(
            f"{STAGE}/preservation.png",
            "Agreement with the label after augmentation",
            "Change of the share of images that a classifier gets right, by augmentation and classifier",
            PRESERVATION,
        ),
        "gap": _gap(gap),
        "gap_picture": inputs.figure(
            f"{STAGE}/domain_gap.png",
            "The domain gap before and after adaptation",
            "ROC-AUC of telling real images from synthetic ones, and KID, by the statistics of the normalisation",
            GAP,
        ),
    }


def _said(arms: pd.DataFrame, areas: dict[str, ShownEstimate], level: float, draws: int) -> list[str]:
    """What synthetic images gain beyond chance, or that they do not; augmentation; and the gap between the domains."""
    tested = arms[arms["holm"].notna()]
    mixed = tested[tested["arm"].str.contains(_SYNTHETIC) & (tested["real_images"] > 0)]
    synthetic = tested[tested["arm"].str.contains(_SYNTHETIC)]
    gains, losses = _beyond(mixed, level, 1), _beyond(synthetic, level, -1)
    said = []
    if len(gains):
        said.append(f"Beside real images, yes: ROC-AUC rises beyond chance by {listed(_each(gains))}.")
    else:
        tried = count_of(len(mixed), "comparison")
        said.append(f"Not shown: added to real images they raise ROC-AUC beyond chance in none of {tried}.")
    said += [f"With the most real images it changes by {text}." for text in _each(_named(tested, _MIXED))]
    if len(losses):
        said.append(f"ROC-AUC is lower beyond chance: {listed(_each(losses))}.")
    if len(alone := arms[(arms["real_images"] == 0)]):
        said.append(f"Alone they reach a ROC-AUC of {in_words(alone['roc_auc'].iloc[0])}.")
    said += [f"Augmentation changes it by {text}." for text in _each(_named(tested, _COPIES))]
    told = [f"{in_words(area)} by {name.partition(': ')[2]}" for name, area in areas.items() if _SYNTHETIC in name]
    said.append(
        f"All this is of generators that were trained once, and of {count_of(draws, 'random draw')} of real images:"
        " other trainings may differ."
    )
    return [*said, f"A classifier discriminates real from synthetic images with a ROC-AUC of {listed(told)}."]


def _named(arms: pd.DataFrame, arm: str) -> pd.DataFrame:
    """The row of an arm with the most real images: named beforehand, and not the best of many."""
    rows = arms[arms["arm"] == arm]
    return rows.nlargest(1, "real_images")


def _beyond(rows: pd.DataFrame, level: float, sign: int) -> pd.DataFrame:
    """The rows whose gain is beyond chance and has this sign."""
    return rows[(rows["holm"] < level) & (rows["gain"].map(lambda gain: gain.value) * sign > 0)]


def _each(rows: pd.DataFrame) -> list[str]:
    return [
        f"{in_words(row['gain'])} by {row['arm']} with {count_of(row['real_images'], 'real image')}"
        if row["real_images"]
        else f"{in_words(row['gain'])} by {row['arm']} images alone, compared with the most real ones"
        for row in records(rows)
    ]


def _areas(gap: pd.DataFrame) -> dict[str, ShownEstimate]:
    """How well each pair of domains is told apart: ROC-AUC by what was compared."""
    rows = gap[gap["measure"] == "roc_auc"]
    return dict(zip(rows["features"], estimates(rows, "value"), strict=True))


def _numbers(arms: pd.DataFrame) -> list[Number]:
    """What the most real images reach alone, and what synthetic ones add to them."""
    numbers = []
    if len(alone := arms[arms["arm"] == generation_tables.TrainingArm.REAL]):
        maximum = alone.sort_values("real_images").iloc[-1]
        label = f"ROC-AUC learnt from {show(maximum['real_images'])} real images alone"
        numbers.append(estimated(maximum["roc_auc"], label, COMPARISON))
    for row in records(_named(arms, _MIXED)):
        label = f"change of ROC-AUC by synthetic images added to {count_of(row['real_images'], 'real image')}"
        numbers.append(estimated(row["gain"], label, COMPARISON))
    return numbers


def _too_few(units: int, margin: float, confidence: float) -> str:
    """That so few units show no augmentation to preserve the label, not even one that changes no answer; or nothing."""
    _, upper = resampling.wilson(0, units, confidence)
    if upper < margin:
        return ""
    return (
        f"With {count_of(units, 'test unit')} it cannot be shown: where no image is lost, the loss may still be"
        f" {show(upper)}."
    )


def _points(arms: pd.DataFrame, kept: pd.DataFrame, left_out: dict[str, str], level: float, too_few: str) -> list[str]:
    """What a reviewer should look at: arms left out, harm beyond chance, augmentations that may lose the label."""
    points = [f"The training set {arm} is left out: {reason}." for arm, reason in left_out.items()]
    for text in _each(_beyond(arms[arms["holm"].notna()], level, -1)):
        points.append(f"A loss beyond chance: {text}.")
    doubtful = kept[(kept["classifier"] == _AUGMENTED) & (kept["preserved"] == 0)]["augmentation"]
    if len(doubtful):
        names = listed(doubtful.tolist())
        text = f"Not shown to preserve the label, even for a classifier trained with augmentation: {names}."
        points.append(f"{text} {too_few}".strip())
    return points


def _comparison(arms: pd.DataFrame) -> Table:
    columns = {
        "arm": "training set",
        "real_images": "real images",
        "synthetic_images": "synthetic images",
        "learnt_from": "images learnt from",
        "test_images": "test images",
        "test_units": "test units",
        "roc_auc": "ROC-AUC",
        "gain": "gain",
        "p_value": "p",
        "holm": "p after Holm",
    }
    spans = zip(arms["training_images_min"], arms["training_images_max"], strict=True)
    told = [show(least) if least == most else f"{show(least)} to {show(most)}" for least, most in spans]
    return table(
        arms.assign(learnt_from=told)[list(columns)].rename(columns=columns),
        "Every training set, evaluated on real images of the test split; intervals over their units and the draws",
        COMPARISON,
    )


def _gap(gap: pd.DataFrame) -> Table:
    """One row for each pair of domains, with both measures."""
    rows = gap.assign(value=estimates(gap, "value"))
    wide = rows.pivot_table(
        index=["features", "images"], columns="measure", values="value", aggfunc="first", sort=False
    )
    wide = wide.reset_index().rename(
        columns={"features": "compared, and normalised by", "roc_auc": "ROC-AUC", "kid": "KID"}
    )
    return table(wide, "How far apart the domains are", GAP)
