"""A table in one form: outcomes, what is missing, units, and settings that do not fit it."""

import json

import pandas as pd
import pytest
from defaults import settings
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from radsieve.errors import InputError
from radsieve.tasks.rows.models import columns_of
from radsieve.tasks.rows.packing import pack
from radsieve.tasks.rows.reading import codebook, from_codebook, readings
from radsieve.tasks.tables import CODEBOOK, modelled, packed

SPLITS = settings("splits")


def options(**changes):
    of = {"target": "died", "numbers": ["age"], "codes": ["sex"], "missing_numbers": [], "positive": ["yes"]}
    return settings("pack_tables.diabetes", **of | {"negative": ["no"]} | changes)


def table(rows, columns=("age", "sex", "died")):
    return pd.DataFrame(rows, columns=list(columns))


ZERO = [{"columns": ["age"], "numbers": [0]}]
ROWS = [("31", "f", "yes"), ("", "98", "no"), ("0", "m", "no"), ("old", "m", "no"), ("7", "f", "?")]


def test_values_are_typed_and_faults_are_told_by_line():
    found = pack(table(ROWS), options(missing_numbers=ZERO, missing_codes=["98"]), SPLITS, "x")
    assert found.rows["_row"].tolist() == [2, 3, 4]
    assert found.rows["_target"].tolist() == [1, 0, 0]
    assert found.rows["age"].isna().tolist() == [False, True, True]
    assert found.rows["sex"].tolist() == ["f", "", "m"]
    assert found.quarantine.to_numpy().tolist() == [
        [5, "age", "not a number", "old"],
        [6, "died", "outcome is not known", "?"],
    ]
    assert found.columns.to_numpy().tolist() == [["age", "number", "before", 2, 1], ["sex", "code", "before", 1, 2]]
    packed(found.columns).validate(found.rows)


def test_all_that_is_not_negative_is_positive():
    found = pack(table([("1", "f", "01/02"), ("2", "f", "no"), ("3", "f", "")]), options(positive=[]), SPLITS, "x")
    assert found.rows["_target"].tolist() == [1, 0]
    assert found.quarantine["line"].tolist() == [4]


@pytest.mark.parametrize("none", ["positive", "negative"])
def test_an_outcome_that_is_missing_is_neither(none):
    rows = table([("1", "f", "yes"), ("2", "f", "no"), ("3", "f", "N/A")])
    found = pack(rows, options(missing_codes=["N/A"], **{none: []}), SPLITS, "x")
    assert found.rows["_target"].tolist() == [1, 0]
    assert found.quarantine.to_numpy().tolist() == [[4, "died", "outcome is not known", "N/A"]]
    named = pack(rows, options(missing_codes=["N/A"], negative=["no", "N/A"]), SPLITS, "x")
    assert named.rows["_target"].tolist() == [1, 0, 0]


def test_numbers_whose_square_is_infinite_are_left_out():
    rows = [("1e300", "f", "yes"), ("inf", "f", "yes"), ("-2e30", "f", "yes"), ("7", "f", "yes"), ("8", "m", "no")]
    found = pack(table(rows), options(), SPLITS, "x")
    assert found.rows["age"].tolist() == [7, 8]
    assert found.quarantine["reason"].tolist() == ["beyond 1e30", "not a number", "beyond 1e30"]


def test_columns_may_have_any_name():
    names = ("name", "sizes, in $", "died")
    found = pack(table(ROWS[:3], names), options(numbers=["name"], codes=["sizes, in $"]), SPLITS, "x")
    packed(found.columns).validate(found.rows)


def test_what_took_no_part_is_counted():
    rows = table([("1", "f", "yes", "7", "x"), ("1", "f", "?", "7", "x"), ("1", "f", "?", "7", "x"),
                  ("2", "m", "no", "8", "x")], ("age", "sex", "died", "who", "note"))  # fmt: skip
    found = pack(rows, options(unit="who"), SPLITS, "x").metrics
    assert found["columns_left_out"] == 1, "neither the outcome nor the unit"
    assert (found["quarantined"], found["equal_rows"]) == (2, 0), "only rows that are left count as equal"


