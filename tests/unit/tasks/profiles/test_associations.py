"""Measures of association against those of other libraries, and a test that holds its level with units and gaps."""

import numpy as np
import pandas as pd
import pytest
from profiles import packed
from scipy.stats import contingency, f_oneway, spearmanr
from sklearn.metrics import mutual_info_score

from radsieve.errors import InputError
from radsieve.tasks.profiles.associations import associate, correlation
from radsieve.tasks.profiles.results import sample
from radsieve.tasks.profiles.shuffling import Column, permuted_statistics
from radsieve.tasks.tables import ASSOCIATIONS


def found_in(data):
    table = ASSOCIATIONS.validate(associate(data, sample(data)))
    return table.set_index(["first", "second", "measure"])


def gaps(random, values, share=0.2):
    return np.where(random.random(len(values)) < share, np.nan, values)


def test_measures_are_those_of_other_libraries_over_rows_in_which_both_are_known():
    random = np.random.default_rng(1)
    x = random.normal(size=300)
    y = gaps(random, x + random.normal(size=300))
    a = random.integers(0, 3, 300)
    b = np.where(random.random(300) < 0.3, a, random.integers(0, 4, 300)).astype(str)
    b[:20] = ""
    found = found_in(packed({"x": x + a, "y": y}, {"a": a, "b": b}))
    known = ~np.isnan(y)
    assert found.loc[("x", "y", "pearson"), "value"] == pytest.approx(np.corrcoef((x + a)[known], y[known])[0, 1])
    expected = spearmanr((x + a)[known], y[known]).statistic
    assert found.loc[("x", "y", "spearman"), "value"] == pytest.approx(expected)
    assert found.loc[("x", "y", "pearson"), "rows"] == known.sum()
    table = pd.crosstab(a[20:], b[20:]).to_numpy()
    assert found.loc[("a", "b", "cramers_v"), "value"] == pytest.approx(contingency.association(table))
    expected = mutual_info_score(a[20:], b[20:]) / np.log(2)
    assert found.loc[("a", "b", "mutual_information"), "value"] == pytest.approx(expected)
    f = f_oneway(*((x + a)[a == level] for level in range(3))).statistic
    eta = found.loc[("x", "a", "correlation_ratio"), "value"]
    assert eta**2 / (1 - eta**2) * (300 - 3) / 2 == pytest.approx(f)


def test_a_number_that_is_mostly_one_value_keeps_its_correlation_and_its_test():
    random = np.random.default_rng(8)
    x = np.where(random.random(400) < 0.9, 0.0, random.uniform(1, 30, 400))
    y = x + random.normal(size=400)
    row = found_in(packed({"x": x, "y": y})).loc[("x", "y", "pearson")]
    assert row["value"] == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert row["p_value"] < 0.05
    columns = {"x": Column.of((x > 0).astype(int), x), "y": Column.of((y > 0).astype(int), y)}
    observed, _ = permuted_statistics(columns, [("x", "y", "pearson")], np.arange(400), 1, random)
    assert observed[0] == pytest.approx(400 * np.corrcoef(x, y)[0, 1] ** 2)


def test_the_interval_of_a_correlation_is_that_of_fisher_for_normal_values():
    random = np.random.default_rng(2)
    x = random.normal(size=4000)
    y = 0.5 * x + random.normal(size=4000)
    row = found_in(packed({"x": x, "y": y})).loc[("x", "y", "pearson")]
    half = 1.959964 / np.sqrt(4000 - 3)
    assert row["lower"] == pytest.approx(np.tanh(np.arctanh(row["value"]) - half), abs=0.003)
    assert row["upper"] == pytest.approx(np.tanh(np.arctanh(row["value"]) + half), abs=0.003)


