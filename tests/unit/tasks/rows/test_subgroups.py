"""Results by subgroup: one in which a model knows nothing, and one for which it expects too much."""

import numpy as np
import pandas as pd
import pytest
from defaults import changed, settings

from radsieve.errors import InputError
from radsieve.tasks.rows.folds import folded
from radsieve.tasks.rows.subgroups import by_subgroup, check_columns
from radsieve.tasks.tables import ROW_SUBGROUPS

COLUMNS = pd.DataFrame({"column": ["sex", "age"], "kind": ["code", "number"]})


def study(**options):
    random = np.random.default_rng(2)
    count = 2000
    sex, age = random.choice(["f", "Female", "m", "M"], count), random.integers(20, 80, count).astype(float)
    score = random.random(count)
    chance = np.where(np.char.lower(sex) < "m", score, 0.5)  # of men the score says nothing
    rows = pd.DataFrame({"_unit": [f"u{n:04d}" for n in range(count)], "sex": sex, "age": age})
    rows["_target"] = (random.random(count) < np.where(age < 60, chance, 0.7 * chance)).astype(int)
    rows.loc[:4, "age"] = np.nan
    chosen = changed(settings("classify_rows.diabetes"), subgroups=("sex",), age="age", age_bands=(60,), **options)
    return by_subgroup(folded(rows, 5000, 4, 1, "x"), {"logistic": score}, chosen)


def test_each_subgroup_has_its_area_and_what_was_expected():
    found = ROW_SUBGROUPS.validate(study()).set_index(["column", "value", "metric"])
    women, men = (found.loc["sex", sex, "roc_auc"] for sex in "FM")
    assert men["lower"] < 0.5 < men["upper"] and women["lower"] > 0.7
    assert women["difference"] == pytest.approx(women["estimate"] - men["estimate"])
    assert women["holm"] < 0.001
    old = found.loc["age", "60 and over", "observed_minus_expected"]
    assert old["upper"] < 0 and old["difference_upper"] < 0 and old["holm"] < 0.01
    assert found.loc[("age", "not stated", "roc_auc"), "rows"] == 5
    assert np.isnan(found.loc[("age", "not stated", "roc_auc"), "estimate"]), "too few"


def test_an_age_in_codes_has_no_subgroups_and_the_log_says_so(caplog):
    rows = pd.DataFrame({"_unit": [f"u{n}" for n in range(60)], "_target": [0, 1] * 30, "age": ["18-24", "25-29"] * 30})
    chosen = changed(settings("classify_rows.diabetes"), subgroups=(), age="age")
    assert by_subgroup(folded(rows, 100, 3, 1, "x"), {"any": np.linspace(0, 1, 60)}, chosen).empty
    assert "age: there are no subgroups, since in every row it is not stated" in caplog.text


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"subgroups": ("sex", "height"), "age": None}, r"x\.subgroups: .* height; .* sex, age, or \[\]"),
        ({"subgroups": (), "age": "Age"}, r"x\.age: .* Age; .* sex, age, or none"),
    ],
)
def test_a_column_that_the_table_does_not_have(changes, place):
    with pytest.raises(InputError, match=place):
        check_columns(COLUMNS, changed(settings("classify_rows.diabetes"), **changes), "x")
