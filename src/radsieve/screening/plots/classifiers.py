"""The figures of a classifier on held-out images: ROC, its operating point, calibration, and confusion.

Each is a column of panels as wide as a telephone shows, so that its text stays legible there and on paper.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from radsieve.figures.axes import tidy

_COLOUR, _OTHER, _MUTED, _INK = "#0072b2", "#d55e00", "#999999", "#222222"
_WIDTH = 5.4  # inches: at 390 pixels of a screen, 10 points stay 10 pixels
_RULES = {"youden": "Youden's index"}
_SEPARATED = "cannot be told: the labels are separated"


def plot_roc(roc: pd.DataFrame, metrics: Mapping[str, Any], threshold: float, title: str) -> Figure:
    """Plot ROC with the interval of the sensitivity at each threshold, and precision by recall below it.

    A dot marks where images of at least the probability `threshold` are called positive. `metrics` has roc_auc and
    pr_auc, each with value, lower and upper, and the counts images, patients and positive_images.
    """
    figure = Figure(figsize=(_WIDTH, 10.2), layout="constrained")
    figure.suptitle(f"{title}\n{metrics['images']} held-out images of {metrics['patients']} patients", fontsize=11)
    receiver, precision = figure.subplots(2, 1)
    called = roc[roc["threshold"] >= threshold].tail(1)
    points = np.concatenate([[[0, 0]], roc[["fpr", "tpr"]].to_numpy()])
    receiver.fill_between(roc["fpr"], roc["tpr_lower"], roc["tpr_upper"], color=_COLOUR, alpha=0.18, linewidth=0)
    receiver.plot(*points.T, color=_COLOUR, linewidth=1.8, clip_on=False)
    receiver.plot([0, 1], [0, 1], color=_MUTED, linestyle=":", linewidth=1)
    receiver.plot(called["fpr"], called["tpr"], "o", color=_OTHER, clip_on=False, label="operating point")
    receiver.set(xlabel="1 - specificity", ylabel="sensitivity (band: its interval)")
    receiver.set_title(f"ROC, area {_estimate(metrics['roc_auc'])}", fontsize=11, loc="left")
    receiver.legend(loc="lower right", frameon=False)
    share = metrics["positive_images"] / metrics["images"]
    steps = np.concatenate([[[0, roc["precision"].iloc[0]]], roc[["tpr", "precision"]].to_numpy()])
    precision.plot(*steps.T, color=_COLOUR, linewidth=1.8, drawstyle="steps-pre", clip_on=False)
    precision.axhline(share, color=_MUTED, linestyle=":", linewidth=1)
    precision.plot(called["tpr"], called["precision"], "o", color=_OTHER, clip_on=False)
    precision.set(xlabel="sensitivity (recall)", ylabel="positive predictive value (precision)")
    precision.set_title(f"Precision by recall, area {_estimate(metrics['pr_auc'])}", fontsize=11, loc="left")
    for axes in (receiver, precision):
        axes.set(xlim=(0, 1), ylim=(0, 1.005), aspect="equal")
        tidy(axes)
    return figure


def plot_thresholds(roc: pd.DataFrame, threshold: float, rule: str, title: str) -> Figure:
    """Plot sensitivity and specificity of ROC by threshold, with their intervals and the operating point."""
    figure = Figure(figsize=(_WIDTH, 4.6), layout="constrained")
    axes = figure.subplots()
    by = roc.sort_values("threshold")
    shown = {
        "sensitivity": (by["tpr"], by["tpr_lower"], by["tpr_upper"], _COLOUR, "-"),
        "specificity": (1 - by["fpr"], 1 - by["fpr_upper"], 1 - by["fpr_lower"], _OTHER, "--"),
    }
    for name, (value, lower, upper, colour, style) in shown.items():
        # at the next lower probability that occurs, more images are called positive
        axes.fill_between(by["threshold"], lower, upper, step="pre", color=colour, alpha=0.15, linewidth=0)
        axes.step(by["threshold"], value, where="pre", color=colour, linestyle=style, linewidth=1.8, label=name)
    axes.axvline(threshold, color=_INK, linewidth=1, linestyle=":")
    axes.annotate(
        f"{threshold:.3f} ({_RULES.get(rule, rule)}, chosen on\nimages not in the test split)",
        (threshold, 0.02),
        xytext=(6, 0),
        textcoords="offset points",
        ha="left" if threshold < 0.5 else "right",
        fontsize=9,
    )
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="probability from which an image is called positive")
    axes.set_ylabel("share of held-out images")
    axes.set_title(title, fontsize=11, loc="left")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)  # curves are everywhere within
    tidy(axes)
    return figure


def plot_reliability(bins: pd.DataFrame, predictions: pd.DataFrame, metrics: Mapping[str, Any], title: str) -> Figure:
    """Plot RELIABILITY: share of positive images by mean probability, and below it how often probabilities occur."""
    figure = Figure(figsize=(_WIDTH, 6.4), layout="constrained")
    curve, counts = figure.subplots(2, 1, height_ratios=[3.4, 1], sharex=True)
    curve.plot([0, 1], [0, 1], color=_MUTED, linestyle=":", linewidth=1, label="calibrated")
    spread = np.abs(bins[["lower", "upper"]].to_numpy() - bins[["share_positive"]].to_numpy()).T
    curve.errorbar(
        bins["mean_probability"], bins["share_positive"], spread, fmt="o", color=_COLOUR, linewidth=1.4, capsize=3,
        clip_on=False,
    )  # fmt: skip
    curve.set(xlim=(0, 1), ylim=(0, 1), ylabel="share that is positive")
    curve.set_title(
        f"{title}\nintercept {_estimate(metrics['calibration_intercept'])}\n"
        f"slope {_estimate(metrics['calibration_slope'])}",
        fontsize=10,
        loc="left",
    )
    curve.legend(loc="upper left", frameon=False)
    edges = np.linspace(0, 1, 21)
    of_label = [predictions.loc[predictions["truth"] == label, "probability"] for label in (0, 1)]
    counts.hist(of_label, edges, stacked=True, color=[_MUTED, _OTHER], label=["negative", "positive"])
    counts.set(xlabel="probability", ylabel="images")
    counts.legend(frameon=False, fontsize=9)
    for axes in (curve, counts):
        tidy(axes)
    return figure


def plot_confusion(confusion: pd.DataFrame, title: str) -> Figure:
    """Show CONFUSION: counts, shares of each label and their intervals."""
    figure = Figure(figsize=(_WIDTH, 3.9), layout="constrained")
    axes = figure.subplots()
    labels = list(dict.fromkeys(confusion["label"]))
    shares = confusion["share"].to_numpy().reshape(2, 2)
    axes.imshow(np.nan_to_num(shares), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for place, row in enumerate(confusion.to_dict("records")):
        text = f"{row['images']} of {row['of']}\n{row['share']:.0%} ({row['lower']:.0%} to {row['upper']:.0%})"
        colour = "white" if row["share"] > 0.6 else _INK
        axes.text(place % 2, place // 2, text, ha="center", va="center", fontsize=11, color=colour)
    axes.set_xticks([0, 1], [f"called {label}" for label in labels], parse_math=False)
    axes.set_yticks([0, 1], labels, rotation=90, va="center", parse_math=False)
    axes.set_title(title, fontsize=11, loc="left")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return figure


def _estimate(found: Mapping[str, float | None]) -> str:
    if found["value"] is None:
        return _SEPARATED
    if found["lower"] is None and found["upper"] is None:
        return f"{found['value']:.3f}"
    bounds = ["none" if bound is None else f"{bound:.2f}" for bound in (found["lower"], found["upper"])]
    return f"{found['value']:.2f} ({bounds[0]} to {bounds[1]})"
