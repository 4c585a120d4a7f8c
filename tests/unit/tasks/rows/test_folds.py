"""Folds that keep units whole, and predictions out of them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from radsieve.errors import InputError
from radsieve.tasks.rows.folds import first_units, folded, out_of_fold


def rows(units, truth):
    return pd.DataFrame({"_unit": units, "_target": truth, "x": np.arange(len(units), dtype=float)})


def test_units_are_whole_in_folds_and_in_what_is_taken():
    data = rows([f"{n // 3:02d}" for n in range(60)], [n // 3 % 2 for n in range(60)])
    found = folded(data, at_most=50, folds=4, seed=1, where="x")
    assert len(found.rows) == 48, "the last whole unit"
    assert pd.Series(found.fold).groupby(found.rows["_unit"]).nunique().eq(1).all()
    assert found.rows["x"].is_monotonic_increasing


def test_what_is_taken_of_more_rows_does_not_depend_on_their_order():
    data = rows([f"u{n}" for n in range(40)], [n % 2 for n in range(40)])
    taken = set(folded(data, 20, 2, 1, "x").rows["_unit"])
    assert taken == set(folded(data.iloc[::-1].reset_index(drop=True), 20, 2, 1, "x").rows["_unit"])


def test_fewer_units_of_an_outcome_than_folds():
    data = rows(["a", "a", "b", "c", "d"], [1, 1, 0, 0, 0])
    with pytest.raises(InputError, match=r"x\.folds = 2: only 1 units have rows of the outcome 1"):
        folded(data, 100, 2, 1, "x")


def test_rows_without_units_are_divided_in_proportion():
    truth = np.arange(30_000) % 10 == 0
    found = folded(rows([f"{n:05d}" for n in range(30_000)], truth.astype(int)), 30_000, 5, 1, "x")
    assert [found.truth[found.fold == number].sum() for number in range(5)] == [600] * 5


def test_a_fold_of_one_outcome():
    units = {"a": [1, 0], "b": [1, 1, *[0] * 11], "c": [0] * 6, "d": [1]}
    data = rows([unit for unit, of in units.items() for _ in of], [one for of in units.values() for one in of])
    with pytest.raises(InputError, match=r"x\.folds = 3: the units of fold 3 have one outcome alone"):
        folded(data, 100, 3, 1, "x")


def test_no_row_is_predicted_by_a_model_that_has_seen_it():
    """The outcome is random, and a tree that memorises its rows would be right in all of them."""
    from sklearn.tree import DecisionTreeClassifier

    random = np.random.default_rng(1)
    data = folded(rows([f"u{n}" for n in range(400)], random.integers(0, 2, 400)), 1000, 5, 1, "x")
    score = out_of_fold(data, lambda: DecisionTreeClassifier(random_state=1), data.rows[["x"]])
    assert 0.4 < ((score >= 0.5) == data.truth).mean() < 0.6
    assert np.isfinite(out_of_fold(data, LogisticRegression, data.rows[["x"]])).all()


def test_of_too_many_rows_the_first_whole_units_are_taken():
    units = pd.Series(["c", "a", "b", "a", "b", "b"])
    assert [first_units(units, most).tolist() for most in (1, 2, 4, 5, 6)] == [
        [], [1, 3], [1, 3], [1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5],
    ]  # fmt: skip
