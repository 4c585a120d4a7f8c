"""Which cases readers are asked, and in which order: values that can be computed by hand."""

from math import log2

import pandas as pd
import pytest

from radsieve.curation import tables as curation_tables
from radsieve.curation.review.cases import Limits, allowed_answers, case_id, queue
from radsieve.errors import InputError


def file_id(name):
    return f"{ord(name):064x}:{ord(name):032x}"


def digest(name):
    return f"{ord(name):064x}"


def found(grades, near=(), borderline=(), consensus=(), margin=0.1):
    """The queue of pictures, each given as {expert: grades}; `near` and `borderline` are (a, b, similarity)."""
    raw = pd.DataFrame(
        [
            (expert, file_id(name), grade, f"{expert}/{grade}/{name}{number}")
            for name, given in grades.items()
            for expert, several in given.items()
            for number, grade in enumerate(several)
        ],
        columns=list(curation_tables.RAW_DATA.columns),
    )
    images = pd.DataFrame({"file_id": [file_id(name) for name in grades], "pixel_digest": [digest(n) for n in grades]})
    pairs = [(file_id(a), file_id(b), "near", "none", 4, similarity) for a, b, similarity in near]
    misses = [(file_id(a), file_id(b), "none", 4, similarity) for a, b, similarity in borderline]
    sure = [(file_id(name), "1", probability, 3) for name, probability in consensus]
    tables = (
        pd.DataFrame(rows, columns=list(schema.columns))
        for rows, schema in (
            (pairs, curation_tables.DUPLICATE_PAIRS),
            (misses, curation_tables.BORDERLINE_PAIRS),
            (sure, curation_tables.CONSENSUS),
        )
    )
    cases = queue(raw, images, *tables, Limits(0.82, margin))
    names = {digest(name): name for name in grades}
    cases["names"] = [names[a] + names.get(b, "") for a, b in zip(cases["picture"], cases["other"], strict=True)]
    return cases.set_index("names")


def test_the_gain_is_the_entropy_times_the_images():
    cases = found({"a": {"A": "0", "B": "1"}, "b": {"A": "01", "B": "1"}, "c": {"A": "00", "B": "1"}, "d": {"A": "0"}})
    assert cases.index.tolist() == ["c", "b", "a"]
    two_of_three = -(2 / 3 * log2(2 / 3) + 1 / 3 * log2(1 / 3))
    assert cases["gain"].tolist() == pytest.approx([3.0, 3 * two_of_three, 2.0])
    assert cases["kind"].tolist() == ["disagreement", "conflict", "disagreement"]
    assert cases.loc["b", "grades"] == "A: 0; A: 1; B: 1"


def test_three_graders_have_a_consensus():
    given = {"A": "0", "B": "1", "C": "1"}
    cases = found({"a": given, "b": given}, consensus=[("a", 0.5), ("b", 0.9)])
    assert cases["uncertainty"].tolist() == pytest.approx([1.0, -(0.9 * log2(0.9) + 0.1 * log2(0.1))])
    two = found({"a": {"A": "0", "B": "1"}}, consensus=[("a", 0.999)])
    assert two["uncertainty"].tolist() == [1.0], "the consensus of two means nothing"


def test_pairs_are_asked_the_more_the_nearer_they_are_to_the_limit():
    same = {"A": "0"}
    near = [("a", "b", 0.82), ("a", "c", 0.87), ("a", "d", 0.93)]
    cases = found(dict.fromkeys("abcdef", same), near, [("a", "e", 0.80), ("a", "f", 0.73)])
    assert cases.index.tolist() == ["ab", "ae", "ac", "af"], "d is sure"
    assert set(cases["question"]) == {"same"}
    assert cases["uncertainty"].iloc[0] == 1
    share = 0.5 - 0.02 / 0.2
    assert cases.loc["ae", "uncertainty"] == pytest.approx(-(share * log2(share) + (1 - share) * log2(1 - share)))
    assert found(dict.fromkeys("ab", same), [("a", "b", 0.82)], margin=0).empty


def test_near_duplicates_with_different_grades_are_asked_for_the_grade():
    cases = found({"a": {"A": "0"}, "b": {"A": "1"}, "c": {"B": "1"}}, [("a", "b", 0.83), ("a", "c", 0.99)])
    assert sorted(cases.index) == ["ab", "ac"]
    assert cases["question"].tolist() == ["grade", "grade"]
    assert cases.loc[["ab", "ac"], "kind"].tolist() == ["conflict", "disagreement"]
    assert found({"a": {"A": "0"}, "b": {"A": "1"}}, borderline=[("a", "b", 0.81)])["question"].tolist() == ["same"]


def test_names_of_cases_depend_on_question_and_pictures_alone():
    assert case_id("same", ["x", "y"]) == case_id("same", ["y", "x"])
    assert len({case_id("same", ["x", "y"]), case_id("grade", ["x", "y"]), case_id("grade", ["x"])}) == 3
    first = found({"a": {"A": "0", "B": "1"}, "z": {"A": "0"}})
    second = found({"b": {"A": "0", "B": "1"}, "a": {"C": "2", "B": "1"}})
    assert first.loc["a", "case"] == second.loc["a", "case"]


def test_what_may_be_answered():
    grades = ("low", "high")
    assert allowed_answers("grade", 1, grades) == ("low", "high", "leave out")
    assert allowed_answers("grade", 2, grades) == ("low", "high", "different", "leave out")
    assert allowed_answers("same", 2, grades) == ("same", "different", "leave out")


def test_files_that_are_not_listed():
    with pytest.raises(InputError, match=r"pairs: .* is not in images.csv"):
        found({"a": {"A": "0"}}, [("a", "q", 0.9)])
