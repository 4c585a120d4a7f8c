"""The labels of the figures of a profile."""

import numpy as np
import pandas as pd
import pytest
from defaults import settings

from radsieve.tasks.plots.profiles import plot_associations, plot_missing, plot_profile
from radsieve.tasks.profiles.frame import Profiled
from radsieve.tasks.tables import ASSOCIATIONS

LONG = 60  # letters, in which texts differ at the end, at the beginning, or in the middle alone
SETS = [
    [f"Best game of kind {number}" for number in range(1, 9)],
    [f"{number} is the number of this kind" for number in range(1, 9)],
    ["a" * LONG + str(number) + "b" * LONG for number in range(1, 9)],
    ["no", "yes"],
]


@pytest.mark.parametrize("values", SETS)
def test_values_stay_apart(values):
    rows = pd.DataFrame({"_unit": [f"u{row}" for row in range(40)], "a": np.resize(values, 40)})
    columns = pd.DataFrame({"column": ["a"], "kind": ["code"], "known": ["before"], "missing": [0], "distinct": [8]})
    axes = plot_profile(Profiled(rows, columns, settings("profile_tables.games"))).axes[0]
    shown = [label.get_text() for label in axes.get_yticklabels()]
    assert len(set(shown)) == len(values)
    assert max(map(len, shown)) <= 40
    assert shown == values or max(map(len, values)) > 16


def test_columns_stay_apart():
    names = [f"A column with the number {number}" for number in range(4)]
    pairs = [(one, other) for one in names for other in names if one < other]
    table = pd.DataFrame(pairs, columns=["first", "second"]).assign(measure="cramers_v", value=0.5, p_value=0.01)
    axes = plot_associations(table.reindex(columns=list(ASSOCIATIONS.columns))).axes[0]
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert len({label.get_text() for label in labels}) == 4


@pytest.mark.parametrize(("missing", "drawn"), [([5, 0, 2], ["a", "c"]), ([0, 0, 0], None)])
def test_only_columns_with_missing_values_are_drawn(missing, drawn):
    table = pd.DataFrame({"column": ["a", "b", "c"], "missing": missing, "tells": 0})
    figure = plot_missing(table.assign(share=table["missing"] / 10, lower=0.0, upper=0.6))
    if drawn is None:
        assert not figure.axes
        assert "3 of 3 columns" in figure.texts[0].get_text()
    else:
        assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == drawn
        assert "1 of 3 columns" in figure.axes[0].get_xlabel()
