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


def test_interval_of_percent_agreement_is_that_of_a_proportion():
    """80 of 100 agree: the normal approximation of the binomial gives 0.8 -+ 1.96 sqrt(0.8 * 0.2 / 100)."""
    table = made.coefficients(rated(*["00"] * 80, *["01"] * 20), "ordinal", 4000, 0.95, 1)
    agreement = value_of(table, "all", "percent agreement")
    assert agreement["value"] == 0.8
    assert agreement["lower"] == pytest.approx(0.8 - 0.0784, abs=0.011)
    assert agreement["upper"] == pytest.approx(0.8 + 0.0784, abs=0.011)


def test_each_pair_of_raters_rests_on_the_items_both_rated():
    table = made.coefficients(rated("00.", "11.", "22.", "0.1", "1.1"), "ordinal", 100, 0.95, 1)
    assert value_of(table, "R0 | R1", "Cohen's kappa", "quadratic")[["value", "items"]].tolist() == [1, 3]
    assert value_of(table, "R0 | R2", "percent agreement")[["value", "items"]].tolist() == [0.5, 2]
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
    assert table.loc[("mass", "percent agreement"), "value"] == 1
    assert table.loc[("nodule", "percent agreement"), "value"] == 0


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
    assert made.metrics(items, table, None, "ordinal")["alpha"] is None
