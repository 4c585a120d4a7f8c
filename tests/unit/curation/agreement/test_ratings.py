"""Ratings of images, and of long tables on the scale that their labels suggest."""

import pandas as pd
import pytest

from radsieve.curation.agreement import ratings
from radsieve.errors import InputError

GRADES = ["0Normal", "1Doubtful", "2Mild"]


def image(number: int) -> str:
    return f"{number:064x}:{number:032x}"


def raw_data(*rows: tuple[str, int, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (expert, image(number), GRADES[grade], f"{expert}/{place}.png")
            for place, (expert, number, grade) in enumerate(rows)
        ],
        columns=["expert", "file_id", "severity", "relative_path"],
    )


def test_images():
    """A copy counts once; A gave image 2 two grades, which is no rating; B did not see image 3."""
    raw = raw_data(("A", 1, 0), ("A", 1, 0), ("A", 2, 0), ("A", 2, 1), ("A", 3, 2), ("B", 1, 1), ("B", 2, 1))
    rated = ratings.from_images(raw, GRADES, ["B", "A", "C"])
    assert rated.raters == ("B", "A")
    assert rated.items == (image(1), image(2), image(3))
    assert rated.codes.tolist() == [[1, 0], [1, -1], [-1, 2]]
    assert rated.contradictions == 1
    assert rated.disagreeing.tolist() == [True, False, False]
    assert rated.scale.shown == ("0", "1", "2")


def test_no_images():
    rated = ratings.from_images(raw_data(), GRADES, ["A", "B"])
    assert (rated.items, rated.raters, rated.disagreeing.tolist()) == ((), (), [])


def test_a_grade_off_the_scale_is_refused():
    with pytest.raises(InputError, match=r"A/0\.png"):
        ratings.from_images(raw_data(("A", 1, 2)), GRADES[:2], ["A"])


