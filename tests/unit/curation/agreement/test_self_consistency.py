"""Graders compared with themselves: radsieve.curation.agreement.self_consistency."""

import pandas as pd
import pytest

from radsieve.curation.agreement.self_consistency import graded_pairs, graded_twice
from radsieve.curation.tables import CONTRADICTIONS, DUPLICATE_PAIRS, SELF_CONSISTENCY


def raw_of(**grades):
    """Files named by letters; the grades of expert A and of expert B, "." for none."""
    rows = [
        (expert, file, f"{of_file[place]}", f"{expert}/{file}.png")
        for file, of_file in grades.items()
        for place, expert in enumerate("AB")
        if of_file[place] != "."
    ]
    return pd.DataFrame(rows, columns=["expert", "file_id", "severity", "relative_path"])


def pairs_of(*pairs):
    rows = [(a, b, kind, transform, 0, 1.0) for a, b, kind, transform in pairs]
    return pd.DataFrame(rows, columns=list(DUPLICATE_PAIRS.columns))


PAIRS = pairs_of(
    ("a", "b", "pixels", "none"), ("a", "c", "near", "none"), ("d", "e", "near", "mirrored"), ("f", "g", "near", "none")
)
RAW = raw_of(a="00", b="11", c="01", d="22", e="2.", f="00", g="00")


def test_shares_by_expert_and_kind():
    """A: a-b apart, a-c same, d-e same, f-g same. B: a-b apart, a-c apart, f-g same; B has not graded e."""
    found = graded_twice(RAW, PAIRS, 0.95)
    SELF_CONSISTENCY.validate(found.consistency)
    by_kind = found.consistency.set_index(["expert", "kind"])
    assert by_kind.loc[("A", "all"), ["pairs", "same"]].tolist() == [4, 3]
    assert by_kind.loc[("B", "all"), ["pairs", "same"]].tolist() == [3, 1]
    assert by_kind.loc[("A", "near, mirrored"), ["pairs", "same"]].tolist() == [1, 1]
    assert ("B", "near, mirrored") not in by_kind.index
    assert by_kind.loc[("A", "pixels"), "share"] == 0


def test_kappa_does_not_depend_on_which_file_is_first():
    """Grades 0-1, 0-0, 2-2, 0-0, both orders: 6 of 8 agree; by chance (5/8)^2 + (1/8)^2 + (2/8)^2 = 30/64."""
    expected = (6 / 8 - 30 / 64) / (1 - 30 / 64)
    turned = PAIRS.rename(columns={"file_id_a": "file_id_b", "file_id_b": "file_id_a"})[list(PAIRS.columns)]
    for pairs in (PAIRS, turned):
        found = graded_twice(RAW, pairs, 0.95).consistency.set_index(["expert", "kind"])
        assert found.loc[("A", "all"), "kappa"] == pytest.approx(expected)


def test_contradictions_that_experts_have_in_common():
    """Both give a and b 0 and 1; B alone gives a and c 0 and 1."""
    found = graded_twice(RAW, PAIRS, 0.95)
    CONTRADICTIONS.validate(found.contradictions)
    assert found.contradictions[["path_a", "path_b", "who"]].to_numpy().tolist() == [
        ["A/a.png", "A/b.png", "A | B"],
        ["A/a.png", "A/c.png", "B"],
    ]
    assert found.metrics["contradicted_pairs"] == 2 and found.metrics["contradictions_in_common"] == 1
    assert found.metrics["same_grade_twice"] == pytest.approx(4 / 7)


def test_graders_who_agree_with_each_other_only():
    """Both give each file of a pair the same grade, and the two files of it different ones."""
    files = {f"{end}{pair}": f"{grade}{grade}" for pair in range(30) for end, grade in (("x", 0), ("y", 1))}
    pairs = pairs_of(*((f"x{pair}", f"y{pair}", "pixels", "none") for pair in range(30)))
    found = graded_twice(raw_of(**files), pairs, 0.95).metrics
    assert (found["same_grade_by_two"], found["same_grade_twice"]) == (1, 0)
    assert found["same_grade_by_two_lower"] > 0.85 and found["same_grade_twice_upper"] < 0.15
    assert (found["contradicted_pairs"], found["contradictions_in_common"]) == (30, 30)


def test_what_is_tied_through_others_is_one_unit():
    units = graded_pairs(RAW, PAIRS).drop_duplicates("pair").set_index("pair")["unit"]
    assert units[0] == units[1] and len(set(units)) == 3


def test_a_file_with_two_grades_of_one_expert_has_none():
    twice = pd.concat([RAW, pd.DataFrame([("A", "b", "2", "A/2/b.png")], columns=list(RAW.columns))])
    assert len(graded_pairs(twice, PAIRS)) == len(graded_pairs(RAW, PAIRS)) - 1


def test_nothing_was_graded_twice():
    found = graded_twice(RAW, PAIRS.head(0), 0.95)
    assert found.consistency.empty and found.contradictions.empty
    assert found.metrics["pairs_graded_twice"] == 0 and found.metrics["same_grade_twice"] is None


def test_a_grader_who_left_out_the_first_file_is_compared_on_the_others():
    """a, b and c have equal pixels, and a is nearly d; B has not graded a, which leaves b-c, and b for a in the tie."""
    pairs = pairs_of(("a", "b", "pixels", "none"), ("a", "c", "pixels", "none"), ("a", "d", "near", "none"))
    graded = graded_pairs(raw_of(a="0.", b="01", c="02", d="01"), pairs)
    compared = graded.groupby("expert")[["file_a", "file_b"]].agg(list)
    assert list(zip(*compared.loc["A"], strict=True)) == [("a", "b"), ("a", "c"), ("a", "d")]
    assert list(zip(*compared.loc["B"], strict=True)) == [("b", "c"), ("b", "d")]


def test_copies_that_contradict_are_in_common_if_both_graders_compared_the_same_files():
    pairs = pairs_of(("a", "b", "pixels", "none"))
    found = graded_twice(raw_of(a="00", b="11"), pairs, 0.95)
    assert found.contradictions["who"].tolist() == ["A | B"]
    named = raw_of(a="00", b="11").replace({"expert": {"A": "A | B", "B": "C"}})
    assert graded_twice(named, pairs, 0.95).contradictions["who"].tolist() == ['"A | B" | C']
