"""Attributes that do and do not tell the grade, with known scores."""

import numpy as np
import pandas as pd
import pytest

from radsieve.curation import leakage
from radsieve.curation import tables as curation_tables
from radsieve.curation.plots.leakage import plot_leakage
from radsieve.imaging import tags
from radsieve.stats.attributes import MAX_VALUES

GRADES = ("0Normal", "1Doubtful", "2Mild")


def pictures(count: int = 90, seed: int = 0, **columns: object) -> pd.DataFrame:
    """Pictures of three grades in turn, each a unit of its own; attributes are constant but for those given."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"grade": np.arange(count) % 3, "byte_size": rng.integers(1000, 99999, count)})
    constant = {"dimensions": "300x162", "width": 300, "height": 162, "aspect_ratio": 1.85, "mode": "L"}
    table = table.assign(**constant, bit_depth=8, format="PNG", mean_brightness=rng.uniform(0, 1, count))
    table = table.assign(unit=[f"u{number}" for number in range(count)])
    return table.assign(**columns)[["grade", "unit", *leakage.ATTRIBUTES]]


def score(table: pd.DataFrame, attribute: str, permutations: int = 100) -> pd.Series:
    result = leakage.score_attributes(table, permutations, 0.0, seed=1)
    curation_tables.LEAKAGE.validate(result)
    return result.set_index("attribute").loc[attribute]


def test_an_attribute_that_equals_the_grade_is_found():
    grade = pictures()["grade"]
    row = score(pictures(mode=grade.map({0: "L", 1: "RGB", 2: "I;16"})), "mode")
    assert row[["balanced_accuracy", "upper"]].tolist() == [1, 1]
    counts = grade.value_counts().to_numpy()  # Wilson's lower limit of n of n is n / (n + 1.96^2)
    below = 1 - counts / (counts + 1.959964**2)
    assert row["lower"] == pytest.approx(1 - np.sqrt((below**2).sum()) / 3)
    assert row["leaks"]
    assert row["p_value"] == pytest.approx(1 / 101)
    assert row["chance"] == pytest.approx(1 / 3)


def test_an_attribute_that_marks_one_grade_of_three_scores_two_thirds():
    # grade 2 is recalled always; of grades 0 and 1, which look alike, one takes all: (1 + 1 + 0) / 3
    grade = pictures()["grade"]
    row = score(pictures(width=np.where(grade == 2, 640, 300)), "width")
    assert row["balanced_accuracy"] == pytest.approx(2 / 3, abs=0.12)
    assert row["leaks"]


def test_a_range_of_a_number_with_many_values_is_found():
    table = pictures(300)
    noise = np.random.default_rng(3).uniform(0, 0.3, 300)
    row = score(table.assign(mean_brightness=table["grade"] / 3 + noise), "mean_brightness")
    assert row["balanced_accuracy"] > 0.9
    assert row["leaks"]


def test_attributes_that_say_the_same_are_one_fact():
    """Width and height go together one to one; the mode tells grade 2 as well, but not which of the others."""
    grade = pictures()["grade"]
    table = pictures(width=grade.map({0: 300, 1: 310, 2: 640}), height=grade.map({0: 160, 1: 170, 2: 480}))
    table["mode"] = np.where(grade == 2, "RGB", "L")
    found = leakage.score_attributes(table, 100, 0.0, seed=1).set_index("attribute")
    assert found["same_as"].to_dict() == dict.fromkeys(leakage.ATTRIBUTES, "") | {"height": "width"}
    assert found.loc[["width", "height", "mode"], "leaks"].all()
    scores = ["balanced_accuracy", "lower", "upper", "p_value", "leaks"]
    assert found.loc["width", scores].tolist() == found.loc["height", scores].tolist()
    assert leakage.leaking(found.reset_index()) == ["width", "mode"]
    assert leakage.metrics(found.reset_index())["leaking_attributes"] == 2


def test_a_small_effect_is_no_alarm():
    """Of 3,000 pictures the mode tells a little: the p-value is small, and the accuracy hardly above chance."""
    table = pictures(3000)
    rare = (table["grade"] == 2) & (np.random.default_rng(0).uniform(size=3000) < 0.06)
    table["mode"] = np.where(rare, "RGB", "L")
    found = {gain: leakage.score_attributes(table, 100, gain, seed=1).set_index("attribute") for gain in (0.0, 0.1)}
    assert found[0.0].loc["mode", "p_value"] <= 0.05
    assert found[0.0].loc["mode", "balanced_accuracy"] < 1 / 3 + 0.1
    assert found[0.0].loc["mode", "leaks"]
    assert not found[0.1].loc["mode", "leaks"]


def test_noise_seldom_leaks():
    found = sum(leakage.score_attributes(pictures(seed=seed), 60, 0.0, seed)["leaks"].sum() for seed in range(40))
    assert found <= 6  # about 5% of 40 runs; the chance of more than 6 is below 1 in 200


def copied(table: pd.DataFrame, times: int) -> pd.DataFrame:
    """Each picture of `table` so many times, as nearly alike copies of one unit are."""
    return table.loc[table.index.repeat(times)].reset_index(drop=True)


def test_copies_of_a_picture_are_no_further_evidence():
    """Ten copies of each of 30 units say what one of each says; as 300 units, noise would seem to reveal the grade."""
    for seed in range(5):
        one, ten = (score(copied(pictures(30, seed), times), "mean_brightness") for times in (1, 10))
        assert ten[["balanced_accuracy", "p_value"]].tolist() == one[["balanced_accuracy", "p_value"]].tolist()
        assert ten[["lower", "upper"]].tolist() == pytest.approx(one[["lower", "upper"]].tolist())


def test_constant_attributes_and_a_single_grade_have_no_score():
    result = leakage.score_attributes(pictures(), 50, 0.0, seed=1).set_index("attribute")
    assert result["balanced_accuracy"].notna().sum() == 2
    assert np.isnan(result.loc["width", "balanced_accuracy"]) and not result.loc["width", "leaks"]
    alone = leakage.score_attributes(pictures(grade=1), 50, 0.0, seed=1)
    assert alone["balanced_accuracy"].isna().all() and not alone["leaks"].any()


def test_no_images():
    empty = pictures().iloc[:0]
    result = leakage.score_attributes(empty, 50, 0.0, seed=1)
    curation_tables.LEAKAGE.validate(result)
    assert result["distinct_values"].sum() == 0
    values = leakage.value_counts(empty)
    curation_tables.LEAKAGE_VALUES.validate(values)
    assert values.empty
    assert plot_leakage(result, values, GRADES).axes == []


def test_the_same_seed_gives_the_same_table():
    first, second = (leakage.score_attributes(pictures(), 50, 0.0, seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_values_count_every_picture_once_and_tell_which_grade_has_which_value():
    grade = pictures()["grade"]
    size = np.where(grade == 2, "300x162", [f"{600 + number % 14}x161" for number in range(90)])
    values = leakage.value_counts(pictures(dimensions=size))
    assert (values.groupby("attribute")["count"].sum() == 90).all()
    small = values[values["value"] == "300x162"]
    assert small[["attribute", "grade", "count"]].to_numpy().tolist() == [["dimensions", 2, 30]]
    assert "other" in set(values["value"])
    assert (values.groupby("attribute")["value"].nunique() <= MAX_VALUES).all()


def test_ranges_of_a_number_hold_equally_many_images_and_do_not_overlap():
    values = leakage.value_counts(pictures(100, byte_size=np.arange(100) + 1000))
    ranges = values[values["attribute"] == "byte_size"].groupby("value", sort=False)["count"].sum()
    assert ranges.tolist() == [10] * 10
    assert list(ranges.index[:2]) == ["1000 to 1009", "1010 to 1019"]


def test_one_row_per_picture():
    kept = pd.DataFrame({"file_id": ["a", "b", "c", "a"], "severity": [0, 0, 1, 0], "unit": ["u", "u", "v", "u"]})
    facts = {
        "width": 4,
        "height": 2,
        "mode": "L",
        "bit_depth": 8,
        "format": "PNG",
        "byte_size": 9,
        "mean_brightness": 0.5,
    }
    images = pd.DataFrame({"file_id": ["a", "b", "c"], "pixel_digest": ["p", "p", "q"]}).assign(**tags.NONE | facts)
    table = leakage.attributes_of_images(kept, images)
    assert table["grade"].tolist() == [0, 1]
    assert table["unit"].tolist() == ["u", "v"]
    assert table["dimensions"].tolist() == ["4x2", "4x2"]
    assert table["aspect_ratio"].tolist() == [2.0, 2.0]


def test_the_figure_shows_a_panel_per_scored_attribute():
    table = pictures(mode=pictures()["grade"].map({0: "L", 1: "RGB", 2: "I;16"}))
    figure = plot_leakage(leakage.score_attributes(table, 50, 0.0, 1), leakage.value_counts(table), GRADES)
    assert [axes.get_title() for axes in figure.axes] == ["", "mode: leaks", "byte size", "mean brightness"]


def test_what_is_not_found_may_be_hidden():
    """Six pictures of two grades leave much possible; limits near chance leave nothing."""
    few = leakage.score_attributes(pictures(6, mode=["L", "RGB", "L"] * 2), 100, 0.02, seed=1)
    assert not leakage.leaking(few)
    most = leakage.hidden(few, 0.02)
    assert most.attribute in leakage.ATTRIBUTES and not most.excluded
    assert most.upper == few["upper"].max() > most.chance + 0.02
    narrow = few.assign(upper=few["chance"] + 0.01)
    assert leakage.hidden(narrow, 0.02).excluded
    assert leakage.hidden(few.assign(upper=np.nan), 0.02) is None
