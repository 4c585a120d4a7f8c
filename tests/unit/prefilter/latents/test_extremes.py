"""The best and worst rows: which ones, and what becomes of equal values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from latents import latent_table

from radsieve.prefilter.latents.extremes import extremes
from radsieve.prefilter.latents.latent_table import LatentTable


def scored(values) -> LatentTable:
    """Rows with these values of score_shape."""
    scores = np.zeros((len(values), 5))
    scores[:, 0] = values
    zeros = np.zeros(len(values))
    return LatentTable(("g",), zeros.astype(int), zeros.astype(np.int8), scores, np.zeros((len(values), 128)))


@pytest.mark.parametrize(
    ("values", "count", "best", "worst"),
    [
        ([0.3, -2, 0.5, 0.1, -1], 2, [0, 2], [1, 4]),
        ([3, 1, 2], 9, [0], [1]),  # at most half of the rows
        ([0, 1, 1, 2], 2, [3], [0]),  # what both ends share is left out
        ([0, 1, 1, 1], 2, [2, 3], [0]),  # ... unless an end has nothing else
        ([0, 0, 0, 1], 2, [3], [0, 1]),
        ([1, 1, 1, 1], 2, [2, 3], []),
    ],
)
def test_both_ends_of_the_order(values, count, best, worst):
    found = extremes(scored(values), "score_shape", count, seed=1)
    assert [rows.tolist() for rows in found] == [best, worst]


@given(st.lists(st.integers(0, 5), min_size=2, max_size=40), st.integers(1, 25))
def test_every_best_value_is_above_every_worst(values, count):
    best, worst = extremes(scored(values), "score_shape", count, seed=1)
    assert max(len(best), len(worst)) <= min(count, len(values) // 2)
    assert not len(best) or not len(worst) or min(np.take(values, best)) > max(np.take(values, worst))


def test_as_many_valid_rows_as_others():
    table = latent_table(["g"], 200)
    few = int(table.valid.sum())
    for count, each in ((5, 5), (1000, few)):
        best, worst = extremes(table, "valid", count, seed=1)
        assert len(best) == len(worst) == each
        assert table.valid[best].all() and not table.valid[worst].any()
        assert len(set(worst)) == each
