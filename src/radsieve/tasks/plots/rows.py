"""The figures of classify_rows: ROC curves, reliability, and which columns matter."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from radsieve.tasks.plots.mistakes import HONEST, MISTAKE, words
from radsieve.tasks.tables import Model

_SHOWN = 40  # columns of a table at most
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a93a3")


def plot_roc(curves: pd.DataFrame) -> Figure:
    """Plot CURVES: sensitivity by the false positive rate, a line for each model."""
    figure = Figure(figsize=(6.5, 6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#c4c9d1", linewidth=1)
    for (model, curve), colour in zip(curves.groupby("model", sort=False), _COLOURS, strict=False):
        rates = (
            [0.0, *curve[name]] for name in ("false_positive_rate", "recall")
        )  # nothing is called positive at first
        axes.plot(*rates, color=colour, label=words(model))
    _square(axes, "false positive rate (1 - specificity)", "sensitivity")
    axes.legend(frameon=False, loc="lower right")
    return figure


def plot_calibration(calibration: pd.DataFrame) -> Figure:
    """Plot CALIBRATION: share of positive rows by mean probability, with intervals, a panel for each model."""
    groups = list(calibration.groupby("model", sort=False))
    columns = min(len(groups), 4)
    lines = -(-len(groups) // columns)
    figure = Figure(figsize=(2.9 * columns, 3.1 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes, (model, bins) in zip(panels, groups, strict=False):
        axes.plot([0, 1], [0, 1], color="#c4c9d1", linewidth=1)
        axes.vlines(bins["mean_probability"], bins["lower"], bins["upper"], color=HONEST, linewidth=2)
        axes.plot(bins["mean_probability"], bins["share_positive"], "o", color=HONEST, markersize=5)
        axes.set_title(words(model), fontsize=10, loc="left")
        _square(axes, "mean probability", "share positive")
    for axes in panels[len(groups) :]:
        axes.set_visible(False)
    return figure


def shap_unit(explanations: pd.DataFrame) -> str:
    """What the SHAP values of EXPLANATIONS add up to: log-odds of boosting, the probability of a forest."""
    return "log-odds" if explanations["model"].iloc[0] == Model.BOOSTING else "probability"


def plot_explanations(explanations: pd.DataFrame) -> Figure:
    """Plot EXPLANATIONS: mean absolute SHAP value with its interval, and the fall of the ROC-AUC, by column.

    Of more than 40 columns the first ones are shown.
    """
    explanations = explanations.head(_SHOWN)
    figure = Figure(figsize=(9, 1.5 + 0.3 * len(explanations)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    places = range(len(explanations))
    left.hlines(places, explanations["shap_lower"], explanations["shap_upper"], color=HONEST, linewidth=2)
    left.plot(explanations["shap"], places, "o", color=HONEST)
    right.plot(explanations["permutation"], places, "D", color=MISTAKE)
    left.set_yticks(places, explanations["column"], parse_math=False)
    left.set_ylim(len(explanations) - 0.5, -0.5)
    unit = shap_unit(explanations)
    for axes, label in ((left, f"mean |SHAP value|, {unit}"), (right, "fall of the ROC-AUC when shuffled")):
        axes.axvline(0, color="#c4c9d1", linewidth=1)
        axes.set_xlabel(label)
        axes.grid(axis="x", color="#e6e6e6")
        axes.set_axisbelow(True)
        axes.spines[["top", "right", "left"]].set_visible(False)
    return figure


def _square(axes: Axes, x: str, y: str) -> None:
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel=x, ylabel=y)
    axes.set_aspect("equal")
    axes.spines[["top", "right"]].set_visible(False)
