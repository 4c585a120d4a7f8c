"""The figure of leakage: how well each attribute predicts the grade, and which value goes with which grade."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_COLUMNS = 2
_LEAK, _SAFE = "#b3261e", "#44546a"


def plot_leakage(scores: pd.DataFrame, values: pd.DataFrame, grades: Sequence[str]) -> Figure:
    """Plot curation.tables.LEAKAGE as points with intervals and curation.tables.LEAKAGE_VALUES as a heat map per scored
    attribute; of attributes that divide the pictures alike the first one."""
    scored = scores[scores["balanced_accuracy"].notna() & (scores["same_as"] == "")]
    rows = 1 + -(-len(scored) // _COLUMNS)
    figure = Figure(figsize=(8.5, 0.9 + 0.36 * len(scored) + 2.7 * (rows - 1)), layout="constrained")
    figure.suptitle("Shortcuts: how well one attribute of the file predicts the grade")
    if scored.empty:
        figure.text(0.5, 0.4, "no attribute could be scored", ha="center")
        return figure
    heights = [0.36 * len(scored) + 0.6, *[2.7] * (rows - 1)]
    grid = figure.add_gridspec(rows, _COLUMNS, height_ratios=heights)
    _plot_scores(figure.add_subplot(grid[0, :]), scored)
    for number, score in enumerate(scored.to_dict("records")):
        axes = figure.add_subplot(grid[1 + number // _COLUMNS, number % _COLUMNS])
        _plot_values(axes, values[values["attribute"] == score["attribute"]], grades)
        name = score["attribute"].replace("_", " ")
        axes.set_title(
            f"{name}: leaks" if score["leaks"] else name, color=_LEAK if score["leaks"] else "black", fontsize=10
        )
    return figure


def _plot_scores(axes: Axes, scored: pd.DataFrame) -> None:
    """A row per attribute: balanced accuracy with its interval, and chance as a line."""
    place = np.arange(len(scored))[::-1]
    for y, score in zip(place, scored.to_dict("records"), strict=True):
        colour = _LEAK if score["leaks"] else _SAFE
        ends = [100 * score["lower"], 100 * score["upper"]]
        axes.plot(ends, [y, y], color=colour, linewidth=2, solid_capstyle="butt")
        axes.plot(100 * score["balanced_accuracy"], y, "o", color=colour)
        axes.annotate(
            f"{100 * score['balanced_accuracy']:.0f}%",
            (ends[1], y),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
        )
    chance = 100 * scored["chance"].iloc[0]
    axes.axvline(chance, color="grey", linestyle=":")
    axes.annotate("chance", (chance, place[0] + 0.6), xytext=(4, 0), textcoords="offset points", color="grey")
    axes.set_yticks(place, [str(name).replace("_", " ") for name in scored["attribute"]])
    low, high = 100 * scored["lower"].min(), 100 * scored["upper"].max()
    space = 0.08 * max(high - low, chance - low, 1)
    axes.set(xlim=(min(low, chance) - space, max(high, chance) + 2 * space), ylim=(-0.7, len(scored) + 0.2))
    axes.set_xlabel("cross-validated balanced accuracy of the grade, in % (with 95% interval)")
    axes.spines[["top", "right"]].set_visible(False)


def _plot_values(axes: Axes, values: pd.DataFrame, grades: Sequence[str]) -> None:
    """Numbers of pictures by value (rows) and grade (columns), shaded by the share of the grade's pictures."""
    names = list(dict.fromkeys(values["value"]))
    counts = np.zeros((len(names), len(grades)), dtype=np.int64)
    for row in values.to_dict("records"):
        counts[names.index(row["value"]), row["grade"]] = row["count"]
    share = counts / np.maximum(counts.sum(axis=0), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (y, x), count in np.ndenumerate(counts):
        colour = "white" if share[y, x] > 0.6 else "black" if count else "grey"
        axes.text(x, y, str(count), ha="center", va="center", fontsize=9, color=colour)
    axes.set_xticks(range(len(grades)), grades, fontsize=8.5, parse_math=False)
    axes.set_yticks(range(len(names)), [name[:24] for name in names], fontsize=8.5, parse_math=False)
