"""Explanations of a model whose columns' worth is known."""

import numpy as np
import pandas as pd
from defaults import settings

from radsieve.tasks.plots.rows import plot_explanations
from radsieve.tasks.rows.explanations import explain
from radsieve.tasks.rows.folds import folded
from radsieve.tasks.tables import Model

ONE = pd.DataFrame([("x", "number", "before", 0, 9)], columns=["column", "kind", "known", "missing", "distinct"])


def options(rows):
    return settings("classify_rows.diabetes", explained_rows=rows)


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
    found = explain(
        folded(rows, 1000, 4, 1, "x"), columns, settings("classify_rows.diabetes", explained_rows=50), Model.BOOSTING
    )
    table = found.table.set_index("column")
    assert table.index[0] == "x" and set(table.index) == {"x", "x_site", "none"}
    assert table.loc["x", "shap_lower"] > table.drop(index="x")["shap_upper"].max()
    assert table.loc["x", "permutation"] > 0.1
    assert found.between_folds > 0


def test_the_rows_of_a_table_in_the_order_of_its_outcome_are_explained_by_both():
    random = np.random.default_rng(2)
    truth = np.repeat([0, 1], 200)
    rows = pd.DataFrame({"_unit": [f"u{n:03d}" for n in range(400)], "_target": truth})
    rows["x"] = 3 * truth + random.normal(size=400)
    found = explain(
        folded(rows, 1000, 4, 1, "x"), ONE, settings("classify_rows.diabetes", explained_rows=30), Model.BOOSTING
    )
    assert found.table["permutation"].item() > 0.1


def test_rows_of_one_unit_are_drawn_together():
    random = np.random.default_rng(3)
    x = np.repeat(random.normal(size=60), 20)
    chance = 1 / (1 + np.exp(-2 * x))
    rows = pd.DataFrame({"_unit": [f"u{n // 20:02d}" for n in range(1200)], "x": x})
    rows["_target"] = (random.random(1200) < chance).astype(int)
    chosen = options(300)
    together = explain(folded(rows, 2000, 4, 1, "x"), ONE, chosen, Model.BOOSTING).table.iloc[0]
    apart = explain(
        folded(rows.assign(_unit=[f"u{n:04d}" for n in range(1200)]), 2000, 4, 1, "x"), ONE, chosen, Model.BOOSTING
    )
    width = together["shap_upper"] - together["shap_lower"]
    assert width > 1.5 * (apart.table.iloc[0]["shap_upper"] - apart.table.iloc[0]["shap_lower"])


def test_a_level_is_not_taken_for_another_column():
    """Level `b_c` of `a` and level `c` of `a_b` would have one name."""
    random = np.random.default_rng(4)
    first, second = random.choice(["b_c", "d"], 400), random.choice(["c", "d"], 400)
    rows = pd.DataFrame({"_unit": [f"u{n:03d}" for n in range(400)], "a": first, "a_b": second})
    rows["_target"] = np.where(random.random(400) < 0.1, 1, first == "b_c").astype(int)
    columns = pd.DataFrame(
        [("a", "code", "before", 0, 2), ("a_b", "code", "before", 0, 2)],
        columns=["column", "kind", "known", "missing", "distinct"],
    )
    found = explain(
        folded(rows, 1000, 4, 1, "x"), columns, settings("classify_rows.diabetes", explained_rows=80), Model.BOOSTING
    )
    shap = found.table.set_index("column")["shap"]
    assert shap["a"] > 5 * shap["a_b"]


def test_any_name_of_a_column_is_drawn(tmp_path):
    of = {"shap": 0.1, "shap_lower": 0.05, "shap_upper": 0.2, "permutation": 0.1}
    plot_explanations(pd.DataFrame([{"model": "forest", "column": "price $^$ in $_$", **of}])).savefig(
        tmp_path / "x.png"
    )


def test_the_figure_says_in_which_unit_the_model_is_explained():
    values = dict.fromkeys(["shap", "shap_lower", "shap_upper", "permutation"], 0.5)
    labels = {
        model: plot_explanations(pd.DataFrame([{"model": model, "column": "x", **values}])).axes[0].get_xlabel()
        for model in (Model.BOOSTING, Model.EXTRA_TREES)
    }
    assert "log-odds" in labels[Model.BOOSTING] and "probability" in labels[Model.EXTRA_TREES]
