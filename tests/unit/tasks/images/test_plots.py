"""The figures of train_classifier."""

import pandas as pd
import pytest

from radsieve.tasks.plots.images import plot_reliability

METHODS = ("as fitted", "equal shares", "prior adapted", "features aligned")


@pytest.mark.parametrize("methods", [1, 3, 4])
@pytest.mark.parametrize("parts", [("test",), ("test", "outside")])
def test_the_legend_of_the_reliability_covers_no_panel_and_names_each_method_once(parts, methods):
    ends = {"mean_probability": [0.0, 0.5, 1.0], "share": [0.0, 1.0, 1.0], "lower": [0.0, 0.5, 0.9], "upper": 1.0}
    found = [pd.DataFrame(ends).assign(part=part, method=method) for part in parts for method in METHODS[:methods]]
    figure = plot_reliability(pd.concat(found))
    figure.draw_without_rendering()
    (legend,) = [*figure.legends, *(one for axes in figure.axes if (one := axes.get_legend()))]
    assert len(legend.get_texts()) == methods
    place = legend.get_window_extent()
    assert figure.bbox.x0 <= place.x0 and place.x1 <= figure.bbox.x1 and place.y1 <= figure.bbox.y1
    for axes in figure.axes:
        assert not axes.get_tightbbox().overlaps(place)
