"""The look that all plots share."""

import pytest
from matplotlib.figure import Figure

from radsieve.figures.axes import tidy


@pytest.mark.parametrize("grid", ["x", "y", "both"])
def test_the_grid_lies_along_the_axes_asked_for(grid):
    axes = Figure().subplots()
    tidy(axes, grid)
    drawn = {name: axis.get_gridlines()[0].get_visible() for name, axis in (("x", axes.xaxis), ("y", axes.yaxis))}
    assert drawn == {"x": grid != "y", "y": grid != "x"}
    assert axes.get_axisbelow() is True


@pytest.mark.parametrize("left", [True, False])
def test_there_is_no_frame_above_and_to_the_right(left):
    axes = Figure().subplots()
    tidy(axes, left=left)
    assert {name: spine.get_visible() for name, spine in axes.spines.items()} == {
        "top": False,
        "right": False,
        "left": left,
        "bottom": True,
    }
