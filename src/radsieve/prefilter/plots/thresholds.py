"""The figures of stage select_thresholds: what each threshold gives, and where the rules stand."""

import textwrap
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, PercentFormatter

from radsieve.figures.axes import tidy

# Okabe and Ito's colours, which colour-blind readers can distinguish, and a marker for those who see no colours
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999900")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_IN_A_ROW = 4
_CURVE = "#8c96a3"


def plot_decisions(decisions: pd.DataFrame, curves: pd.DataFrame) -> Figure:
    """Plot precision and saving by recall of each group, from THRESHOLD_CURVES, and the rules of DECISIONS on them."""
    groups = list(dict.fromkeys(decisions["group"]))
    rules = list(dict.fromkeys(decisions["rule"]))
    rows = -(-(len(groups) + 1) // _IN_A_ROW)
    columns = min(len(groups) + 1, _IN_A_ROW)
    figure = Figure(figsize=(3.9 * columns, 3.5 * rows + 0.7), layout="constrained")
    figure.suptitle("Precision, recall and saving on held-out images")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for place, (axes, group) in enumerate(zip(grid, groups, strict=False)):
        _plot_group(axes, decisions[decisions["group"] == group], curves[curves["group"] == group], rules)
        axes.set_title(group, fontsize=11)
        if place % columns == 0:
            axes.set_ylabel("precision: good among accepted")
        axes.set_xlabel("recall: good images kept (TPR)")
    for axes in grid[len(groups) :]:
        axes.axis("off")
    grid[len(groups)].legend(handles=_keys(rules), loc="center left", fontsize=9, frameon=False, labelspacing=0.9)
    return figure


def plot_threshold_curves(curves: pd.DataFrame) -> Figure:
    """Plot THRESHOLD_CURVES of all groups: recall, precision and saving by the share of latents accepted."""
    figure = Figure(figsize=(13.5, 4.7), layout="constrained")
    figure.suptitle("Effect of a threshold, by the share of latents that it accepts (held-out images)")
    panels = figure.subplots(1, 3)
    groups = list(dict.fromkeys(curves["group"]))
    for number, group in enumerate(groups):
        found = curves[curves["group"] == group]
        style: dict[str, Any] = {
            "color": _COLOURS[number % len(_COLOURS)],
            "linestyle": ("-", "--")[number // len(_COLOURS) % 2],
        }
        for axes, name in zip(panels, ("tpr", "precision", "saving"), strict=True):
            axes.plot(found["accepted_share"], found[name], label=group, linewidth=1.7, **style)
    panels[0].plot([0, 1], [0, 1], color="#999999", linestyle=":", linewidth=1)
    panels[0].annotate("chance", (0.62, 0.6), rotation=37, color="#777777", fontsize=9, va="top")
    panels[2].axhline(1, color="#999999", linestyle=":", linewidth=1)
    titles = (
        "Good images kept (recall)",
        "Good among accepted (precision)",
        "Saving: time for a good image, without / with the sieve",
    )
    for axes, title in zip(panels, titles, strict=True):
        axes.set_title(title, fontsize=11)
        axes.set_xlabel("share of latents accepted")
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1, 0))
        tidy(axes)
    for axes in panels[:2]:
        axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
        axes.set_ylim(0, None)
    if groups:
        panels[2].legend(fontsize=9, frameon=False)
    return figure


def _plot_group(axes: Axes, decisions: pd.DataFrame, curves: pd.DataFrame, rules: list[str]) -> None:
    axes.plot(curves["tpr"], curves["precision"], color=_CURVE, linewidth=1.6, zorder=1)
    base = float(decisions["base_rate"].iloc[0])
    axes.axhline(base, color="#999999", linestyle=":", linewidth=1, zorder=0)
    for _, row in decisions.iterrows():
        place = rules.index(row["rule"])
        colour, kept = _COLOURS[place], 1 - row["good_images_lost"]
        axes.vlines(kept, row["precision_lower"], row["precision_upper"], color=colour, alpha=0.55, linewidth=1.6)
        axes.plot(
            kept,
            row["precision"],
            _MARKERS[place],
            color=colour,
            markersize=9 if row["stored"] else 6.5,
            markeredgecolor="black" if row["stored"] else "white",
            markeredgewidth=1.4 if row["stored"] else 0.6,
            zorder=3,
        )
    highest = float(np.nanmax(decisions["precision_upper"].fillna(base)))
    axes.set(xlim=(-0.03, 1.03), ylim=(0, min(max(1.15 * highest, 1.3 * base), 1.03) or 1))
    axes.xaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g}%"))
    tidy(axes)
    if curves.empty:
        reason = textwrap.fill(decisions["reason"].iloc[0], 34)
        axes.annotate(reason, (0.5, 0.5), xycoords="axes fraction", ha="center", va="center", fontsize=9)
    if base > 0:
        gain = axes.secondary_yaxis("right", functions=(partial(np.multiply, 1 / base), partial(np.multiply, base)))
        gain.tick_params(labelsize=8, colors="#555555")
        gain.set_ylabel("times the base rate", fontsize=8, color="#555555")


def _keys(rules: list[str]) -> list[Line2D]:
    """The legend: a marker for each rule, the curve, the base rate, and how the stored rule is marked."""
    style: dict[str, Any] = {"linestyle": "none", "markersize": 7, "markeredgecolor": "white", "markeredgewidth": 0.6}
    keys = [
        Line2D([], [], marker=_MARKERS[place], color=_COLOURS[place], label=rule, **style)
        for place, rule in enumerate(rules)
    ]
    ring = style | {"markerfacecolor": "white", "markeredgecolor": "black", "markeredgewidth": 1.4}
    return [
        *keys,
        Line2D([], [], marker="o", label="black edge: the stored sieve, by its card", **ring),
        Line2D([], [], color=_CURVE, label="all thresholds"),
        Line2D([], [], color="#999999", linestyle=":", label="base rate (no sieve)"),
    ]
