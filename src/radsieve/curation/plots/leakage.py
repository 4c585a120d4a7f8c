"""The figure of leakage: how well each attribute predicts the grade, and which value goes with which grade."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_COLUMNS = 3
_LEAK, _SAFE = "#b3261e", "#44546a"


def plot_leakage(scores: pd.DataFrame, values: pd.DataFrame, grades: Sequence[str]) -> Figure:
    """Plot curation.tables.LEAKAGE as points with intervals and curation.tables.LEAKAGE_VALUES as a heat map per scored
    attribute."""
    scored = scores[scores["balanced_accuracy"].notna()]
    rows = 1 + -(-len(scored) // _COLUMNS)
    figure = Figure(figsize=(12.5, 0.9 + 2.6 * rows), layout="constrained")
    figure.suptitle("What besides the picture reveals the grade")
    if scored.empty:
        figure.text(0.5, 0.4, "no attribute could be scored", ha="center")
        return figure
    grid = figure.add_gridspec(rows, _COLUMNS)
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
        axes.plot([score["lower"], score["upper"]], [y, y], color=colour, linewidth=2, solid_capstyle="butt")
        axes.plot(score["balanced_accuracy"], y, "o", color=colour)
        axes.annotate(
            f"{score['balanced_accuracy']:.2f}",
            (score["upper"], y),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
        )
    chance = scored["chance"].iloc[0]
    axes.axvline(chance, color="grey", linestyle=":")
    axes.annotate("chance", (chance, place[0] + 0.6), xytext=(4, 0), textcoords="offset points", color="grey")
    axes.set_yticks(place, [str(name).replace("_", " ") for name in scored["attribute"]])
    axes.set(xlim=(0, 1.05), ylim=(-0.7, len(scored) + 0.2), xlabel="cross-validated balanced accuracy of the grade")
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
        axes.text(x, y, str(count), ha="center", va="center", fontsize=7, color=colour)
    axes.set_xticks(range(len(grades)), grades, fontsize=7)
    axes.set_yticks(range(len(names)), [name[:24] for name in names], fontsize=7)