def test_equal_rows_are_people_or_copies():
    rows = table([("1", "f", "yes"), ("1", "f", "yes"), ("2", "m", "no")])
    apart, together = (pack(rows, options(equal_rows=of), SPLITS, "x") for of in ("apart", "together"))
    assert apart.metrics["units"] == 3 and together.metrics["units"] == 2
    assert apart.metrics["equal_rows"] == together.metrics["equal_rows"] == 1


def test_the_rows_of_a_unit_are_together_however_it_is_written():
    rows = table([("1", "f", "yes", " P7"), ("2", "f", "no", "p07"), ("3", "m", "no", "8")], (*"ab", "died", "who"))
    found = pack(rows, options(numbers=["a"], codes=["b"], unit="who"), SPLITS, "x")
    assert found.rows["_unit"].nunique() in (2, 3)
    first = pack(rows.assign(who=["7", "7.0", "8"]), options(numbers=["a"], codes=["b"], unit="who"), SPLITS, "x")
    assert first.rows["_unit"][0] == first.rows["_unit"][1] != first.rows["_unit"][2]


@pytest.mark.parametrize("code", ["NA", "#N/A", "unknown", "-", "#REF!"])
def test_rows_of_nobody_are_no_unit(code):
    rows = table([("1", "f", "yes", code), ("2", "f", "no", code), ("3", "m", "no", "8")], (*"ab", "died", "who"))
    found = pack(rows, options(numbers=["a"], codes=["b"], unit="who"), SPLITS, "x")
    assert found.rows["_unit"].nunique() == 3


def test_a_unit_that_a_spreadsheet_has_shortened_is_refused():
    rows = table([("1", "f", "yes", "1.23E+15"), ("2", "f", "no", "8")], (*"ab", "died", "who"))
    with pytest.raises(InputError, match=r"'who': 1\.23E\+15 is a number that a spreadsheet has shortened"):
        pack(rows, options(numbers=["a"], codes=["b"], unit="who"), SPLITS, "x")


@pytest.mark.parametrize("code", ["#REF!", "#N/A", "#VALUE!"])
def test_an_error_of_a_spreadsheet_is_neither_a_code_nor_an_outcome(code):
    rows = table([("1", "f", "01/02"), ("2", code, "no"), ("3", "f", code), ("4", "m", "no")])
    found = pack(rows, options(positive=[]), SPLITS, "x")
    assert found.rows["_row"].tolist() == [2, 5]
    assert found.quarantine.to_numpy().tolist() == [
        [3, "sex", "error of a spreadsheet", code],
        [4, "died", "outcome is not known", code],
    ]


def test_codes_in_another_form_of_unicode_are_the_same():
    rows = table([("1", "Z\u00fcrich", "yes"), ("2", "Zu\u0308rich", "no")])
    levels = [{"columns": ["sex"], "levels": ["Z\u00fcrich"]}]
    for changed in ({}, {"levels": levels}):
        assert pack(rows, options(**changed), SPLITS, "x").rows["sex"].tolist() == ["Z\u00fcrich"] * 2


def test_an_empty_row_is_nobody():
    rows = table([("1", "f", "x"), ("", "", ""), ("", "", "x"), ("2", "m", "x")])
    found = pack(rows, options(target="none", positive=[], negative=[]), SPLITS, "x")
    assert found.rows["_row"].tolist() == [2, 4, 5]
    assert found.quarantine[["line", "reason"]].to_numpy().tolist() == [[3, "empty row"]]


