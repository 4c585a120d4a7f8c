"""Explanations of a model whose columns' worth is known."""

import numpy as np
import pandas as pd
from defaults import settings

from radsieve.tasks.rows.explanations import explain
from radsieve.tasks.rows.folds import folded


def test_the_column_that_matters_comes_first_and_a_code_counts_as_one():
    random = np.random.default_rng(1)
    site, x = random.choice(["A", "B", ""], 400), random.normal(size=400)
    chance = 1 / (1 + np.exp(-3 * x - (site == "A")))
    rows = pd.DataFrame(
        {
            "_unit": [f"u{n}" for n in range(400)],
            "_target": (random.random(400) < chance).astype(int),
            "x": np.where(random.random(400) < 0.05, np.nan, x),
            "x_site": site,
            "none": random.normal(size=400),
        }
    )
    columns = pd.DataFrame(
        [("x", "number", "before", 0, 9), ("x_site", "code", "at", 0, 3), ("none", "number", "before", 0, 9)],
        columns=["column", "kind", "known", "missing", "distinct"],
    )
    found = explain(folded(rows, 1000, 4, 1, "x"), columns, settings("classify_rows.diabetes", explained_rows=50))
    table = found.table.set_index("column")
    assert table.index[0] == "x" and set(table.index) == {"x", "x_site", "none"}
    assert table.loc["x", "shap_lower"] > table.drop(index="x")["shap_upper"].max()
    assert table.loc["x", "permutation"] > 0.1
    assert found.between_folds > 0
