"""Tables of coefficients, consensus and skill made from ratings."""

import numpy as np
import pandas as pd
import pytest

from radsieve.curation.agreement import agreement_tables as made
from radsieve.curation.agreement import ratings

GRADES = ["low", "middle", "high"]


def rated(*rows: str, findings: tuple[str, ...] = ()) -> ratings.Ratings:
    """One string per item, a digit per rater, "." for a missing rating."""
    names = findings or ("",) * len(rows)
    readings = [
        (f"image {place:04}", finding, f"R{rater}", GRADES[int(mark)])
        for place, (row, finding) in enumerate(zip(rows, names, strict=True))
        for rater, mark in enumerate(row)
        if mark != "."
    ]
    return ratings.from_readings(pd.DataFrame(readings, columns=ratings.READING), GRADES, "ordinal")


def value_of(table: pd.DataFrame, raters: str, coefficient: str, weighting: str = "none") -> pd.Series:
    found = table.set_index(["raters", "coefficient", "weighting"]).sort_index()
    return found.loc[(raters, coefficient, weighting)]


def test_interval_of_observed_agreement_is_wilson_s():
    """80 of 100 agree: Wilson's interval of a share is 0.7112 to 0.8666."""
    table = made.coefficients(rated(*["00"] * 80, *["01"] * 20), "ordinal", 100, 0.95, 1)
    for raters in ("all", "R0 | R1"):
        agreement = value_of(table, raters, "observed agreement")
        assert agreement["value"] == 0.8
        assert agreement["lower"] == pytest.approx(0.7112, abs=0.001)
        assert agreement["upper"] == pytest.approx(0.8666, abs=0.001)


def test_without_a_disagreement_intervals_keep_a_width():
    """30 of 30 agree, half of them on each of two labels: by Wilson at least 30 / (30 + 1.96^2) = 0.8865 do, and kappa,
    with a chance agreement of 1/2, is at least 1 - 0.1135 / 0.5; Brennan-Prediger with three labels 1 - 0.1135 / (2/3).
    """
    table = made.coefficients(rated(*["00", "11"] * 15), "ordinal", 100, 0.95, 1)
    disagreeing = 1 - 30 / (30 + 1.959964**2)
    defined = table[table["value"].notna()]
    assert (defined["value"] == 1).all() and (defined["lower"] < 0.9).all() and (defined["upper"] == 1).all()
    for name, weighting, expected in (
        ("observed agreement", "none", 1 - disagreeing),
        ("Krippendorff's alpha", "ordinal", 1 - disagreeing / 0.5),
        ("Fleiss' kappa", "quadratic", 1 - disagreeing / 0.5),
        ("Brennan-Prediger", "none", 1 - disagreeing / (2 / 3)),
        ("Gwet's AC1", "none", 1 - disagreeing / (1 - 0.5 / 2)),
    ):
        assert value_of(table, "all", name, weighting)["lower"] == pytest.approx(expected), name


def test_raters_whose_names_hold_the_separator_are_not_mixed_up():
    """`A | B` with C, and A with `B | C`, are two pairs."""
    labels = {"A": "0011", "A | B": "0101", "B | C": "0011", "C": "1010"}
    rows = [
        (f"i{item}", "", name, GRADES[int(one)]) for name, marks in labels.items() for item, one in enumerate(marks)
    ]
    table = made.coefficients(
        ratings.from_readings(pd.DataFrame(rows, columns=ratings.READING), GRADES, "ordinal"), "ordinal", 100, 0.95, 1
    )
    pairs = table[(table["coefficient"] == "observed agreement") & (table["raters"] != "all")]
    assert len(pairs) == pairs["raters"].nunique() == 6
    assert pairs.set_index("raters").loc[['"A | B" | C', 'A | "B | C"'], "value"].tolist() == [0, 1]


def test_alpha_of_ratios_is_for_labels_of_that_level():
    numbers = pd.DataFrame([("x", "", "A", "1"), ("x", "", "B", "2"), ("y", "", "A", "3"), ("y", "", "B", "3")])
    numbers.columns = pd.Index(ratings.READING)
    for level in ("ordinal", "ratio"):
        found = made.coefficients(ratings.from_readings(numbers, GRADES, level), level, 100, 0.95, 1)
        assert ("ratio" in set(found["weighting"])) == (level == "ratio")


def test_two_raters_have_no_interval_of_skill_and_three_never_one_without_width():
    _, confusion, skill, _ = made.consensus(rated(*["00", "11", "12"] * 10), 100, 0.95, 1)
    assert skill["accuracy"].notna().all()
    assert skill[["lower", "upper"]].isna().all(axis=None) and confusion[["lower", "upper"]].isna().all(axis=None)
    skill = made.consensus(rated(*["000", "111"] * 10), 100, 0.95, 1)[2]
    assert (skill["accuracy"] == 1).all()
    assert skill["lower"].to_numpy() == pytest.approx(20 / (20 + 1.959964**2))