def test_decimal_commas_are_read_and_told(caplog):
    rows = [("1,5", "f", "yes"), ("-0,250", "f", "no"), ("12", "f", "no"), ("NA", "f", "no")]
    found = pack(table(rows), options(missing_codes=["NA"]), SPLITS, "x")
    assert found.rows["age"].dropna().tolist() == [1.5, -0.25, 12]
    assert "age: 2 numbers" in caplog.text and "1,5" in caplog.text
    assert found.quarantine.empty


@pytest.mark.parametrize("other", ["2.5", "1,250", "12,345,678"])
def test_decimal_commas_beside_points_or_thousands_are_told(other):
    with pytest.raises(InputError, match=r"'1,5'.*decimals with a point"):
        pack(
            table([("1,5", "f", "yes"), ("2,5", "m", "no"), ("3,5", "m", "no"), (other, "m", "no")]),
            options(),
            SPLITS,
            "x",
        )


def test_a_code_for_what_is_missing_may_be_a_word_that_is_a_number_to_computers():
    rows = [("inf", "f", "yes"), ("7", "f", "yes"), ("8", "m", "no")]
    found = pack(table(rows), options(missing_codes=["inf"]), SPLITS, "x")
    assert found.rows["age"].isna().tolist() == [True, False, False]
    assert found.quarantine.empty


def test_words_for_what_is_missing_hold_for_numbers_too_and_numbers_do_not():
    """97 may be an age, NA is none."""
    rows = table([("97", "97", "yes"), ("NA", "NA", "no"), ("5", "f", "no")])
    found = pack(rows, options(missing_codes=["97", "NA"]), SPLITS, "x")
    assert found.quarantine.empty
    assert found.rows["age"].isna().tolist() == [False, True, False]
    assert found.rows["sex"].tolist() == ["", "", "f"]


def test_cells_with_several_items():
    rows = table([("1", "b | a|b", "yes"), ("2", "", "no"), ("3", " | ", "no")])
    found = pack(rows, options(codes=[], lists=["sex"], separator="|"), SPLITS, "x")
    assert found.rows["sex"].tolist() == ['["b", "a"]', "", ""]
    assert found.columns.to_numpy().tolist()[1] == ["sex", "list", "before", 2, 1]
    packed(found.columns).validate(found.rows)


def test_a_table_without_an_outcome_and_units_in_a_path():
    rows = table([("1", "f", "a/p1/x"), ("2", "m", "a/p1/y"), ("old", "m", "a/p2/x")], ("age", "sex", "path"))
    given = {"target": None, "positive": [], "negative": [], "unit": "path", "unit_pattern": r"/(p\d+)/"}
    found = pack(rows, options(**given), SPLITS, "x")
    assert "_target" not in found.rows
    assert found.rows["_unit"].iloc[0] == found.rows["_unit"].iloc[1]
    assert (found.metrics["rows"], found.metrics["positive"], found.metrics["quarantined"]) == (2, 0, 1)
    packed(found.columns).validate(found.rows)


@budget(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 99), st.sampled_from("fm")), min_size=1, max_size=30), st.integers(0, 30))
@pytest.mark.slow
def test_rows_that_are_added_move_no_other(people, place):
    rows = [(str(age), sex, "no") for age, sex in people] + [("200", "f", "yes")]
    more = [*rows[:place], ("201", "x", "no"), *rows[place:]]
    before, after = (pack(table(of), options(equal_rows="together"), SPLITS, "x").rows for of in (rows, more))
    kept = after[after["age"] != 201]
    assert kept["_split"].tolist() == before["_split"].tolist()
    assert kept["_unit"].tolist() == before["_unit"].tolist()


def test_a_code_for_what_is_missing_counts_as_a_number_and_the_log_says_so(caplog):
    rows = [("99", "99", "yes"), ("99", "f", "no"), ("40", "f", "yes")]
    found = pack(table(rows), options(missing_codes=["99", "NA"]), SPLITS, "x").rows
    assert found["age"].tolist() == [99, 99, 40] and found["sex"].tolist() == ["", "f", "f"]
    (told,) = caplog.messages
    assert "99 stands 2 times in age" in told


