"""What a profile counts: values, items of lists, what is missing, and rows that are equal."""

import numpy as np
import pandas as pd
import pytest
from profiles import packed

from radsieve.tasks.profiles.description import count_values, describe, find_duplicates, find_missing
from radsieve.tasks.profiles.results import sample, tell_target
from radsieve.tasks.tables import ATTRIBUTE_LEAKS, DUPLICATES, MISSING, PROFILE_COLUMNS, VALUE_COUNTS

GENRES = [["RPG", "Indie"], ["RPG"], [], ["Indie", "Action", "RPG"], ["Action"]]


def test_items_of_a_list_are_counted_per_row_and_beside_what_exploding_gives():
    data = packed(codes={"free": list("01010")}, lists={"genres": GENRES}, exploded="genres")
    found = VALUE_COUNTS.validate(count_values(data)).set_index(["column", "value"])
    frame = pd.DataFrame({"free": list("01010"), "genre": GENRES, "again": GENRES})
    once = frame.explode("genre")
    twice = once.explode("again")
    for genre in ("RPG", "Indie", "Action"):
        row = found.loc[("genres", genre)]
        assert row["rows"] == sum(genre in one for one in GENRES)
        assert row["share"] == row["rows"] / 4
        assert row["exploded"] == (once["genre"] == genre).sum()
        assert row["exploded_twice"] == (twice["genre"] == genre).sum()
    for value in "01":
        row = found.loc[("free", value)]
        assert row[["exploded", "exploded_twice"]].tolist() == [(one["free"] == value).sum() for one in (once, twice)]
        assert row["lower"] < row["share"] < row["upper"]


def test_columns_are_described_and_units_that_differ_are_counted():
    data = packed(
        {"age": [1, 2, 3, np.nan]}, {"sex": ["f", "f", "", "m"]}, {"items": GENRES[:4]}, units=["a", "a", "b", "b"]
    )
    found = PROFILE_COLUMNS.validate(describe(data)).set_index("column")
    assert found["missing"].to_dict() == {"age": 1, "sex": 1, "items": 1}
    assert found["differing_units"].to_dict() == {"age": 2, "sex": 1, "items": 2}
    assert found.loc["age", ["mean", "sd", "median", "highest"]].tolist() == [2, 1, 2, 3]
    assert found.loc["sex", ["distinct", "most_frequent"]].tolist() == [2, "f"]
    assert found.loc["items", ["distinct", "most_frequent", "most_frequent_share"]].tolist() == [3, "RPG", 1]


def test_being_missing_tells_the_target_or_does_not():
    random = np.random.default_rng(1)
    target = np.arange(200) % 2
    lab = np.where((target == 1) & (random.random(200) < 0.5), np.nan, 1.0)
    chance = np.where(random.random(200) < 0.3, np.nan, 1.0)
    found = find_missing(data := packed({"lab": lab, "chance": chance, "age": target}, outcome=target), sample(data))
    found = MISSING.validate(found).set_index("column")
    assert found["tells"].to_dict() == {"lab": 1, "chance": 0, "age": 0}
    assert found.loc["lab", ["min_in", "min", "max_in"]].tolist() == ["0", 0.0, "1"]
    assert found.loc["lab", "p_value"] == pytest.approx(1 / 201)
    assert np.isnan(found.loc["age", "p_value"])


def test_equal_rows_and_values_that_contradict_each_other():
    data = packed({"year": [1, 1, 1, 2, 2, 3]}, {"name": list("aabccd")}, outcome=[1, 0, 0, 1, 1, 0], keys=[["year"]])
    found = DUPLICATES.validate(find_duplicates(data)).set_index("columns")
    assert found.loc["all columns", ["distinct", "repeated", "largest"]].tolist() == [5, 1, 2]
    assert found.loc["all columns but the target", ["distinct", "contradicting"]].tolist() == [4, 1]
    year = found.loc["year"]
    assert year[["distinct", "repeated", "largest", "contradicting"]].tolist() == [3, 3, 3, 1]
    of_winners = ["none_positive", "one_positive", "several_positive", "most_positive"]
    assert year[of_winners].tolist() == [1, 1, 1, 2]


def test_a_column_that_is_the_target_in_other_words_is_found_among_classes():
    target = ["1.0", "0.0", "-1.0", ""] * 30
    told = [one or "0.0" for one in target]
    data = packed(codes={"label": target, "told": told, "noise": list("abcde") * 24}, target="label")
    found = ATTRIBUTE_LEAKS.validate(tell_target(data, sample(data))).set_index("column")
    assert found.loc["told", "balanced_accuracy"] == 1
    assert found.loc["told", "chance"] == pytest.approx(1 / 3), "rows without a label take no part"
    assert found["leaks"].to_dict() == {"told": True, "noise": False}


def test_without_a_target_nothing_tells_it():
    data = packed({"x": [1, 2, np.nan]})
    assert ATTRIBUTE_LEAKS.validate(tell_target(data, sample(data))).empty
    assert MISSING.validate(find_missing(data, sample(data)))["p_value"].isna().all()
