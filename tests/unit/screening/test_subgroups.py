"""Results by subgroup, and the column that carries what images belong to."""

import numpy as np
import pandas as pd
import pytest

from radsieve.screening.subgroups import Resampling, classifier_subgroups, mean_subgroups, subgroups_of
from radsieve.screening.tables import SUBGROUPS
from radsieve.tables.subgroups import LONGEST_LIFE, NOT_STATED, age_band, joined, parted

DRAWN = Resampling(200, 0.95, 1)


def images(sexes):
    return pd.DataFrame({"subgroups": [f"sex={sex}" for sex in sexes]})


def test_attributes_survive_the_way_through_a_table():
    attributes = pd.DataFrame({"sex": ["F", " ", "M"], "view": ["PA; erect", "AP", "a=b"]})
    entries = joined(attributes)
    assert entries.tolist() == ["sex=F; view=PA, erect", f"sex={NOT_STATED}; view=AP", "sex=M; view=a=b"]
    assert parted(entries).to_dict("list") == {"sex": ["F", NOT_STATED, "M"], "view": ["PA, erect", "AP", "a=b"]}
    assert parted(pd.Series(["", ""])).shape == (2, 0)


@pytest.mark.parametrize(
    ("age", "band"),
    [("39.99", "under 40"), ("40", "40 to under 60"), ("060Y", "60 and over"), ("", ""), ("3M", ""), ("old", "")],
)
def test_ages_fall_into_bands(age, band):
    assert age_band(age, (40, 60)) == band


@pytest.mark.parametrize(("age", "band"), [("130", "60 and over"), ("131", ""), ("999", ""), ("-5", "")])
def test_an_age_that_nobody_reaches_is_not_stated(age, band):
    assert age_band(age, (40, 60), LONGEST_LIFE) == band


@pytest.mark.parametrize("column", ["sex", "Sex", "PatientSex", "Patient Gender", "patient_sex"])
def test_a_sex_has_one_form(column):
    given = pd.DataFrame({column: ["F", "f", " Female", "M", "male", "Other", "1", "unknown", ""]})
    assert parted(joined(given))[column].tolist() == ["F", "F", "F", "M", "M", "O", "1", "unknown", NOT_STATED]


def test_letters_of_what_is_no_sex_are_kept():
    assert parted(joined(pd.DataFrame({"size": ["m", "M", "male"]})))["size"].tolist() == ["m", "M", "male"]


def test_subgroups_are_in_order_and_what_is_the_same_for_all_is_none():
    table = pd.DataFrame(
        {
            "subgroups": [f"age={age}; site=A" for age in ("60 and over", "under 40", NOT_STATED, "40 to under 60")],
        }
    )
    assert [(name, value, rows.tolist().index(True)) for name, value, rows in subgroups_of(table)] == [
        ("age", "under 40", 1), ("age", "40 to under 60", 3), ("age", "60 and over", 0), ("age", NOT_STATED, 2),
    ]  # fmt: skip


def test_what_is_missed_in_men_is_seen():
    """16 abnormal women, of whom 15 are found, and 19 abnormal men, of whom 11 are."""
    sexes = ["F"] * 30 + ["M"] * 40
    truth = np.concatenate([np.repeat([1, 0], [16, 14]), np.repeat([1, 0], [19, 21])])
    probability = np.where(truth == 1, 0.8, 0.1)
    probability[[0, *range(30, 38)]] = 0.3
    names = [str(number) for number in range(70)]
    predictions = pd.DataFrame({"patient": names, "unit": names, "truth": truth, "probability": probability})
    found = SUBGROUPS.validate(classifier_subgroups(predictions, images(sexes), 0.5, DRAWN))
    men = found[found["subgroup"] == "M"].set_index("measure")
    assert men.loc["sensitivity", ["count", "of"]].tolist() == [11, 19]
    assert men.loc["sensitivity", "difference"] == pytest.approx(11 / 19 - 15 / 16)
    assert men.loc["sensitivity", "difference_upper"] < 0
    assert men.loc["specificity", ["count", "of", "value"]].tolist() == [21, 21, 1]
    assert men.loc["specificity", "lower"] < 0.9
    assert men.loc["roc_auc", "lower"] < men.loc["roc_auc", "value"] == 1  # no degenerate interval
    assert men.loc["prevalence", "value"] == pytest.approx(19 / 40)
    assert men.loc["mean_probability", "value"] == pytest.approx((11 * 0.8 + 8 * 0.3 + 21 * 0.1) / 40)


def test_a_mean_of_few_units_has_no_interval():
    names = [str(number) for number in range(12)]
    scores = pd.DataFrame({"patient": names, "unit": names, "dice": np.linspace(0.5, 0.9, 12)})
    found = SUBGROUPS.validate(mean_subgroups(scores, images(["F"] * 4 + ["M"] * 8), "dice", DRAWN))
    women, men = (found[found["subgroup"] == sex].iloc[0] for sex in "FM")
    assert women["value"] == pytest.approx(scores["dice"][:4].mean())
    assert np.isnan(women["lower"]) and np.isnan(women["difference_lower"])
    assert men["lower"] < men["value"] < men["upper"]
    assert (men["positive_units"], men["negative_units"]) == (0, 8)


def test_views_of_the_same_patients_are_not_compared_as_if_they_were_of_others():
    """Twelve patients, each with an image of either view: what their errors have in common is not known here."""
    names = [str(number % 12) for number in range(24)]
    scores = pd.DataFrame({"patient": names, "unit": names, "dice": np.tile(np.linspace(0.5, 0.9, 12), 2)})
    views = pd.DataFrame({"subgroups": [f"view={view}" for view in ["PA"] * 12 + ["AP"] * 12]})
    found = mean_subgroups(scores, views, "dice", DRAWN)
    assert found["lower"].notna().all() and found[["difference_lower", "difference_upper"]].isna().all(axis=None)