def readings(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame([(item, "", rater, label) for item, rater, label in rows], columns=ratings.READING)


def test_scale_of_grades():
    rated = ratings.from_readings(readings(("x", "A", "2Mild"), ("x", "B", "0Normal")), GRADES, "ordinal")
    assert rated.scale.labels == tuple(GRADES)
    assert rated.codes.tolist() == [[2, 0]]


def test_scale_of_numbers_in_their_order_and_equal_numbers_are_one_label():
    given = readings(("x", "R10", "10"), ("x", "R2", "9"), ("y", "R2", "1.50"), ("y", "R10", "10.0"))
    rated = ratings.from_readings(given, GRADES, "interval")
    assert rated.scale.labels == ("1.5", "9", "10")
    assert rated.raters == ("R2", "R10")
    assert rated.codes.tolist() == [[1, 2], [0, 2]]


def test_labels_without_order():
    given = readings(("x", "A", "pear"), ("x", "B", "apple"))
    rated = ratings.from_readings(given, GRADES, "nominal")
    assert (rated.scale.labels, rated.scale.numbers) == (("apple", "pear"), None)
    with pytest.raises(InputError, match=r"level is ordinal.*no order: 'apple', 'pear'"):
        ratings.from_readings(given, GRADES, "ordinal")


def test_not_a_number_is_a_name():
    rated = ratings.from_readings(readings(("x", "A", "nan"), ("x", "B", "1")), GRADES, "nominal")
    assert rated.scale.labels == ("1", "nan")


def test_negative_labels_have_no_ratio():
    given = readings(("x", "A", "-1"), ("x", "B", "1"))
    assert ratings.from_readings(given, GRADES, "interval").scale.labels == ("-1", "1")
    with pytest.raises(InputError, match="ratio needs labels of at least 0; found -1"):
        ratings.from_readings(given, GRADES, "ratio")


def test_no_ratings_are_refused():
    with pytest.raises(InputError, match="contains no rating"):
        ratings.from_readings(readings(), GRADES, "nominal")


def rated_once(*labels: str) -> pd.DataFrame:
    return pd.DataFrame({"subject": [str(n) for n in range(len(labels))], "finding": "", "rater": "A", "label": labels})


def test_labels_that_differ_in_capitals_and_blanks_alone_are_one(caplog):
    """The one most often used, or the grade of that spelling."""
    found = ratings.from_readings(rated_once("normal", "Normal", "normal", "not  normal", "Not normal"), [], "nominal")
    assert found.scale.labels == ("Not normal", "normal")
    assert "'Normal' for 'normal'" in caplog.text
    graded = ratings.from_readings(rated_once("0normal", "1 DOUBTFUL"), ["0Normal", "1 Doubtful"], "ordinal")
    assert graded.scale.labels == ("0Normal", "1 Doubtful")
    apart = ratings.from_readings(rated_once("a", "A"), ["A", "a"], "ordinal")
    assert apart.codes.ravel().tolist() == [1, 0]


def test_an_underscore_makes_no_number_and_a_decimal_comma_does():
    assert ratings.from_readings(rated_once("1_0", "10"), [], "nominal").scale.labels == ("10", "1_0")
    assert ratings.from_readings(rated_once("0,5", "1,0"), [], "interval").scale.labels == ("0.5", "1")


def test_a_column_that_holds_no_labels_is_refused():
    with pytest.raises(InputError, match="1,001 different labels"):
        ratings.from_readings(rated_once(*(f"text {n}" for n in range(1001))), [], "nominal")


def long(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame([(item, "", rater, label) for item, rater, label in rows], columns=ratings.READING)


@pytest.mark.parametrize(
    ("other", "said"),
    [(("X.PNG", "B", "1"), "'X.PNG' and 'x'"), (("07", "B", "1"), "'07' and '7'"), (("x", "a", "1"), "'A' and 'a'")],
)
def test_names_that_are_apart_by_their_spelling_are_said(caplog, other, said):
    rated = ratings.from_readings(long(("x", "A", "0"), ("7", "A", "0"), other), [], "ordinal")
    assert int((rated.codes >= 0).sum()) == 3
    assert said in caplog.text


@pytest.mark.parametrize(
    ("labels", "said"), [("0 1 -999", "-999"), ("0 4 99", "99"), ("0 1 2 9", "9"), ("50 98 99", None), ("-1 0 1", None)]
)
def test_codes_that_may_stand_for_a_missing_rating_are_said(caplog, labels, said):
    ratings.from_readings(
        long(*((str(place), "A", label) for place, label in enumerate(labels.split()))), [], "ordinal"
    )
    assert ("count as ratings: " in caplog.text) == bool(said)
    assert said is None or f"count as ratings: {said};" in caplog.text


@pytest.mark.parametrize(
    ("labels", "said"), [("True 1", True), ("false 0 1", True), ("True False", False), ("0 1", False)]
)
def test_truth_in_words_beside_truth_in_numbers_is_said(caplog, labels, said):
    rows = [(str(place), "A", label) for place, label in enumerate(labels.split())]
    ratings.from_readings(long(*rows), [], "nominal")
    assert ("count as different ones" in caplog.text) == said


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u202f"])
def test_numbers_with_blanks_within_are_said(blank, caplog):
    written = f"1{blank}000"
    rows = [("x", "", "A", written), ("x", "", "B", "1000")]
    ratings.from_readings(pd.DataFrame(rows, columns=ratings.READING), [], "nominal")
    assert repr(written)[1:3] in caplog.text
    assert "without blanks" in caplog.text
    caplog.clear()
    ratings.from_readings(pd.DataFrame(rows, columns=ratings.READING).assign(label="mild case"), [], "nominal")
    assert "without blanks" not in caplog.text


def test_a_label_that_is_no_grade_is_told_and_numbers_may_be_written_otherwise(caplog):
    rows = [(str(item), rater, str(item % 3)) for item in range(12) for rater in "AB"]
    grades = ["0", "1", "2"]
    typo = ratings.from_readings(long(*rows, ("12", "A", "22")), grades, "interval")
    assert typo.scale.labels == ("0", "1", "2", "22")
    assert "1 of 25 labels are not in source.grades" in caplog.text and "'22'" in caplog.text
    caplog.clear()
    again = ratings.from_readings(long(*rows, ("12", "A", "2.0"), ("12", "B", "02")), grades, "interval")
    assert again.scale.labels == ("0", "1", "2") and again.codes[again.items.index("12")].tolist() == [2, 2]
    assert "not in source.grades" not in caplog.text and "'2.0' for '2'" in caplog.text


@pytest.mark.parametrize(("items", "told"), [(10, True), (9, False)])
def test_a_rater_who_is_a_copy_of_another_is_told(items, told, caplog):
    rows = [(str(item), rater, str(item % 2)) for item in range(items) for rater in ("anna", "anna_backup")]
    ratings.from_readings(long(*rows, ("0", "bert", "1")), [], "interval")
    assert ("raters anna and anna_backup gave the same labels" in caplog.text) == told


def test_kinds_of_slashes_are_told(caplog):
    ratings.from_readings(long(("x/a.png", "A", "1"), ("x\\a.png", "B", "1"), ("y", "A", "0")), [], "interval")
    assert "1 items are written in several ways" in caplog.text
