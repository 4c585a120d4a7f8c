"""The figure of the visual Turing test."""

import numpy as np
import pandas as pd

from radsieve.generation.plots.turing_test import plot_readers
from radsieve.generation.turing.measures import reader_measures


def test_names_of_readers_are_no_formulas():
    """One with dollar signs would be set as mathematics, and fail where it is none."""
    readers = ["$\\frac$", "A_1"]
    key = pd.DataFrame({"kind": ["synthetic", "real"] * 3})
    codes = np.array([[0, 1], [1, 0]] * 3)
    figure = plot_readers(reader_measures(codes, readers, key, 100, 0.95, 1), 0.5)
    figure.draw_without_rendering()
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["all readers", *readers]
