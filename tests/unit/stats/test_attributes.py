"""What one attribute tells of a class: folds and shuffles of whole units, missing values, rows that are tested."""

import numpy as np
import pandas as pd
import pytest

from radsieve.stats import attributes


def test_no_unit_is_in_two_folds_and_only_units_of_one_size_change_places():
    rng = np.random.default_rng(1)
    units = np.array([0, 0, 1, 2, 2, 3, 4, 4, 4])
    folds = attributes._stratified_folds(np.array([0, 1, 0, 1, 1, 0, 1, 1, 0]), units, rng)
    assert all(len(set(folds[units == unit])) == 1 for unit in range(5))
    assert [rows.tolist() for rows in attributes.units_by_length(units)] == [[[2], [5]], [[0, 1], [3, 4]], [[6, 7, 8]]]


def test_a_missing_number_is_a_value_of_its_own():
    values = pd.Series([np.nan, *range(30), np.nan], dtype=float)
    codes, labels = attributes.discretize(values, most=3)
    assert labels == ["0 to 9", "10 to 19", "20 to 29", "missing"]
    assert codes.tolist() == [3, *[0] * 10, *[1] * 10, *[2] * 10, 3]


@pytest.mark.parametrize(("usual", "labels"), [(0, ["0", "1 to 40"]), (50, ["1 to 40", "50"])])
def test_a_value_that_most_share_does_not_swallow_the_others(usual, labels):
    """Such as the days in intensive care, which are 0 for all but those who tell the outcome."""
    classes = np.arange(1000) < 40
    days = pd.Series(np.where(classes, np.arange(1000) + 1, usual))
    codes, named = attributes.discretize(days)
    assert named == labels
    assert [labels[code] == str(usual) for code in codes] == (~classes).tolist()
    found = attributes.score(pd.DataFrame({"days": days}), classes, np.arange(1000), 100, 0.1, seed=1)
    assert found["balanced_accuracy"].item() == 1
    assert found["leaks"].item()


def test_ranges_hold_as_many_items_where_no_value_is_in_most():
    codes, labels = attributes.discretize(pd.Series([0] * 30 + list(range(1, 71))), most=4)
    assert labels == ["0", "1 to 20", "21 to 45", "46 to 70"]
    assert np.bincount(codes).tolist() == [30, 20, 25, 25]


def test_being_missing_may_tell_the_class():
    rng = np.random.default_rng(1)
    classes = np.arange(200) % 2
    table = pd.DataFrame({"lab": np.where(classes == 1, np.nan, rng.normal(size=200)), "noise": rng.normal(size=200)})
    found = attributes.score(table, classes, np.arange(200), 200, 0.0, seed=1).set_index("attribute")
    assert found.loc["lab", "balanced_accuracy"] == 1
    assert found["leaks"].tolist() == [True, False]


def test_permutations_of_a_part_leave_the_accuracy_of_all_rows():
    classes = np.arange(400) % 2
    table = pd.DataFrame({"code": np.where(np.arange(400) % 10 < 3, 1 - classes, classes)})
    whole, part = (
        attributes.score(table, classes, np.arange(400), 100, 0.0, seed=1, tested=rows)
        for rows in (None, np.arange(12))
    )
    assert whole["balanced_accuracy"].tolist() == part["balanced_accuracy"].tolist()
    assert whole["p_value"].item() == pytest.approx(1 / 101)
    assert part["p_value"].item() > 0.02
