"""The figure of stage measure_loop: precision, saving and distance to real images, group by group."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from radsieve.figures.axes import tidy
from radsieve.prefilter.tables import Arm

_BEFORE, _AFTER, _EXPECTED = "#e69f00", "#0072b2", "#8a93a3"
_APART = 0.14  # of the two marks of a group from its middle

# The panels: title, and the two columns of LOOP in it with their names and colours; the level of chance, if any.
_PANELS = (
    ("share of good images", ("precision_before", Arm.UNSIEVED, _BEFORE), ("precision_after", Arm.SIEVED, _AFTER),
    None),
    ("saving: time per good image,\nunsieved / sieved", ("saving_expected", "expected", _EXPECTED),
     ("saving_observed", "observed", _AFTER), 1.0),
    ("KID to real test images (0: alike)", ("kid_all", "all images", _BEFORE),
     ("kid_kept", "images kept", _AFTER), 0.0),
)  # fmt: skip


def plot_loop(loop: pd.DataFrame) -> Figure:
    """Plot LOOP of `radsieve.generation.tables`: a line per group, estimates with their intervals."""
    figure = Figure(figsize=(10, 2.2 + 0.62 * len(loop)), layout="constrained")
    figure.suptitle("Effect of sieving on new images", fontsize=13)
    for number, (axes, (title, first, second, line)) in enumerate(
        zip(figure.subplots(1, len(_PANELS)), _PANELS, strict=True)
    ):
        for (column, label, colour), offset in ((first, -_APART), (second, _APART)):
            _estimates(axes, loop, column, label, colour, offset)
        if line is not None:
            axes.axvline(line, color="black", linewidth=1)
        axes.set_yticks(range(len(loop)), loop["group"] if number == 0 else [""] * len(loop))
        axes.set_ylim(len(loop) - 0.5, -0.5)
        axes.set_title(title, fontsize=11, loc="left")
        axes.tick_params(axis="y", length=0)
        tidy(axes, grid="x", left=False)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, frameon=False, fontsize=9)
        if number == 0:
            axes.set_xlim(0, 1)
    return figure


def _estimates(axes: Axes, loop: pd.DataFrame, column: str, label: str, colour: str, offset: float) -> None:
    places = np.arange(len(loop)) + offset
    axes.hlines(places, loop[f"{column}_lower"], loop[f"{column}_upper"], color=colour, linewidth=2)
    axes.plot(loop[column], places, "o", color=colour, markersize=6, label=label)
    for place, value in zip(places, loop[column], strict=True):
        if np.isnan(value):
            axes.text(0.5, place, "not defined", transform=axes.get_yaxis_transform(), color=colour, fontsize=8)
