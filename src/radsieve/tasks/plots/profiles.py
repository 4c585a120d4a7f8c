"""Figures of a profile: what each column holds, what is missing, and which columns go together."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from radsieve.stats.attributes import SIGNIFICANCE
from radsieve.tasks.profiles.frame import Profiled
from radsieve.tasks.tables import TARGET

_COLOUR, _TELLS = "#0072b2", "#d55e00"
_ACROSS, _COLUMNS, _VALUES, _BINS = 4, 28, 8, 20
_LETTERS, _MOST_LETTERS = 16, 40  # of a label, and of labels that fewer letters do not tell apart


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
            axes.set_yticks(range(len(counts)), shortened(counts.index), fontsize=8, parse_math=False)
            axes.invert_yaxis()
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    return figure


def plot_missing(missing: pd.DataFrame) -> Figure:
    """Plot MISSING: the share of each column that is missing, with its interval; other colour where it tells the
    target. Columns without a missing value are counted, not drawn."""
    shown = missing[missing["missing"] > 0].sort_values("share", ascending=False, kind="stable")
    figure = Figure(figsize=(8, 1.6 + 0.3 * len(shown)), layout="constrained")
    whole = f"without a missing value: {len(missing) - len(shown)} of {len(missing)} columns"
    if shown.empty:
        figure.set_size_inches(8, 0.6)
        figure.text(0.01, 0.5, whole, va="center")
        return figure
    axes = figure.subplots()
    places = np.arange(len(shown))
    colours = [_TELLS if row["tells"] else _COLOUR for row in shown.to_dict("records")]
    axes.barh(places, 100 * shown["share"], color=colours)
    axes.hlines(places, 100 * shown["lower"], 100 * shown["upper"], color="black", linewidth=1)
    axes.set_yticks(places, [column_name(name) for name in shown["column"]], parse_math=False)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlabel(
        f"rows without a value, in %\n{whole}" if len(shown) < len(missing) else "rows without a value, in %"
    )
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
    labels = shortened([column_name(name) for name in names])
    axes.set_xticks(ticks, labels, rotation=90, parse_math=False)
    axes.set_yticks(ticks, labels, parse_math=False)
    axes.invert_yaxis()
    axes.set_aspect("equal")
    figure.colorbar(drawn, ax=axes, shrink=0.7, label="|Pearson|, Cramér's V or correlation ratio")
    return figure


def column_name(name: object) -> str:
    """The name of a column as people read it."""
    return "outcome" if name == TARGET else str(name)


def shortened(values: Iterable[object]) -> list[str]:
    """The distinct `values` as labels, which lose their middle where they are long, but so little that they differ;
    where that takes too many letters, they are numbered.

    >>> from radsieve.tasks.plots.profiles import shortened
    >>> shortened(["Best game of kind 1", "Best game of kind 2"])
    ['Best gam… kind 1', 'Best gam… kind 2']
    """
    texts = [str(value) for value in values]
    for letters in range(_LETTERS, _MOST_LETTERS + 1):
        labels = [_without_middle(text, letters) for text in texts]
        if len(set(labels)) == len(texts):
            return labels
    return [f"{number}: {_without_middle(text, _LETTERS)}" for number, text in enumerate(texts, 1)]


def _without_middle(text: str, letters: int) -> str:
    head = letters // 2
    return text if len(text) <= letters else f"{text[:head]}…{text[len(text) - (letters - head - 1) :]}"


def _plain(axes: Axes) -> None:
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