@pytest.mark.parametrize(
    "changes", [{"missing_codes": ["0"], "missing_numbers": ZERO}, {"missing_codes": ["99"], "ranges": [
        {"columns": ["age"], "low": 0, "high": 90}]}],
)  # fmt: skip
def test_a_code_that_does_not_count_as_a_number_is_not_said_to(changes, caplog):
    pack(table([("0", "f", "yes"), ("99", "f", "no"), ("40", "f", "no")]), options(**changes), SPLITS, "x")
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "dead"}, "no column dead; there are age, sex, died"),
        ({"codes": ["sex", "age"]}, "age may be named once"),
        ({"missing_numbers": [{"columns": ["sex"], "numbers": [0]}]}, "missing_numbers: sex is not in `numbers`"),
        ({"missing_numbers": ZERO * 2}, "missing_numbers: age may be named once"),
        ({"after": ["icu"]}, "after: icu is not in .*`texts`"),
        ({"after": ["age", "sex"]}, "no column of `numbers`, `orders` and `codes` is known before the outcome"),
        ({"numbers": [], "codes": []}, "no column of `numbers`, `orders` and `codes` is known before the outcome"),
        ({"at": ["age"], "after": ["age"]}, "age is in both `at` and `after`"),
        ({"negative": ["yes"]}, "yes is both positive and negative"),
        ({"positive": [], "negative": []}, "name the values"),
        ({"target": None}, "without a target nothing is positive"),
        ({"unit": "sex", "unit_pattern": "("}, "unit_pattern = '\\('.* not a regular expression"),
        ({"unit": "sex", "unit_pattern": "f"}, "needs one pair of parentheses"),
        ({"unit_pattern": "(f)"}, "name the column `unit`"),
        ({"positive": ["maybe"]}, "no row has the outcome 1"),
        ({"positive": ["maybe"], "negative": ["perhaps"]}, "no row is left"),
    ],
)
def test_settings_that_do_not_fit(changes, message):
    with pytest.raises(InputError, match=message):
        pack(table(ROWS), options(**changes), SPLITS, "x")


def test_a_column_with_a_name_of_the_packed_table():
    with pytest.raises(InputError, match="_row is a name of the packed table"):
        pack(table(ROWS, ("_row", "sex", "died")), options(numbers=["_row"]), SPLITS, "x")


def test_a_column_that_differs_from_its_kind():
    rows = table([("old", "f", "yes"), ("young", "m", "no"), ("7", "m", "no"), ("", "f", "no")])
    with pytest.raises(
        InputError, match=r"x\.numbers: 2 of 3 values of age are no numbers \(the first: 'old'\); is it"
    ):
        pack(rows, options(), SPLITS, "x")


def test_an_outcome_with_an_unknown_code_is_left_out_and_one_of_one_class_is_an_error():
    found = pack(table([*ROWS[:3], ("5", "m", "9")]), options(), SPLITS, "x")
    assert found.quarantine.to_numpy().tolist() == [[5, "died", "outcome is not known", "9"]]
    with pytest.raises(InputError, match="no row has the outcome 0"):
        pack(table([ROWS[0], ROWS[0]]), options(), SPLITS, "x")


def test_a_code_that_is_none_of_the_known_ones_is_left_out_by_line():
    rows = table([("1", "f", "yes"), ("2", "7", "no"), ("3", "", "no"), ("4", "98", "no"), ("5", "F", "yes")])
    known = [{"columns": ["sex"], "levels": ["f", "m"]}]
    found = pack(rows, options(missing_codes=["98"], levels=known), SPLITS, "x")
    assert found.rows["sex"].tolist() == ["f", "", ""]
    assert found.quarantine.to_numpy().tolist() == [[3, "sex", "unknown code", "7"], [6, "sex", "unknown code", "F"]]
    assert (found.metrics["quarantined"], found.metrics["codes_of_any_level"]) == (2, 0)
    without = pack(rows, options(missing_codes=["98"]), SPLITS, "x")
    assert without.rows["sex"].tolist() == ["f", "7", "", "", "F"], "any value is a level"
    assert without.metrics["codes_of_any_level"] == 1


