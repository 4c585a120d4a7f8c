"""The figures of stage rank_classifiers: models by groups, and published figures beside ours."""

from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from radsieve.prefilter.tables import Verdict

_OURS, _PUBLISHED = "#0072b2", "#d55e00"
_SIGNS = {Verdict.BETTER: " \N{BLACK UP-POINTING TRIANGLE}", Verdict.WORSE: " \N{BLACK DOWN-POINTING TRIANGLE}"}
_LOWEST, _HIGHEST = 0.5, 0.95  # ROC-AUC of the ends of the colour scale
_PANELS = 6  # groups of the published figure side by side


def plot_summary(summary: pd.DataFrame, paired: pd.DataFrame, reference: str) -> Figure:
    """Plot the mean ROC-AUC of CLASSIFIER_SUMMARY: models by groups, a panel for each target.

    A triangle marks what the tests of CLASSIFIER_PAIRED call better or worse than `reference`.
    """
    areas = summary[summary["metric"] == "roc_auc"]
    targets = list(dict.fromkeys(areas["target"]))
    if not targets:
        return _nothing("No group has a target that can be learnt.")
    models, groups = (list(dict.fromkeys(areas[name])) for name in ("model", "group"))
    width = 0.95 * len(groups) * len(targets) + 2.6
    figure = Figure(figsize=(max(width, 8), 0.29 * len(models) + 1.6), layout="constrained")
    figure.suptitle(f"ROC-AUC, mean of the folds; triangles: better or worse than {reference}\nby both paired tests")
    panels = figure.subplots(1, len(targets), squeeze=False, sharey=True)[0]
    for axes, target in zip(panels, targets, strict=True):
        of_target = areas[areas["target"] == target]
        values = of_target.pivot_table(index="model", columns="group", values="mean", dropna=False, sort=False)
        values = values.reindex(index=models, columns=groups)
        verdicts = paired[paired["target"] == target].set_index(["model", "group"])["verdict"]
        axes.imshow(values, cmap="Blues", vmin=_LOWEST - 0.05, vmax=_HIGHEST, aspect="auto")
        for (y, x), value in np.ndenumerate(values.to_numpy(float)):
            if np.isfinite(value):
                sign = _SIGNS.get(verdicts.get((models[y], groups[x]), ""), "")
                colour = "white" if value > 0.79 else "black"
                axes.text(x, y, f"{value:.3f}{sign}", ha="center", va="center", fontsize=8, color=colour)
        axes.set_xticks(range(len(groups)), [name.replace(" ", "\n") for name in groups], fontsize=8.5)
        axes.set_yticks(range(len(models)), models, fontsize=8.5)
        _families(axes, areas, models)
        axes.set_title(target, fontsize=10)
        axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
        axes.spines[:].set_visible(False)
    return figure


def plot_published(published: pd.DataFrame) -> Figure:
    """Plot the ROC-AUC of CLASSIFIER_PUBLISHED: a panel for each group, a row for each model."""
    areas = published[published["metric"] == "roc_auc"]
    groups, models = (list(dict.fromkeys(areas[name])) for name in ("group", "model"))
    if not groups:
        return _nothing("No group and model of this run is among the published ones.")
    columns = min(len(groups), _PANELS)
    rows = -(-len(groups) // columns)
    size = (2.2 * columns + 1.4, (0.24 * len(models) + 0.8) * rows + 0.9)
    figure = Figure(figsize=(max(size[0], 6), size[1]), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    place = {model: number for number, model in enumerate(models)}
    for axes, group in zip(grid, groups, strict=False):
        points = areas[areas["group"] == group]
        y = points["model"].map(place)
        axes.hlines(y, points["lower"], points["upper"], color=_OURS, linewidth=1.4, alpha=0.6)
        axes.plot(points["ours"], y, "o", color=_OURS, markersize=4.5, label="ours, with interval")
        axes.plot(
            points["published"], y, "D", markersize=5, markerfacecolor="none", color=_PUBLISHED, label="published"
        )
        axes.axvline(0.5, color="#999999", linestyle=":", linewidth=1)
        axes.set_title(group, fontsize=10)
        axes.set_yticks(range(len(models)), models, fontsize=8)
        axes.set_ylim(len(models) - 0.4, -0.6)
        axes.set_xlabel("ROC-AUC", fontsize=9)
        axes.grid(axis="y", color="#eeeeee", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in grid[len(groups) :]:
        axes.axis("off")
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    figure.suptitle("Prediction of valid: published figures beside ours")
    return figure


def _families(axes: Axes, areas: pd.DataFrame, models: list[str]) -> None:
    """A line between models of different families."""
    family_of = dict(zip(areas["model"], areas["family"], strict=True))
    for number, (above, below) in enumerate(pairwise(models)):
        if family_of[above] != family_of[below]:
            axes.axhline(number + 0.5, color="white", linewidth=2.5)


def _nothing(text: str) -> Figure:
    figure = Figure(figsize=(6, 1.6), layout="constrained")
    figure.text(0.5, 0.5, text, ha="center", va="center")
    return figure
