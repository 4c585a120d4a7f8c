"""The figures of stage compare_classifiers: curves by family of models, and confusion matrices."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's colours, which colour-blind readers can distinguish
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#7f7f7f")
_MUTED = "#999999"
_COLUMNS = 7  # confusion matrices side by side


def plot_classifier_curves(curves: pd.DataFrame, folds: pd.DataFrame, group: str) -> Figure:
    """Plot CLASSIFIER_CURVES: for each target a row of ROCs and one of precision by recall, a column per family.

    The legends have the mean areas of CLASSIFIER_FOLDS; a dotted line is the level of chance.
    """
    targets, families = list(dict.fromkeys(folds["target"])), _families(folds)
    if not targets:
        return _nothing(group)
    figure = Figure(figsize=(3.1 * len(families) + 0.5, 6.9 * len(targets)), layout="constrained")
    figure.suptitle(f"Group {group}: held-out rows, mean of the curves of {folds['fold'].max()} folds")
    grid = figure.subplots(2 * len(targets), len(families), squeeze=False, sharey="row")
    for place, target in enumerate(targets):
        of_target = folds[folds["target"] == target]
        rate = of_target["good"].sum() / of_target["rows"].sum()
        chosen = curves[curves["target"] == target]
        for column, (family, models) in enumerate(families.items()):
            receiver, precision = grid[2 * place : 2 * place + 2, column]
            receiver.plot([0, 1], [0, 1], color=_MUTED, linestyle=":", linewidth=1)
            precision.axhline(rate, color=_MUTED, linestyle=":", linewidth=1)
            for name, axes, area in (("roc", receiver, "roc_auc"), ("precision_recall", precision, "pr_auc")):
                _lines(axes, chosen[chosen["curve"] == name], models, of_target.groupby("model")[area].mean())
            receiver.set(xlabel="false positive rate", title=_title(family), aspect="equal", ylim=(-0.02, 1.02))
            precision.set(xlabel="recall", ylim=(0, min(1, 8 * rate)))
            receiver.legend(loc="lower right", fontsize=7.5, frameon=False)
            precision.legend(loc="upper right", fontsize=7.5, frameon=False)
        grid[2 * place, 0].set_ylabel(f"{target}: recall")
        grid[2 * place + 1, 0].set_ylabel(f"{target}: precision")
    return figure


def plot_confusion(confusion: pd.DataFrame, folds: pd.DataFrame, group: str) -> Figure:
    """Plot CLASSIFIER_CONFUSION: a matrix for each target and model, shaded by the share of its row."""
    pairs = list(dict.fromkeys(zip(confusion["target"], confusion["model"], strict=True)))
    if not pairs:
        return _nothing(group)
    rows = -(-len(pairs) // _COLUMNS)
    figure = Figure(figsize=(1.75 * _COLUMNS + 0.6, 1.75 * rows + 0.9), layout="constrained")
    figure.suptitle(
        f"Group {group}: held-out rows in {folds['fold'].max()} folds, accepted above a probability of 0.5 (SVC: 0)"
    )
    grid = figure.subplots(rows, _COLUMNS, squeeze=False)
    several = len(set(confusion["target"])) > 1
    cells = confusion.set_index(["target", "model", "good", "accepted"])
    for axes, (target, model) in zip(grid.ravel(), pairs, strict=False):
        count = np.array([[cells.loc[(target, model, good, kept), "rows"] for kept in (0, 1)] for good in (0, 1)])
        share = count / np.maximum(count.sum(axis=1, keepdims=True), 1)
        axes.imshow(share, cmap="Blues", vmin=0, vmax=1.15)
        for (y, x), number in np.ndenumerate(count):
            axes.text(x, y, f"{number:,}", ha="center", va="center", color="white" if share[y, x] > 0.6 else "black")
        axes.set_title(f"{target}\n{model}" if several else model, fontsize=9)
        axes.set_xticks([0, 1], ["rejected", "accepted"], fontsize=7.5)
        axes.set_yticks([0, 1], ["bad", "good"], fontsize=7.5)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    for axes in grid.ravel()[len(pairs) :]:
        axes.axis("off")
    return figure


def _lines(axes: Axes, curves: pd.DataFrame, models: list[str], areas: pd.Series) -> None:
    for colour, model in zip(_COLOURS, models, strict=False):
        points = curves[curves["model"] == model]
        axes.plot(points["x"], points["value"], color=colour, linewidth=1.4, label=f"{model} {areas[model]:.3f}")
    axes.set_xlim(-0.02, 1.02)
    axes.grid(color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _families(folds: pd.DataFrame) -> dict[str, list[str]]:
    """The models of each family; families that are not in the publication share a column."""
    found: dict[str, list[str]] = {}
    for family, model in dict.fromkeys(zip(folds["family"], folds["model"], strict=True)):
        found.setdefault(family.split(":")[0], []).append(model)
    return found


def _title(family: str) -> str:
    return "beyond the publication" if family == "beyond" else family


def _nothing(group: str) -> Figure:
    figure = Figure(figsize=(6, 1.6), layout="constrained")
    figure.text(0.5, 0.5, f"Group {group}: no target can be learnt; metrics.json says why.", ha="center", va="center")
    return figure
