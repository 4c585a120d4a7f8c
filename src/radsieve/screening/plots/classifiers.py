"""The figure of a classifier on held-out images: receiver operating characteristic and precision by recall."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

_COLOUR, _MUTED = "#0072b2", "#999999"


def plot_roc(roc: pd.DataFrame, metrics: Mapping[str, Any], threshold: float, title: str) -> Figure:
    """Plot ROC, a dot where images of at least the probability `threshold` are called positive, areas in the titles.

    `metrics` has roc_auc and pr_auc, each with value, lower and upper, and the counts images and positive_images.
    """
    figure = Figure(figsize=(10.4, 5.4), layout="constrained")
    figure.suptitle(f"{title}: {metrics['images']} held-out images, of {metrics['patients']} patients")
    receiver, precision = figure.subplots(1, 2)
    called = roc[roc["threshold"] >= threshold].tail(1)
    points = np.concatenate([[[0, 0]], roc[["fpr", "tpr"]].to_numpy()])
    receiver.plot(*points.T, color=_COLOUR, linewidth=1.8, clip_on=False)
    receiver.plot([0, 1], [0, 1], color=_MUTED, linestyle=":", linewidth=1)
    receiver.plot(called["fpr"], called["tpr"], "o", color=_COLOUR, clip_on=False)
    receiver.set(xlabel="1 - specificity", ylabel="sensitivity", title=f"ROC, area {_estimate(metrics['roc_auc'])}")
    share = metrics["positive_images"] / metrics["images"]
    steps = np.concatenate([[[0, roc["precision"].iloc[0]]], roc[["tpr", "precision"]].to_numpy()])
    precision.plot(*steps.T, color=_COLOUR, linewidth=1.8, drawstyle="steps-pre", clip_on=False)
    precision.axhline(share, color=_MUTED, linestyle=":", linewidth=1)
    precision.plot(
        called["tpr"], called["precision"], "o", color=_COLOUR, clip_on=False, label=f"probability {threshold:g}"
    )
    precision.set(xlabel="sensitivity (recall)", ylabel="precision")
    precision.set_title(f"Precision by recall, area {_estimate(metrics['pr_auc'])}")
    precision.legend(loc="lower left", frameon=False)
    for axes in (receiver, precision):
        axes.set(xlim=(0, 1), ylim=(0, 1.005), aspect="equal")
        axes.grid(color="#e6e6e6", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _estimate(found: Mapping[str, float | None]) -> str:
    if found["lower"] is None:
        return f"{found['value']:.3f}"
    return f"{found['value']:.3f} ({found['lower']:.3f} to {found['upper']:.3f})"
