"""How the axes of every plot look: a faint grid behind the data, and no frame above and to the right."""

from typing import Literal

from matplotlib.axes import Axes

_GRID = "#e6e6e6"


def tidy(axes: Axes, grid: Literal["x", "y", "both"] = "both", left: bool = True) -> None:
    """Draw a faint grid behind what `axes` show, along `grid`, and hide their frame but below and, if `left`, there."""
    axes.grid(axis=grid, color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"] if left else ["top", "right", "left"]].set_visible(False)
