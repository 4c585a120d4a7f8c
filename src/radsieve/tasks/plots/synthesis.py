"""The figures of synthesize_tables: conclusions from real and synthetic rows, and associations of pairs of columns."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from radsieve.tasks.plots.mistakes import words

_REAL, _GREY = "#0072b2", "#8a93a3"
_COLOURS = ("#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a93a3")
_NAMES = {"odds_ratio": "odds ratio", "difference": "difference of shares", "share": "share"}
_NOTHING = {"odds_ratio": 1.0, "difference": 0.0}


def plot_conclusions(conclusions: pd.DataFrame, estimates: pd.DataFrame) -> Figure:
    """Plot CONCLUSIONS of all real rows as a forest: the real interval, and that of the first synthetic rows of each
    generator (ESTIMATES), a panel for each kind of question.
    """
    whole = conclusions[conclusions["rows"] == conclusions["rows"].max()]
    first = estimates[(estimates["rows"] == conclusions["rows"].max()) & (estimates["repeat"] == 1)]
    kinds = list(dict.fromkeys(whole["kind"]))
    counts = [whole.loc[whole["kind"] == kind, "question"].nunique() for kind in kinds]
    generators = list(dict.fromkeys(whole["generator"]))
    height = 1.4 + sum(counts) * (0.25 + 0.17 * len(generators)) + 0.6 * len(kinds)
    figure = Figure(figsize=(9, height), layout="constrained")
    panels = figure.subplots(len(kinds), 1, squeeze=False, gridspec_kw={"height_ratios": counts}).ravel()
    step = 0.8 / (len(generators) + 1)
    for axes, kind in zip(panels, kinds, strict=True):
        of_kind = whole[whole["kind"] == kind]
        questions = list(dict.fromkeys(of_kind["question"]))
        real = of_kind.drop_duplicates("question")
        places = np.arange(len(questions), dtype=float) - 0.4
        axes.hlines(places, real["real_lower"], real["real_upper"], color=_REAL, linewidth=3)
        axes.plot(real["real"], places, "o", color=_REAL, markersize=6, label="real rows")
        for number, (name, colour) in enumerate(zip(generators, _COLOURS, strict=False), start=1):
            part = first[first["generator"] == name].set_index("question").reindex(questions)
            here = places + number * step
            axes.hlines(here, part["lower"], part["upper"], color=colour, linewidth=2)
            axes.plot(part["estimate"], here, "D", color=colour, markersize=4, label=words(name))
        if kind in _NOTHING:
            axes.axvline(_NOTHING[kind], color=_GREY, linewidth=1)
        if kind == "odds_ratio":
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))  # 3 and 4 of a decade would lie over each other
            axes.xaxis.set_major_formatter("{x:g}")
            axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_yticks(range(len(questions)), questions, parse_math=False)
        axes.set_ylim(len(questions) - 0.45, -0.55)
        axes.set_xlabel(_NAMES[kind])
        axes.spines[["top", "right", "left"]].set_visible(False)
    panels[0].legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(generators) + 1, frameon=False)
    return figure


def plot_pairs(fidelity: pd.DataFrame) -> Figure:
    """Plot FIDELITY: the association of each pair of columns in synthetic rows by that in real ones, by generator."""
    pairs = fidelity[fidelity["measure"] == "association"]
    groups = list(pairs.groupby("generator", sort=False))
    columns = min(len(groups), 3)
    lines = -(-len(groups) // columns)
    figure = Figure(figsize=(3.1 * columns, 3.3 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes, (name, part) in zip(panels, groups, strict=False):
        axes.plot([0, 1], [0, 1], color="#c4c9d1", linewidth=1)
        axes.plot(part["real"], part["value"], "o", color=_REAL, markersize=3, alpha=0.6)
        axes.set_title(words(name), fontsize=10, loc="left")
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="Cramér's V, real", ylabel="Cramér's V, other rows")
        axes.set_aspect("equal")
        axes.spines[["top", "right"]].set_visible(False)
    for axes in panels[len(groups) :]:
        axes.set_visible(False)
    return figure
