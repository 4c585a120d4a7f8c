"""The figure of stage score_turing_test: how well each reader tells synthetic images from real ones."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from radsieve.figures.axes import tidy

_ALL, _ONE, _PUBLISHED, _GUESSING = "#0072b2", "#5a6372", "#d55e00", "#8a93a3"

# The panels: measure, title, and the value for a reader who guesses.
_PANELS: Sequence[tuple[str, str, float]] = (
    ("taken_for_real", "synthetic images taken for real", 0.5),
    ("specificity", "real images taken for real", 0.5),
    ("d_prime", "d' (0: cannot tell them apart)", 0.0),
)


def plot_readers(found: pd.DataFrame, published: float) -> Figure:
    """Plot TURING_READERS: a row for each reader, all together at the top; `published` is a share to compare with."""
    readers = list(dict.fromkeys(found["reader"]))
    figure = Figure(figsize=(11, 1.9 + 0.34 * max(len(readers), 2)), layout="constrained")
    figure.suptitle("Real or synthetic? What readers took the images for", fontsize=13)
    panels: list[Axes] = list(figure.subplots(1, len(_PANELS), sharey=True))
    panels[0].axvline(published, color=_PUBLISHED, linewidth=1.5, linestyle="--", label=f"published: {published:.0%}")
    for axes, (name, title, guessing) in zip(panels, _PANELS, strict=True):
        rows = found[found["measure"] == name].set_index("reader")
        axes.axvline(guessing, color=_GUESSING, linewidth=1.2, linestyle=":", label="guessing")
        for place, reader in enumerate(readers):
            _mark(axes, rows.loc[reader], place)
        if not readers:
            _say(axes, "no answers yet")
        if name != "d_prime":
            axes.set_xlim(-0.02, 1.02)
            axes.xaxis.set_major_formatter("{x:.0%}")
        _clean(axes, title)
    panels[0].set_yticks(range(len(readers)), readers, parse_math=False)
    panels[0].set_ylim(max(len(readers), 1) - 0.5, -0.5)
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False, fontsize=9
    )
    return figure


def _mark(axes: Axes, row: "pd.Series[float]", place: int) -> None:
    """A value with its interval, whichever of them is defined; the first row is emphasised."""
    value, lower, upper = (row[bound] for bound in ("value", "lower", "upper"))
    colour = _ONE if place else _ALL
    if np.isfinite([lower, upper]).all():
        axes.plot([lower, upper], [place, place], color=colour, linewidth=2, solid_capstyle="butt")
    axes.plot(value, place, "o", color=colour, markersize=6)


def _say(axes: Axes, what: str) -> None:
    box = {"facecolor": "white", "edgecolor": "none"}
    axes.text(0.5, 0.5, what, transform=axes.transAxes, ha="center", va="center", color=_ONE, bbox=box)


def _clean(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=10.5, loc="left")
    axes.tick_params(axis="y", length=0)
    tidy(axes, grid="x", left=False)
