"""The figures of measure_symmetry (six features) and of train_symmetry (curves, calibration, decision tree)."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from radsieve.figures.axes import tidy
from radsieve.screening.tables import FEATURES, LabelSource

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

_COLOUR, _MEDIAN = "#5b7fa6", "#b3261e"
_BINS = 40
_TITLES = {"iou": "IoU of the halves", "cosine": "cosine of the halves", "area_asymmetry": "asymmetry of their areas"}
_SMALLEST, _LARGEST = 1e-6, 0.25  # of the asymmetry of areas, as far as it is shown


def plot_features(features: pd.DataFrame) -> Figure:
    """Plot SYMMETRY_FEATURES: a histogram of each feature, above of the undilated halves, below after dilation."""
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    figure.suptitle(f"Symmetry of {len(features):,} masks: image-left half against mirrored image-right half")
    grid = figure.subplots(2, 3)
    for column, (name, title) in enumerate(_TITLES.items()):
        for row, (ending, said) in enumerate((("", ""), ("_dilated", ", dilated"))):
            plot = _plot_asymmetry if name == "area_asymmetry" else _plot_histogram
            plot(grid[row, column], features[f"{name}{ending}"], f"{title}{said}")
    for axes in grid[:, 0]:
        axes.set_ylabel("masks")
    return figure


def _plot_histogram(axes: Axes, values: pd.Series, title: str) -> None:
    axes.hist(values, bins=np.linspace(0, 1, _BINS + 1).tolist(), color=_COLOUR)
    _say_median(axes, float(values.median()), right=bool(values.median() > 0.5))
    axes.set_title(title, fontsize=10)
    axes.set_xlim(-0.01, 1.01)
    axes.spines[["top", "right"]].set_visible(False)


def _plot_asymmetry(axes: Axes, values: pd.Series, title: str) -> None:
    """On a logarithmic axis: it spans powers of ten, and most of it would lie in one bar."""
    edges = np.logspace(np.log10(_SMALLEST), np.log10(_LARGEST), _BINS + 1).tolist()
    axes.hist(np.clip(values, _SMALLEST, _LARGEST), bins=edges, color=_COLOUR)
    _say_median(axes, max(float(values.median()), _SMALLEST), right=False)
    axes.set(title=f"{title} (log)", xscale="log", xlim=(_SMALLEST, 1.1 * _LARGEST))
    axes.title.set_fontsize(10)
    if below := int((values < _SMALLEST).sum()):
        axes.set_xlabel(f"first bar: {below} masks below {_SMALLEST:g}", fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _say_median(axes: Axes, median: float, right: bool) -> None:
    if not np.isnan(median):
        axes.axvline(median, color=_MEDIAN, linewidth=1.2)
        axes.annotate(
            f"median {median:.3g}",
            (median, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-5 if right else 5, -4),
            textcoords="offset points",
            ha="right" if right else "left",
            va="top",
            fontsize=8,
            color=_MEDIAN,
        )


# Okabe and Ito's colours, which colour-blind readers can distinguish
_COLOURS = {
    "always_accept": "#7f7f7f",
    "best_single_feature": "#e69f00",
    "logistic_regression": "#0072b2",
    "decision_tree": "#d55e00",
    "gradient_boosting": "#009e73",
}
_NODE_WIDTH, _LEVEL_HEIGHT = 1.75, 1.25  # inches


def plot_symmetry_curves(curves: pd.DataFrame, comparison: pd.DataFrame) -> Figure:
    """Plot SYMMETRY_CURVES: receiver operating characteristics and precision by recall, areas in the legend."""
    figure = Figure(figsize=(11.5, 5.4), layout="constrained")
    figure.suptitle("Good and bad images discriminated by symmetry: cross-validated, evaluated by the labels")
    receiver, precision = figure.subplots(1, 2)
    areas = comparison[comparison["evaluated_by"] == LabelSource.LABELS]
    for model in dict.fromkeys(curves["model"]):
        points = curves[curves["model"] == model]
        alone = len(points) == 1
        style: dict[str, Any] = {"color": _COLOURS[model], "linewidth": 1.8}
        rates = np.concatenate([[[0, 0]], points[["false_positive_rate", "recall"]].to_numpy()])
        receiver.plot(
            *rates.T, label=_label(model, areas, "roc_auc"), **style, linestyle=":" if alone else "-", zorder=2 + alone
        )
        receiver.plot(*_operating_point(areas, model), "o", color=_COLOURS[model], markersize=7, zorder=4)
        # a step from one threshold to the next, as average precision adds them up
        recall = np.concatenate([[0], points["recall"].to_numpy()])
        height = np.concatenate([points["precision"].to_numpy()[:1], points["precision"].to_numpy()])
        precision.plot(
            recall,
            height,
            drawstyle="steps-pre",
            label=_label(model, areas, "pr_auc"),
            linestyle=":" if alone else "-",
            **style,
        )
    receiver.set(
        xlabel="bad images accepted (FPR)",
        ylabel="good images accepted (TPR, recall)",
        title="ROC; the dot is the operating point",
    )
    precision.set(xlabel="good images accepted (TPR, recall)", ylabel="good among the accepted (precision)")
    precision.set_title("Precision by recall")
    for axes, place in ((receiver, "lower right"), (precision, "best")):
        _unit_square(axes)
        axes.legend(loc=place, fontsize=8, frameon=True, framealpha=0.9, edgecolor="none")
    return figure


def plot_calibration(calibration: pd.DataFrame) -> Figure:
    """Plot SYMMETRY_CALIBRATION: share of good images by predicted probability, with intervals and image counts."""
    shown = calibration[calibration["model"] != "always_accept"]
    models = list(dict.fromkeys(shown["model"]))
    figure = Figure(figsize=(2.9 * len(models) + 0.6, 4.1), layout="constrained")
    figure.suptitle("Calibration: are images called good with probability p good that often?")
    grid = figure.subplots(2, len(models), squeeze=False, height_ratios=[3, 1], sharex=True)
    for column, model in enumerate(models):
        points = shown[shown["model"] == model]
        upper, lower = grid[:, column]
        upper.plot([0, 1], [0, 1], color="#999999", linestyle=":", linewidth=1)
        bounds = points[["lower", "upper"]].to_numpy()
        upper.vlines(points["mean_probability"], bounds[:, 0], bounds[:, 1], color=_COLOURS[model], alpha=0.6)
        upper.plot(points["mean_probability"], points["share_good"], "o-", color=_COLOURS[model], markersize=4)
        upper.set_title(_name(model), fontsize=10)
        _unit_square(upper)
        middle = (points["bin_from"] + points["bin_to"]) / 2
        lower.bar(middle, points["images"], width=0.09, color=_COLOURS[model], alpha=0.7)
        lower.spines[["top", "right"]].set_visible(False)
        lower.set_xlabel("predicted probability")
    grid[0, 0].set_ylabel("share good")
    grid[1, 0].set_ylabel("images")
    return figure


def plot_decision_tree(model: "Pipeline") -> Figure:
    """Plot the fitted decision tree that is the last step of `model`: the more orange a node, the more bad images."""
    from sklearn.tree import plot_tree  # two seconds of import that the figure of features does not need

    tree = model[-1]
    width = max(_NODE_WIDTH * tree.get_n_leaves(), 8.0)  # the title needs that
    figure = Figure(figsize=(width, _LEVEL_HEIGHT * (tree.get_depth() + 1) + 0.7))
    FigureCanvasAgg(figure)  # plot_tree measures its text on it
    figure.suptitle(
        "The decision tree, fitted on all images (left if the condition holds; orange: bad, blue: good)", fontsize=11
    )
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.92))
    nodes = plot_tree(
        tree,
        ax=axes,
        feature_names=[name.replace("_", " ") for name in FEATURES],
        class_names=["bad", "good"],
        filled=True,
        rounded=True,
        impurity=False,
        precision=12,
        fontsize=8,
    )
    for node in nodes:
        node.set_text(_readable(node.get_text()))
    return figure


def _readable(node: str) -> str:
    """What scikit-learn writes into a node, with thresholds of three digits and images by class."""
    node = re.sub(r"<= (\S+)", lambda found: f"\N{LESS-THAN OR EQUAL TO} {float(found[1]):.3g}", node)
    counts = re.compile(r"samples = (\d+)\nvalue = \[(\S+), (\S+)\]")
    return counts.sub(lambda found: f"{found[1]} images\n{float(found[2]):.0f} bad, {float(found[3]):.0f} good", node)


def _operating_point(measured: pd.DataFrame, model: str) -> tuple[list[float], list[float]]:
    """The share of the bad and of the good images that `model` accepts."""
    found = measured[measured["model"] == model].set_index("metric")["value"]
    return [1 - found.get("specificity", np.nan)], [found.get("recall", np.nan)]


def _label(model: str, areas: pd.DataFrame, metric: str) -> str:
    found = areas[(areas["model"] == model) & (areas["metric"] == metric)]
    value, lower, upper = found[["value", "lower", "upper"]].iloc[0]
    bounds = f"({lower:.2f} to {upper:.2f})" if lower < upper else "by definition"
    return f"{_name(model)}  {value:.2f} {bounds}"


def _name(model: str) -> str:
    return model.replace("_", " ")


def _unit_square(axes: Axes) -> None:
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.set_aspect("equal")
    tidy(axes)