def test_rows_of_a_unit_are_no_evidence_of_their_own():
    random = np.random.default_rng(3)
    x, y = random.normal(size=(2, 50))
    units = np.arange(200) % 50
    once = correlation(x, y, np.ones(50), np.arange(50), 50).estimate(0.95)
    repeated = correlation(np.tile(x, 4), np.tile(y, 4), np.ones(200), units, 50).estimate(0.95)
    assert (repeated.value, repeated.lower, repeated.upper) == pytest.approx((once.value, once.lower, once.upper))
    # y is of the unit; z is not, but for a mark of one row
    z = np.tile(x, 4) + (np.arange(200) == 0) * 1e-3
    found = found_in(packed({"y": np.tile(y, 4), "z": z, "x": np.tile(x, 4)}, units=units))
    assert found.loc[("y", "x", "pearson"), ["per", "rows"]].tolist() == ["unit", 50]
    assert found.loc[("y", "z", "pearson"), ["per", "rows"]].tolist() == ["row", 200]
    assert found.loc[("y", "z", "pearson"), "value"] == pytest.approx(once.value, abs=1e-3)


def test_what_goes_together_is_found_and_chance_is_not():
    random = np.random.default_rng(4)
    x = random.normal(size=300)
    columns = {f"noise {number}": random.normal(size=300) for number in range(6)}
    found = found_in(packed({"x": x, "y": gaps(random, x + random.normal(size=300)), **columns}))
    planted = found.index.get_level_values("first").isin(["x"]) & found.index.get_level_values("second").isin(["y"])
    assert found.loc[planted, "p_value"].tolist() == pytest.approx([1 / 201] * 3)
    assert (found.loc[~planted, "p_value"] > 0.05).all()


@pytest.mark.slow
@pytest.mark.parametrize("repeats", [1, 4])
def test_independent_columns_are_found_no_more_often_than_the_level_says(repeats):
    """Values that are missing together, and rows that repeat a unit's, are no association of what is known."""
    random = np.random.default_rng(5)
    found = 0
    for _ in range(24):
        units = np.repeat(np.arange(40), repeats)
        missing = np.repeat(random.random(40) < 0.5, repeats)
        x, y = (np.where(missing, np.nan, np.repeat(random.normal(size=40), repeats)) for _ in range(2))
        x[0] = 0.0  # so that neither is the same in all rows of each unit
        code = np.repeat(random.integers(0, 3, 40), repeats)
        code[0] = (code[0] + 1) % 3
        data = packed({"x": x, "y": y}, {"code": code}, units=units, permutations=100)
        found += bool((associate(data, sample(data))["p_value"] <= 0.05).any())
    assert found <= 5  # of 24 at 5%: 1.2 are expected, and more than 5 have a probability of 0.1%


def test_what_does_not_vary_has_no_association():
    found = found_in(packed({"x": [1, 2, 3, 4], "one": [5, 5, 5, 5], "none": [np.nan] * 4}, {"code": ["a"] * 4}))
    assert found["value"].isna().all() and found["p_value"].isna().all()


def test_a_perfect_correlation_has_no_interval():
    row = found_in(packed({"x": np.arange(30), "y": -np.arange(30)})).loc[("x", "y", "pearson")]
    assert row["value"] == pytest.approx(-1) and np.isnan(row["lower"])


def test_of_many_rows_whole_units_are_permuted():
    units = np.repeat(np.arange(100), 3)
    data = packed({"x": np.arange(300)}, units=units, tested_rows=100)
    rows = sample(data)
    assert len(rows) == 99
    assert (np.bincount(units[rows], minlength=100) % 3 == 0).all()


def test_a_unit_with_more_rows_than_are_tested_takes_no_part_and_one_that_is_all_is_refused():
    units = np.repeat(np.arange(21), [200] + [3] * 20)
    data = packed({"x": np.arange(260)}, units=units, tested_rows=100)
    assert set(units[sample(data)]) == set(range(1, 21))
    with pytest.raises(InputError, match="tested_rows = 100: every unit"):
        packed({"x": np.arange(200)}, units=[0] * 200, tested_rows=100)
