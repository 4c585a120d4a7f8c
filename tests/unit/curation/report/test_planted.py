"""Planted objects against finds, on two images small enough to follow by hand."""

import pandas as pd

from radsieve.curation.report.label_quality import graded_anew
from radsieve.curation.report.planted import Finds, compare, right_by_truth


def truth_table(*rows: tuple[str, int, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["relative_path", "image", "planted"])


def finds(
    groups: list[tuple[int, str, str]] | None = None,
    quarantine: list[str] | None = None,
    conflicts: list[tuple[int, str]] | None = None,
    different: list[str] | None = None,
    faulty: list[tuple[str, str]] | None = None,
) -> Finds:
    return Finds(
        faulty=pd.DataFrame(faulty or [], columns=["relative_path", "fault"]),
        quarantine=pd.DataFrame({"key": [f"images/{path}" for path in quarantine or []]}),
        groups=pd.DataFrame(groups or [], columns=["group", "relative_path", "kind"]),
        conflicts=pd.DataFrame(conflicts or [], columns=["group", "expert"]),
        different=pd.DataFrame({"relative_path": different or []}),
        prefix="images/",
    )


TRUTH = truth_table(
    ("A/0/x", 0, "image"),
    ("A/0/x copy", 0, "exact duplicate"),
    ("A/1/x wide", 0, "near: resized"),
    ("A/0/y", 1, "image"),
    ("B/1/y", 1, "image"),
    ("B/0/none", -1, "broken: empty"),
)


def counts(table: pd.DataFrame) -> dict[str, tuple[int, int]]:
    return {row.planted: (row.found, row.missed) for row in table.itertuples()}


def test_everything_is_found():
    groups = [(1, "A/0/x", "bytes"), (1, "A/0/x copy", "bytes"), (1, "A/1/x wide", "near")]
    kinds, unplanted = compare(TRUTH, finds(groups, ["B/0/none"], [(1, "A")], ["A/0/y", "B/1/y"]))
    assert counts(kinds) == {
        "broken: empty": (1, 0),
        "exact duplicate": (1, 0),
        "near: resized": (1, 0),
        "conflict of one expert (images)": (1, 0),
        "disagreement of experts (files)": (1, 0),
    }
    assert unplanted.empty


def test_a_picture_with_a_fault_is_found_once_for_all_its_graders():
    truth = truth_table(("A/0/x", 0, "fault: border"), ("B/0/x", 0, "fault: border"), ("A/0/y", 1, "fault: caption"))
    kinds, unplanted = compare(truth, finds(faulty=[("A/0/x", "border"), ("A/0/y", "border"), ("B/0/x", "caption")]))
    assert counts(kinds)["fault: border"] == (1, 0)
    assert counts(kinds)["fault: caption"] == (0, 1)
    assert unplanted.to_numpy().tolist() == [["A/0/y", "fault: border"], ["B/0/x", "fault: caption"]]


def test_nothing_is_found():
    kinds, unplanted = compare(TRUTH, finds())
    assert set(counts(kinds).values()) == {(0, 1)}
    assert unplanted.empty


def test_a_copy_grouped_with_other_copies_only_is_missed():
    truth = truth_table(("A/0/x", 0, "image"), ("A/0/m", 0, "near: mirrored"), ("B/0/m", 0, "near: mirrored"))
    kinds, _ = compare(truth, finds([(1, "A/0/m", "bytes"), (1, "B/0/m", "bytes")]))
    assert counts(kinds)["near: mirrored"] == (0, 2)


def test_what_was_found_though_not_planted_is_listed():
    groups = [(1, "A/0/x", "near"), (1, "A/0/y", "near")]
    _, unplanted = compare(TRUTH, finds(groups, ["B/0/none", "A/0/x"], different=["A/0/x"]))
    assert unplanted.to_numpy().tolist() == [
        ["A/0/x", "quarantine"],
        ["A/0/x", "duplicate of another image"],
        ["A/0/y", "duplicate of another image"],
        ["A/0/x", "disagreement"],
    ]


def test_graders_against_the_truth_count_each_image_once():
    truth = TRUTH.assign(truth=[0, 0, 0, 1, 1, 0])
    raw = pd.DataFrame(
        [("A", "0n", "A/0/x"), ("A", "0n", "A/0/x copy"), ("A", "0n", "A/0/y"), ("B", "1d", "B/1/y")],
        columns=["expert", "severity", "relative_path"],
    )
    found = right_by_truth(truth, raw, ["0n", "1d"], 0.95).set_index("rater")
    assert found["phantoms"].to_dict() == {"A": 2, "B": 1}
    assert (found.loc["A", "right"].value, found.loc["B", "right"].value) == (0.5, 1.0)
    assert found.loc["B", "right"].lower < 0.5


def test_files_that_one_grader_graded_again_are_counted_with_their_contradictions():
    raw = pd.DataFrame(
        [("A", "f", "0"), ("A", "f", "1"), ("A", "g", "0"), ("A", "g", "0"), ("B", "f", "0"), ("A", "h", "0")],
        columns=["expert", "file_id", "severity"],
    )
    assert graded_anew(raw) == {"cases": 2, "different": 1}