def test_each_pair_of_raters_rests_on_the_items_both_rated():
    table = made.coefficients(rated("00.", "11.", "22.", "0.1", "1.1"), "ordinal", 100, 0.95, 1)
    assert value_of(table, "R0 | R1", "Cohen's kappa", "quadratic")[["value", "items"]].tolist() == [1, 3]
    assert value_of(table, "R0 | R2", "observed agreement")[["value", "items"]].tolist() == [0.5, 2]
    nothing = value_of(table, "R1 | R2", "Cohen's kappa")
    assert nothing["items"] == 0
    assert nothing[["value", "lower", "upper"]].isna().all()
    assert value_of(table, "all", "Fleiss' kappa")["items"] == 5


def test_level_nominal_asks_for_no_order():
    table = made.coefficients(rated("00", "12"), "nominal", 100, 0.95, 1)
    assert set(table["weighting"]) == {"none", "nominal"}


def test_the_seed_decides_the_interval():
    items = rated(*["00", "01", "11", "22", "12"] * 6)
    first, again, other = (made.coefficients(items, "ordinal", 100, 0.9, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first["lower"].equals(other["lower"])
    pd.testing.assert_series_equal(first["value"], other["value"])


def test_findings_by_themselves():
    items = rated("00", "11", "01", "10", findings=("mass", "mass", "nodule", "nodule"))
    table = made.finding_coefficients(items, "nominal", 100, 0.95, 1).set_index(["finding", "coefficient"])
    assert table.loc[("mass", "observed agreement"), "value"] == 1
    assert table.loc[("nodule", "observed agreement"), "value"] == 0


def test_consensus_follows_the_better_raters_and_a_tie_goes_to_the_lower_label():
    items = rated(*["000", "111", "222"] * 20, *["002", "110", "221"] * 3)
    consensus, _, skill, fit = made.consensus(items, 100, 0.95, 1)
    assert consensus["label"].tail(9).tolist() == ["low", "middle", "high"] * 3
    skill = skill.set_index("rater")
    assert skill["accuracy"].idxmin() == "R2"
    assert (skill["lower"] <= skill["accuracy"]).all()
    assert (skill["accuracy"] <= skill["upper"]).all()
    assert skill.loc["R2", "agreement_with_others"] == pytest.approx(60 / 69)
    assert (np.diff(fit.log_likelihood[:, 0]) >= -1e-9).all()
    tied = made.consensus(rated(*["00", "11"] * 10, "10"), 100, 0.95, 1)[0]
    assert tied.iloc[-1][["label", "probability"]].tolist() == ["low", pytest.approx(0.5)]


def test_a_single_rater_has_no_agreement_but_a_consensus():
    items = rated("0", "1")
    table = made.coefficients(items, "ordinal", 100, 0.95, 1)
    assert table["value"].isna().all()
    consensus, _, skill, _ = made.consensus(items, 100, 0.95, 1)
    assert consensus["label"].tolist() == ["low", "middle"]
    assert skill["agreement_with_others"].isna().all()
    assert skill["accuracy"].isna().all()  # nothing can tell it
    found = made.metrics(items, table, consensus, None, "ordinal")
    assert (found["alpha"], found["consensus_against_majority"]) == (None, 0)
    assert "no item has two ratings" in made.warnings(found)[0]


def test_a_consensus_against_the_majority_is_counted_and_said():
    items = rated("100", "002", *["000"] * 10)
    consensus, _, _, fit = made.consensus(items, 100, 0.95, 1)
    found = made.metrics(items, made.coefficients(items, "ordinal", 100, 0.95, 1), consensus, fit, "ordinal")
    assert found["consensus_against_majority"] == 2
    assert "2 items" in made.warnings(found)[0]
    smoothed = made.consensus(items, 100, 0.95, 1, smoothing=0.01)[0]
    assert made.against_majority(items, smoothed) == 0


def test_one_label_alone_agrees_and_has_no_coefficient_beyond_chance():
    readings = [(str(item), "", rater, "1") for item in range(3) for rater in "AB"]
    items = ratings.from_readings(pd.DataFrame(readings, columns=ratings.READING), [], "ordinal")
    table = made.coefficients(items, "ordinal", 100, 0.95, 1).set_index("coefficient")
    assert table.loc["Conger's kappa", "value"].isna().all()
    assert (table.loc["observed agreement", "value"] == 1).all()
    assert (table.loc["observed agreement", "lower"] < 1).all()
