"""The figure of fuse_modalities: what the table adds to the image, with whole and with damaged inputs."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from radsieve.tasks.plots.mistakes import HONEST, MISTAKE


def plot_gains(comparison: pd.DataFrame) -> Figure:
    """Plot FUSION: the ROC-AUC of each model and state, and its difference from the image alone, with intervals."""
    damaged = (comparison["image"] != "whole") | (comparison["table"] != "whole")
    names = [_name(row) for row in comparison.itertuples()]
    figure = Figure(figsize=(9.5, 1.5 + 0.33 * len(names)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    colours = [MISTAKE if one else HONEST for one in damaged]
    for axes, name, label in ((left, "roc_auc", "ROC-AUC"), (right, "difference", "ROC-AUC minus that of the image")):
        for place, (row, colour) in enumerate(zip(comparison.to_dict("records"), colours, strict=True)):
            axes.hlines(place, row[f"{name}_lower"], row[f"{name}_upper"], color=colour, linewidth=2, alpha=0.5)
            axes.plot(row[name], place, "o", color=colour, markersize=5)
        axes.set_xlabel(label)
        axes.grid(axis="x", color="#e6e6e6")
        axes.set_axisbelow(True)
        axes.spines[["top", "right", "left"]].set_visible(False)
    right.axvline(0, color="#c4c9d1", linewidth=1)
    left.set_yticks(range(len(names)), names)
    left.set_ylim(len(names) - 0.5, -0.5)
    return figure


def _name(row: Any) -> str:
    states = [f"{name} {getattr(row, name)}" for name in ("image", "table") if getattr(row, name) != "whole"]
    return ", ".join([str(row.model), *states])