def test_numbers_outside_of_their_range_are_left_out_and_zero_may_be_missing():
    rows = table([("18", "f", "yes"), ("90", "f", "no"), ("17.5", "f", "no"), ("91", "f", "no"), ("0", "m", "no")])
    limits = [{"columns": ["age"], "low": 18, "high": 90}]
    found = pack(rows, options(ranges=limits, missing_numbers=ZERO), SPLITS, "x")
    assert found.rows["age"].tolist()[:2] == [18, 90] and found.rows["age"].isna().tolist() == [False, False, True]
    reason = "outside of 18 to 90"
    assert found.quarantine.to_numpy().tolist() == [[4, "age", reason, "17.5"], [5, "age", reason, "91"]]
    assert pack(rows, options(ranges=limits), SPLITS, "x").quarantine["value"].tolist() == ["17.5", "91", "0"]


def test_numbers_that_are_missing_in_some_columns_are_so_however_they_are_written(caplog):
    rows = table(
        [("99", "1", "yes"), ("99.0", "99", "no"), ("9999999", "3", "no"), ("0.5", "-0", "no"), ("NA", "0", "no")]
    )
    missing = [{"columns": ["age"], "numbers": [99, 9999999, 0.5]}]
    asked = options(numbers=["age", "sex"], codes=[], missing_numbers=missing, missing_codes=["99", "NA"])
    found = pack(rows, asked, SPLITS, "x")
    assert found.rows["age"].isna().all()
    assert found.rows["sex"].tolist() == [1, 99, 3, 0, 0]
    assert ["99 stands 1 times in sex" in told for told in caplog.messages] == [True]
    assert json.loads(found.codebook["missing"][0]) == ["NA", "99", "9999999", "0.5"]


def test_levels_in_an_order_are_numbers():
    rows = table([("high", "f", "yes"), ("low", "f", "no"), ("", "m", "no"), ("?", "m", "no"), ("High", "m", "no")])
    order = [{"columns": ["age"], "levels": ["low", "middle", "high"]}]
    found = pack(rows, options(numbers=[], orders=order, missing_codes=["?"]), SPLITS, "x")
    assert found.rows["age"].tolist()[:2] == [3, 1] and found.rows["age"].isna().tolist() == [False] * 2 + [True] * 2
    assert found.quarantine.to_numpy().tolist() == [[6, "age", "unknown level", "High"]]
    assert found.columns.to_numpy().tolist()[0] == ["age", "number", "before", 2, 2]
    packed(found.columns).validate(found.rows)


def test_free_texts_are_counted_and_no_model_takes_them():
    rows = table([("1", "fell off a horse", "yes"), ("2", "", "no"), ("3", "cough", "no")])
    found = pack(rows, options(codes=[], texts=["sex"]), SPLITS, "x")
    assert found.columns.to_numpy().tolist()[1] == ["sex", "text", "before", 1, 2]
    assert columns_of(found.columns, ("before",)) == ["age"]
    assert modelled(found.columns)["column"].tolist() == ["age"]
    packed(found.columns).validate(found.rows)


