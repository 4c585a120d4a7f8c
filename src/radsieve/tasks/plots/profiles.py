"""Figures of a profile: what each column holds, what is missing, and which columns go together."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from radsieve.stats.attributes import SIGNIFICANCE
from radsieve.tasks.profiles.frame import Profiled
from radsieve.tasks.tables import TARGET

_COLOUR, _TELLS = "#0072b2", "#d55e00"
_ACROSS, _COLUMNS, _VALUES, _BINS, _LETTERS = 4, 28, 8, 20, 16


def plot_profile(data: Profiled) -> Figure:
    """A panel for each column, 28 at most: a histogram of a number, the most frequent values or items of others."""
    names = list(data.kinds)[:_COLUMNS]
    lines = -(-len(names) // _ACROSS)
    figure = Figure(figsize=(11, 2.3 * lines), layout="constrained")
    panels = figure.subplots(lines, _ACROSS, squeeze=False).ravel()
    for axes, name in zip(panels, names, strict=False):
        known = data.known[name]
        _plain(axes)
        axes.set_title(f"{column_name(name)} ({int(known.sum())} known)", fontsize=9, loc="left", parse_math=False)
        if data.kinds[name] == "number":
            axes.hist(data.values(name)[known].to_numpy(float), bins=_BINS, color=_COLOUR)
        else:
            values = data.items(name)[known].explode() if data.kinds[name] == "list" else data.values(name)[known]
            counts = values.value_counts().sort_index().sort_values(ascending=False, kind="stable").head(_VALUES)
            axes.barh(range(len(counts)), counts, color=_COLOUR)
            axes.set_yticks(range(len(counts)), [_short(value) for value in counts.index], fontsize=8, parse_math=False)
            axes.invert_yaxis()
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    return figure


def plot_missing(missing: pd.DataFrame) -> Figure:
    """Plot MISSING: the share of each column that is missing, with its interval; other colour where it tells the
    target."""
    shown = missing.sort_values("share", ascending=False, kind="stable")
    figure = Figure(figsize=(8, 1.4 + 0.3 * len(shown)), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(shown))
    colours = [_TELLS if row["tells"] else _COLOUR for row in shown.to_dict("records")]
    axes.barh(places, 100 * shown["share"], color=colours)
    axes.hlines(places, 100 * shown["lower"], 100 * shown["upper"], color="black", linewidth=1)
    axes.set_yticks(places, [column_name(name) for name in shown["column"]], parse_math=False)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlabel("rows without a value, in %")
    for colour, label in ((_TELLS, "tells the target"), (_COLOUR, "was not found to tell it")):
        axes.barh([0], [0], color=colour, label=label)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
    _plain(axes)
    return figure


def plot_associations(associations: pd.DataFrame) -> Figure:
    """Plot ASSOCIATIONS: the first measure of each pair as a shade from 0 to 1, with a dot where its p-value is at most
    0.05."""
    first = associations[associations["measure"] != "mutual_information"]
    first = first.drop_duplicates(["first", "second"])
    names = list(dict.fromkeys([*first["first"], *first["second"]]))
    place = {name: number for number, name in enumerate(names)}
    shades = np.full((len(names), len(names)), np.nan)
    found = []
    for row in first.to_dict("records"):
        a, b = place[row["first"]], place[row["second"]]
        shades[a, b] = shades[b, a] = abs(row["value"])
        if row["p_value"] <= SIGNIFICANCE:
            found += [(a, b), (b, a)]
    side = 2.5 + 0.34 * max(len(names), 4)
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axes = figure.subplots()
    axes.set_facecolor("#eceff3")
    drawn = axes.pcolormesh(shades, cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=0.5)
    if found:
        axes.plot(*(np.array(found).T + 0.5), ".", color="black", markersize=4)
    ticks = np.arange(len(names)) + 0.5
    labels = [_short(column_name(name)) for name in names]
    axes.set_xticks(ticks, labels, rotation=90, parse_math=False)
    axes.set_yticks(ticks, labels, parse_math=False)
    axes.invert_yaxis()
    axes.set_aspect("equal")
    figure.colorbar(drawn, ax=axes, shrink=0.7, label="|Pearson|, Cramér's V or correlation ratio")
    return figure


def column_name(name: object) -> str:
    """The name of a column as people read it."""
    return "outcome" if name == TARGET else str(name)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"


def _plain(axes: Axes) -> None:
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
