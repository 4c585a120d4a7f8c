"""The figures of stage find_duplicates beside the grid: similarity around the limit, graders with themselves."""

import pandas as pd
import pytest

from radsieve.curation.plots.consistency import plot_consistency
from radsieve.curation.plots.similarity import plot_similarity
from radsieve.curation.tables import SELF_CONSISTENCY


@pytest.mark.parametrize("ties", [[], [0.82, 0.9, 1.0]])
@pytest.mark.parametrize("misses", [[], [0.721, 0.8199]])
def test_every_pair_is_in_the_histogram(ties, misses):
    pairs = pd.DataFrame({"kind": ["near"] * len(ties) + ["pixels"], "similarity": [*ties, 1.0]})
    figure = plot_similarity(pairs, pd.DataFrame({"similarity": misses}, dtype=float), 0.82)
    figure.draw_without_rendering()
    [axes] = figure.axes
    assert sum(bar.get_height() for bar in axes.patches) == len(ties) + len(misses)


def test_graders_with_themselves_and_with_each_other():
    row = ("A", "all", 10, 9, 0.9, 0.6, 0.98, 0.8)
    metrics = {"same_grade_by_two": 0.99, "same_grade_by_two_lower": 0.9, "same_grade_by_two_upper": 1.0}
    table = pd.DataFrame([row], columns=list(SELF_CONSISTENCY.columns))
    figure = plot_consistency(table, metrics | {"files_graded_by_two": 20})
    figure.draw_without_rendering()
    [axes] = figure.axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["A: all", "two graders, the same file"]
    none = plot_consistency(table.head(0), dict.fromkeys(metrics) | {"files_graded_by_two": 0})
    assert not none.axes
