"""The figure of stage measure_symmetry: how the six features are distributed."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_COLOUR, _MEDIAN = "#5b7fa6", "#b3261e"
_BINS = 40
_TITLES = {"iou": "IoU of the halves", "cosine": "cosine of the halves", "area_asymmetry": "asymmetry of their areas"}
_LARGEST = {"iou": 1.0, "cosine": 1.0, "area_asymmetry": 0.25}


def draw_features(features: pd.DataFrame) -> Figure:
    """Draw SYMMETRY_FEATURES: a histogram of each feature, above of the halves as they are, below after dilation."""
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    figure.suptitle(f"Symmetry of {len(features):,} masks: left half against mirrored right half")
    grid = figure.subplots(2, 3)
    for column, (name, title) in enumerate(_TITLES.items()):
        _draw_histogram(grid[0, column], features[name], title, _LARGEST[name])
        _draw_histogram(grid[1, column], features[f"{name}_dilated"], f"{title}, dilated", _LARGEST[name])
    for axes in grid[:, 0]:
        axes.set_ylabel("masks")
    return figure


def _draw_histogram(axes: Axes, values: pd.Series, title: str, largest: float) -> None:
    axes.hist(values, bins=np.linspace(0, largest, _BINS + 1).tolist(), color=_COLOUR)
    if len(values):
        median = float(values.median())
        axes.axvline(median, color=_MEDIAN, linewidth=1.2)
        right = median > largest / 2
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
    if len(values) and largest < 1:
        axes.set_yscale("log")  # almost all lie in the first bars
    axes.set_title(title, fontsize=10)
    axes.set_xlim(-0.01 * largest, 1.01 * largest)
    axes.spines[["top", "right"]].set_visible(False)