def test_how_columns_are_read_comes_back_from_the_codebook():
    changes = {
        "numbers": ["age"],
        "orders": [{"columns": ["grade", "stage"], "levels": ["I", "II"]}],
        "codes": ["sex"],
        "texts": ["note"],
        "missing_numbers": ZERO,
        "missing_codes": ["97", "NA"],
        "ranges": [{"columns": ["age"], "low": 0, "high": 120.5}],
        "levels": [{"columns": ["sex"], "levels": ["f", "m, or ü"]}],
    }
    how = readings(options(**changes))
    assert [one.kind for one in how] == ["number", "order", "order", "code", "text"]
    assert how[0].missing == ("NA", "0") and how[3].missing == ("97", "NA"), "97 may be an age"
    assert from_codebook(CODEBOOK.validate(codebook(how))) == how


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"levels": [{"columns": ["age"], "levels": ["f"]}]}, r"levels: age is not in `codes`"),
        ({"ranges": [{"columns": ["sex"], "low": 0, "high": 1}]}, r"ranges: sex is not in `numbers`"),
        ({"ranges": [{"columns": ["age"], "low": 2, "high": 1}]}, r"ranges: age: low 2 is above high 1"),
        ({"levels": [{"columns": ["sex"], "levels": ["f"]}] * 2}, r"levels: sex may be named once"),
        ({"orders": [{"columns": ["age"], "levels": ["1"]}]}, "age may be named once"),
        ({"orders": [{"columns": ["grade"], "levels": ["1"]}]}, "no column grade"),
    ],
)
def test_levels_and_ranges_that_do_not_fit(changes, message):
    with pytest.raises(InputError, match=message):
        pack(table(ROWS), options(**changes), SPLITS, "x")


def test_outcomes_of_another_spelling_are_those_that_are_named_and_the_others_are_told(caplog):
    rows = table([("1", "f", cell) for cell in ("Yes", "yes", "YES ", "No", "unknown", "pending", "No", "?")])
    found = pack(rows, options(positive=["Yes"], negative=[]), SPLITS, "x")
    assert found.rows["_target"].tolist() == [1, 1, 1, 0, 0, 0, 0, 0]
    assert "outcomes taken for one: 'YES ' for 'Yes', 'yes' for 'Yes'" in caplog.text
    assert "pack_tables.x.negative names none: all others are taken for it: 'No' (2), 'unknown' (1)" in caplog.text
    caplog.clear()
    found = pack(table([("1", "f", "1.0"), ("2", "f", "0")]), options(positive=["1"], negative=["0"]), SPLITS, "x")
    assert found.rows["_target"].tolist() == [1, 0] and "names none" not in caplog.text


def test_a_code_for_what_is_missing_is_told_however_the_number_is_written(caplog):
    rows = table([("-9.0", "f", "yes"), ("-9", "f", "no"), ("40", "f", "yes")])
    pack(rows, options(missing_codes=["-9"]), SPLITS, "x")
    assert "-9 stands 2 times in age" in caplog.text


def test_a_pattern_of_units_with_a_part_that_need_not_be_there():
    rows = table([("1", "x_9", "yes"), ("2", "x", "no"), ("3", "x", "no")])
    found = pack(rows, options(codes=[], unit="sex", unit_pattern="x(_9)?"), SPLITS, "x")
    assert found.rows["_unit"].nunique() == 3


@pytest.mark.parametrize("cells", [["1,5", "2,5", "1.1.2000"], ["9,9", "2,5", "1.250"]])
def test_what_is_missing_does_not_say_how_numbers_are_written(cells):
    rows = table([(cell, "f", outcome) for cell, outcome in zip(cells, ("yes", "no", "no"), strict=True)])
    missing = {"1.1.2000", "9,9"}
    found = pack(rows, options(missing_codes=[*missing, "1.250 "]), SPLITS, "x")
    assert len(found.rows) + len(found.quarantine) == 3
    assert pack(rows.replace({"1.250": "2"}), options(missing_codes=[*missing]), SPLITS, "x").quarantine.empty


def test_a_point_without_a_digit_behind_it_is_a_point():
    found = pack(table([("1,5", "f", "no"), ("5.", "f", "no"), ("2", "f", "yes")]), options(), SPLITS, "x")
    assert found.quarantine["value"].tolist() == ["1,5"]
