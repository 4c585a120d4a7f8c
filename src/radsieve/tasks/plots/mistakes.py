"""What mistakes are worth as a figure: from the honest value to that with the mistake."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

HONEST, MISTAKE = "#0072b2", "#d55e00"


def in_figures(protocol: object) -> str:
    """The name of a protocol as figures give it."""
    return words(protocol).replace("smote", "SMOTE").replace("medians SMOTE", "medians, SMOTE")


def plot_protocols(leaks: pd.DataFrame) -> Figure:
    """Plot LEAKS: for each protocol and model a line from the honest ROC-AUC to that by the protocol."""
    shown = leaks[(leaks["metric"] == "roc_auc") & (leaks["protocol"] != "honest")]
    names = [f"{in_figures(row.protocol)}, {words(row.model)}" for row in shown.itertuples()]
    figure = _from_honest(shown, names, "ROC-AUC")
    _legend(figure, figure.axes[0])
    return figure


def plot_mistakes(shares: pd.DataFrame, published: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Plot one metric of LEAKS for each of several tasks, which have a column `task`, beside `published` values.

    `published` has the columns task, protocol, metric and value; `labels` says what each metric is called.
    """
    names = [
        f"{row.task}: {in_figures(row.protocol)}, {words(row.model)}"
        + ("" if shares["metric"].nunique() < 2 else f" ({labels[str(row.metric)]})")
        for row in shares.itertuples()
    ]
    figure = _from_honest(shares, names, ", ".join(labels[name] for name in dict.fromkeys(shares["metric"])))
    (axes,) = figure.axes
    places = [
        (value, place)
        for place, row in enumerate(shares.itertuples())
        for value in published.loc[_same(published, row), "value"]
    ]
    if places:
        axes.plot(
            *zip(*places, strict=True), "*", color="black", markersize=8, label="published, by other models", zorder=4
        )
    _legend(figure, axes)
    return figure


def _same(published: pd.DataFrame, row: Any) -> "pd.Series[bool]":
    """Which published values are of the task, protocol and metric of a row of LEAKS."""
    keys = ("task", "protocol", "metric")
    return (published[list(keys)] == [getattr(row, key) for key in keys]).all(axis=1)


def _from_honest(shown: pd.DataFrame, names: Sequence[str], metric: str) -> Figure:
    """A line for each row of LEAKS from the honest value to the other, with the interval of the latter."""
    figure = Figure(figsize=(9, 1.8 + 0.36 * max(len(shown), 1)), layout="constrained")
    axes = figure.subplots()
    places = range(len(shown))
    axes.hlines(places, shown["honest"], shown["value"], color="#8a93a3", linewidth=2, zorder=1)
    axes.hlines(places, shown["lower"], shown["upper"], color=MISTAKE, linewidth=4, alpha=0.35, zorder=2)
    axes.plot(shown["honest"], places, "o", color=HONEST, label="honest", zorder=3)
    axes.plot(shown["value"], places, "D", color=MISTAKE, label="with the mistake", zorder=3)
    axes.set_yticks(places, names)
    axes.set_ylim(max(len(shown), 1) - 0.5, -0.5)
    axes.set_xlabel(metric)
    axes.grid(axis="x", color="#e6e6e6")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    return figure


def _legend(figure: Figure, axes: Axes) -> None:
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)


def words(name: object) -> str:
    """A name with spaces in place of underscores."""
    return str(name).replace("_", " ")
