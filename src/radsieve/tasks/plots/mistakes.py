"""What mistakes are worth as a figure: from the honest value to that with the mistake."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from radsieve.tasks.published import published_beside

HONEST, MISTAKE = "#0072b2", "#d55e00"


def in_figures(protocol: object) -> str:
    """The name of a protocol as figures give it."""
    return words(protocol).replace("smote", "SMOTE").replace("medians SMOTE", "medians, SMOTE")


def with_honest_intervals(leaks: pd.DataFrame) -> pd.DataFrame:
    """LEAKS with `honest_lower` and `honest_upper`, those of the honest row of the same task, metric, value and model.

    Where the mistake has a model of its own, the first honest row of the same value stands for it.
    """
    keys = [*(["task"] if "task" in leaks else []), "metric", "honest"]
    honest = leaks.loc[leaks["protocol"] == "honest", [*keys, "model", "lower", "upper"]].dropna(subset="honest")
    own, any_model = (
        leaks[of].merge(honest.drop_duplicates(of), on=of, how="left")[["lower", "upper"]]
        for of in ([*keys, "model"], keys)
    )
    bounds = own.fillna(any_model).add_prefix("honest_").set_axis(leaks.index)
    return pd.concat([leaks, bounds], axis=1)


def plot_protocols(leaks: pd.DataFrame) -> Figure:
    """Plot LEAKS: for each protocol and model a line from the honest ROC-AUC to that by the protocol."""
    found = with_honest_intervals(leaks)
    shown = found[(found["metric"] == "roc_auc") & (found["protocol"] != "honest")]
    names = [f"{in_figures(row.protocol)}, {words(row.model)}" for row in shown.itertuples()]
    figure = Figure(figsize=(9, 1.8 + 0.36 * max(len(shown), 1)), layout="constrained")
    axes = figure.subplots()
    _from_honest(axes, shown, names, "ROC-AUC")
    _legend(figure, [axes])
    return figure


def plot_mistakes(shown: pd.DataFrame, published: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Plot LEAKS of several tasks, which have a column `task`, a panel for each metric, beside `published` values.

    `shown` has the columns of `with_honest_intervals`, `published` has task, protocol, metric and value; `labels` says
    what each metric is called.
    """
    metrics = list(dict.fromkeys(shown["metric"]))
    counts = [int((shown["metric"] == name).sum()) for name in metrics] or [1]
    figure = Figure(figsize=(9, 0.8 + 0.8 * len(counts) + 0.27 * sum(counts)), layout="constrained")
    panels = figure.subplots(len(counts), squeeze=False, height_ratios=[one + 1 for one in counts])[:, 0]
    for axes, name in zip(panels, metrics, strict=False):
        rows = shown[shown["metric"] == name]
        names = [f"{row.task}: {in_figures(row.protocol)}, {words(row.model)}" for row in rows.itertuples()]
        _from_honest(axes, rows, names, labels[name])
        places = [(value, place) for place, values in enumerate(published_beside(rows, published)) for value in values]
        if places:
            axes.plot(
                *zip(*places, strict=True), "*", color="black", markersize=8, label="published, by other models",
                zorder=4,
            )  # fmt: skip
    _legend(figure, panels)
    return figure


def _from_honest(axes: Axes, shown: pd.DataFrame, names: Sequence[str], metric: str) -> None:
    """A line for each row of LEAKS from the honest value to the other, with the intervals of both."""
    places = np.arange(len(shown))
    axes.hlines(places, shown["honest"], shown["value"], color="#8a93a3", linewidth=2, zorder=1)
    for bounds, color, moved, label in (
        ("honest_", HONEST, -0.16, "interval of the honest value"),
        ("", MISTAKE, 0.16, "interval with the mistake"),
    ):
        lower, upper = shown[f"{bounds}lower"], shown[f"{bounds}upper"]
        axes.hlines(places + moved, lower, upper, color=color, linewidth=3, alpha=0.35, zorder=2, label=label)
    axes.plot(shown["honest"], places, "o", color=HONEST, label="honest", zorder=3)
    axes.plot(shown["value"], places, "D", color=MISTAKE, label="with the mistake", zorder=3)
    axes.set_yticks(places, names)
    axes.set_ylim(max(len(shown), 1) - 0.5, -0.5)
    axes.set_xlabel(metric)
    axes.grid(axis="x", color="#e6e6e6")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _legend(figure: Figure, panels: Iterable[Axes]) -> None:
    found: dict[str, Artist] = {}
    for axes in panels:
        handles, labels = axes.get_legend_handles_labels()
        found |= {str(label): handle for label, handle in zip(labels, handles, strict=True)}
    figure.legend(handles=list(found.values()), labels=list(found), loc="outside upper center", ncols=3, frameon=False)


def words(name: object) -> str:
    """A name with spaces in place of underscores."""
    return str(name).replace("_", " ")
