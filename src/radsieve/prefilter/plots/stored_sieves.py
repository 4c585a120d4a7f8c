"""What the cards of the stored sieves expect beside what was observed, sieve by sieve."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from radsieve.figures.axes import tidy
from radsieve.numbers import ShownEstimate

_EXPECTED, _OBSERVED = "#8a93a3", "#0072b2"
_APART = 0.17  # of the two marks of a row from its middle


@dataclass(frozen=True)
class Compared:
    """A share that a card expects and the one observed, each with bounds, and what it is of."""

    name: str
    expected: ShownEstimate
    observed: ShownEstimate


def plot_stored_sieves(acceptance: Sequence[Compared], precision: Sequence[Compared]) -> Figure:
    """Plot what share of new latents each sieve accepts, and the shares of good images of the one that was checked."""
    panels = [(title, rows) for title, rows in (("latents accepted", acceptance), ("good images", precision)) if rows]
    heights = [len(rows) + 1 for _, rows in panels]
    figure = Figure(figsize=(6, 0.42 * sum(heights) + 1.1), layout="constrained")
    for axes, (title, rows) in zip(
        figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0], panels, strict=True
    ):
        for place, row in enumerate(rows):
            for found, offset, colour, marker in (
                (row.expected, -_APART, _EXPECTED, "s"),
                (row.observed, _APART, _OBSERVED, "o"),
            ):
                axes.plot([found.lower, found.upper], [place + offset] * 2, color=colour, linewidth=2)
                axes.plot(found.value, place + offset, marker, color=colour, markersize=5)
        axes.set_yticks(range(len(rows)), [row.name for row in rows], fontsize=9)
        axes.set(xlim=(0, 1), ylim=(len(rows) - 0.5, -0.5))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set_title(title, fontsize=10, loc="left")
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=9)
        tidy(axes, grid="x", left=False)
    marks = [
        Line2D([], [], color=colour, marker=marker, label=label)
        for colour, marker, label in ((_EXPECTED, "s", "expected (card)"), (_OBSERVED, "o", "observed"))
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return figure
