"""The figures of train_classifier: variants side by side, confusion, reliability, learning curves, and heat maps."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from radsieve.tasks.plots.mistakes import HONEST, MISTAKE, words

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a93a3")
_COLUMNS = 4  # of pictures side by side


def plot_variants(comparison: pd.DataFrame, metrics: Mapping[str, str]) -> Figure:
    """Plot CLASS_COMPARISON: a panel for each of `metrics` (column: name), a line for each variant, both parts."""
    names = list(dict.fromkeys(comparison["variant"]))
    figure = Figure(figsize=(3.6 + 2.9 * len(metrics), 1.8 + 0.36 * len(names)), layout="constrained")
    panels = figure.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
    for axes, (metric, label) in zip(panels, metrics.items(), strict=True):
        for offset, (part, rows) in zip((-0.12, 0.12), comparison.groupby("part", sort=False), strict=False):
            places = [names.index(name) + offset for name in rows["variant"]]
            shade = HONEST if part == "test" else MISTAKE
            axes.hlines(places, rows[f"{metric}_lower"], rows[f"{metric}_upper"], color=shade, linewidth=2, alpha=0.5)
            axes.plot(rows[metric], places, "o", color=shade, markersize=5, label=str(part))
        axes.set_yticks(range(len(names)), names, parse_math=False)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlabel(label)
        axes.grid(axis="x", color="#e6e6e6")
        axes.set_axisbelow(True)
        axes.spines[["top", "right", "left"]].set_visible(False)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False)
    return figure


def plot_confusion(confusion: pd.DataFrame) -> Figure:
    """Plot CLASS_CONFUSION: a table of truth by call for each part, with counts, shaded by the share of the class."""
    parts = list(confusion.groupby("part", sort=False))
    classes = list(dict.fromkeys(confusion["truth"]))
    side = 1.8 + 0.62 * len(classes)
    figure = Figure(figsize=(side * len(parts) + 0.6, side), layout="constrained")
    for axes, (part, rows) in zip(figure.subplots(1, len(parts), squeeze=False)[0], parts, strict=True):
        side_by_side = len(classes), len(classes)  # rows have the order of the classes, truth first
        shares = rows["share"].to_numpy(float).reshape(side_by_side)
        counts = rows["images"].to_numpy().reshape(side_by_side)
        axes.imshow(np.nan_to_num(shares), cmap="Blues", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(counts):
            dark = np.nan_to_num(shares[row, column]) > 0.5
            axes.text(
                column, row, f"{count:,}", ha="center", va="center", color="white" if dark else "black", fontsize=9
            )
        axes.set_xticks(range(len(classes)), classes, rotation=45, ha="right", parse_math=False)
        axes.set_yticks(range(len(classes)), classes, parse_math=False)
        axes.set(xlabel="called", ylabel="label", title=str(part))
    return figure


def plot_reliability(calibration: pd.DataFrame) -> Figure:
    """Plot CLASS_CALIBRATION: share by mean probability with intervals, a panel for each part."""
    parts = list(calibration.groupby("part", sort=False))
    figure = Figure(figsize=(3.9 * len(parts), 4.6), layout="constrained")
    panels = figure.subplots(1, len(parts), squeeze=False)[0]
    for axes, (part, rows) in zip(panels, parts, strict=True):
        axes.plot([0, 1], [0, 1], color="#c4c9d1", linewidth=1)
        for (method, bins), colour in zip(rows.groupby("method", sort=False), _COLOURS, strict=False):
            axes.vlines(bins["mean_probability"], bins["lower"], bins["upper"], color=colour, linewidth=1.5, alpha=0.6)
            axes.plot(bins["mean_probability"], bins["share"], "o-", color=colour, markersize=4, label=words(method))
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="mean probability", ylabel="share", title=str(part))
        axes.set_aspect("equal")
        axes.spines[["top", "right"]].set_visible(False)
    shown = {label: line for axes in panels for line, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    ncols = min(2 * len(parts), len(shown))
    figure.legend(shown.values(), shown.keys(), loc="outside upper center", ncols=ncols, frameon=False)
    return figure


def plot_class_curves(curves: pd.DataFrame) -> Figure:
    """Plot CLASS_CURVES: loss of training (dashed) and validation by epoch, a line for each network and seed."""
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axes = figure.subplots()
    groups = list(curves.groupby(["variant", "seed"], sort=False))
    for place, ((variant, seed), rows) in enumerate(groups):
        colour = _COLOURS[place % len(_COLOURS)]
        axes.plot(rows["epoch"], rows["train_loss"], "--", color=colour, linewidth=1)
        axes.plot(rows["epoch"], rows["validation_loss"], "o-", color=colour, markersize=3, label=f"{variant}, {seed}")
    if groups:
        axes.legend(frameon=False, fontsize=8, title="variant, seed (dashed: training)", title_fontsize=8)
    else:
        axes.text(0.5, 0.5, "No variant is a network that is trained", ha="center", transform=axes.transAxes)
    axes.set(xlabel="epoch", ylabel="loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def plot_heat(
    images: npt.NDArray[np.uint8], heat: npt.NDArray[np.float32], captions: Sequence[str], title: str
) -> Figure:
    """Show images (n, channels, H, W) beside their heat (n, h, w), from 0 to 1, each under its caption."""
    columns = min(_COLUMNS, max(len(images), 1))
    lines = -(-max(len(images), 1) // columns)
    figure = Figure(figsize=(3.4 * columns, 2.1 * lines + 0.6), layout="constrained")
    panels = figure.subplots(lines, 2 * columns, squeeze=False).ravel()
    for axes in panels:
        axes.set_axis_off()
    for place, (image, hot, caption) in enumerate(zip(images, heat, captions, strict=True)):
        left, right = panels[2 * place], panels[2 * place + 1]
        _picture(left, image)
        _picture(right, image)
        height, width = image.shape[1:]
        right.imshow(
            hot, cmap="magma", vmin=0, vmax=1, alpha=0.55, extent=(-0.5, width - 0.5, height - 0.5, -0.5),
            interpolation="bilinear",
        )  # fmt: skip
        left.set_title(caption, fontsize=8, loc="left", parse_math=False)
    figure.suptitle(title, fontsize=10)
    return figure


def _picture(axes: Axes, image: npt.NDArray[np.uint8]) -> None:
    axes.imshow(image[0] if len(image) == 1 else image.transpose(1, 2, 0), cmap="gray", vmin=0, vmax=255)
