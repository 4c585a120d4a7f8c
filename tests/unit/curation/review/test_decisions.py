"""What answers decide, and what the decisions do to the data set."""

import pandas as pd
import pytest
import review

from radsieve.curation import tables as curation_tables
from radsieve.curation.normalization import Rules, divided, normalize
from radsieve.curation.review.decisions import Decision, decide
from radsieve.imaging import tags
from radsieve.settings import Splits

DIGESTS = {name: f"{number + 1:064x}" for number, name in enumerate([*review.GIVEN, "gone"])}


def file_id(name):
    return f"{DIGESTS[name]}:{DIGESTS[name][:32]}"


def listed():
    rows = [
        (expert, file_id(name), review.GRADES[grade], f"{expert}/{review.GRADES[grade]}/{name}")
        for name, by_expert in review.GIVEN.items()
        for expert, grades in zip("AB", by_expert, strict=True)
        for grade in grades
    ]
    images = pd.DataFrame({"file_id": [file_id(name) for name in review.GIVEN]})
    images = images.assign(pixel_digest=[DIGESTS[name] for name in review.GIVEN], **tags.NONE)
    return pd.DataFrame(rows, columns=list(curation_tables.RAW_DATA.columns)), images


def decided(*said):
    return decide(review.answers(DIGESTS, *said), *listed())


def normalized(*said, duplicates=("near",)):
    raw, images = listed()
    tied = raw[raw["file_id"].isin([file_id("left"), file_id("right")])]
    columns = list(curation_tables.DUPLICATE_GROUPS.columns)
    groups = tied.assign(group=1, kind="near", distance=3, similarity=0.95)
    groups[columns[-1]] = [True, *[False] * (len(tied) - 1)]
    decisions = decided(*said)
    result = normalize(
        raw, images, groups[columns], pd.DataFrame(), Rules(review.GRADES, duplicates, "drop"), decisions
    )
    assert len(result.kept) + len(result.exclusions) == len(raw)
    return result, decisions


def kept(result):
    names = result.kept["relative_path"].str.split("/").str[-1]
    return {name: sorted(grades) for name, grades in result.kept.groupby(names)["severity"]}


def rules(result, name):
    chosen = result.exclusions["relative_path"].str.endswith(f"/{name}")
    return sorted(result.exclusions.loc[chosen, "rule"])


def test_the_latest_answer_of_each_reader_counts():
    found = decided(
        ("open", "0Normal", "Ada", "old"), ("open", "1Doubtful", "Ada", "new"), ("open", "1Doubtful", "Bo", "")
    )
    assert found.pictures == {DIGESTS["open"]: Decision("1Doubtful", "Ada (new), Bo")}
    assert found.table["state"].tolist() == ["decided", "decided"]
    assert found.table["images"].tolist() == [2, 2]


def test_readers_who_contradict_each_other_decide_nothing():
    found = decided(("open", "0Normal", "Ada", ""), ("open", "1Doubtful", "Bo", ""), ("high low", "same", "Bo", ""))
    assert found.pictures == {}
    assert len(found.same) == 1
    assert found.metrics() == {
        "review_readers": 2, "review_answers": 3, "review_decided": 1, "review_contradicted": 1, "review_unknown": 0,
    }  # fmt: skip
    assert "1 on which readers contradict each other" in found.summary()


def test_an_answer_whose_time_a_spreadsheet_changed_does_not_lose_to_an_older_one():
    answers = review.answers(DIGESTS, ("open", "0Normal", "Ada", ""), ("open", "1Doubtful", "Ada", ""))
    raw, images = listed()
    assert decide(answers, raw, images).pictures[DIGESTS["open"]].answer == "1Doubtful"
    found = decide(answers.assign(time=[answers["time"][0], "01.02.2026 10:01"]), raw, images)
    assert set(found.table["state"]) == {"contradicted"}
    assert not found.pictures


def test_a_reader_with_two_answers_at_one_time_decides_nothing():
    answers = review.answers(DIGESTS, ("open", "0Normal", "Ada", ""), ("open", "1Doubtful", "Ada", "")).assign(time="")
    found = decide(answers, *listed())
    assert found.pictures == {}
    assert set(found.table["state"]) == {"contradicted"}


def test_cases_that_say_different_things_of_one_picture_decide_nothing():
    found = decided(
        ("left right", "1Doubtful", "Ada", ""), ("left", "2Mild", "Ada", ""), ("open", "0Normal", "Ada", "")
    )
    assert set(found.pictures) == {DIGESTS["open"]}, "nor is the other picture of that case decided"
    assert sorted(found.table["state"]) == ["contradicted", "contradicted", "decided"]


def test_a_case_that_no_other_contradicts_holds_beside_one_that_is_torn():
    """The case of both pictures and that of `left` say different things; that of `right` repeats the former."""
    found = decided(
        ("left right", "1Doubtful", "Ada", ""), ("left", "2Mild", "Ada", ""), ("right", "1Doubtful", "Ada", "")
    )
    assert found.metrics()["review_decided"] == 1
    assert found.pictures == {DIGESTS["right"]: Decision("1Doubtful", "Ada")}


def test_answers_to_pictures_that_are_not_here():
    found = decided(("gone", "0Normal", "Ada", ""))
    assert found.pictures == {}
    assert found.table[["state", "images", "path"]].to_numpy().tolist() == [["unknown", 0, ""]]


def test_without_answers_nothing_changes():
    before, _ = normalized()
    assert kept(before) == {"high": [0, 0], "low": [0, 0], "clear": [2, 2], "twice": [1]}
    assert rules(before, "open") == ["disagreement"] * 2
    assert rules(before, "left") == rules(before, "right") == rules(before, "twice") == ["conflict"] * 2


def test_a_grade_replaces_those_of_all_experts_and_acts_first():
    result, _ = normalized(("open", "1Doubtful", "Ada", "osteophyte"), ("twice", "0Normal", "Bo", ""))
    assert kept(result)["open"] == [1, 1]
    assert kept(result)["twice"] == [0, 0]
    assert rules(result, "twice") == ["duplicate (bytes)"]
    changed = result.changed.set_index("relative_path")
    assert changed.loc["B/2Mild/open", ["given", "agreed"]].tolist() == [2, 1]
    assert changed.loc["B/2Mild/open", "evidence"] == "1Doubtful by Ada (osteophyte); experts: A: 0Normal; B: 2Mild"
    assert set(changed.index) == {"A/0Normal/open", "B/2Mild/open", "B/1Doubtful/twice"}


def test_what_is_left_out_goes_by_the_rule_reviewed_with_reader_and_reason():
    result, _ = normalized(("clear", "leave out", "Ada", "no knee"))
    assert "clear" not in kept(result)
    assert rules(result, "clear") == ["reviewed", "reviewed"]
    evidence = result.exclusions.loc[result.exclusions["rule"] == "reviewed", "evidence"]
    assert set(evidence) == {"left out by Ada (no knee); experts: A: 2Mild; B: 2Mild"}


def test_a_decision_holds_for_all_that_counts_as_the_same_picture():
    near, _ = normalized(("left", "2Mild", "Ada", ""))
    assert kept(near)["left"] == [2, 2]
    assert rules(near, "right") == ["duplicate (near)"] * 2
    pixels, _ = normalized(("left", "2Mild", "Ada", ""), duplicates=("bytes",))
    assert (kept(pixels)["left"], kept(pixels)["right"]) == ([2, 2], [2, 2])
    out, _ = normalized(("left", "leave out", "Ada", ""))
    assert rules(out, "right") == ["reviewed", "reviewed"]


def test_decisions_on_two_pictures_of_one_group_hold_for_each():
    result, _ = normalized(("left", "leave out", "Ada", ""), ("right", "0Normal", "Ada", ""))
    assert rules(result, "left") == ["reviewed", "reviewed"]
    assert kept(result)["right"] == [0, 0]


def test_different_divides_a_group_and_same_joins_pictures():
    result, _ = normalized(("left right", "different", "Ada", ""), ("high low", "same", "Ada", ""))
    assert (kept(result)["left"], kept(result)["right"]) == ([1, 1], [2, 2])
    assert kept(result)["low"] == [0, 0] and "high" not in kept(result)
    evidence = result.exclusions.set_index("relative_path")["evidence"]
    assert evidence["A/0Normal/high"].startswith("the same picture as A/0Normal/low, as readers decided")


@pytest.mark.parametrize("answer", ["same", "different"])
def test_units_only_grow(answer):
    raw, images = listed()
    pairs = pd.DataFrame({"file_id_a": [file_id("left")], "file_id_b": [file_id("right")]})
    splits = Splits(validation_share=0.2, test_share=0.2, seed=1)
    names = ("high low", "left right") if answer == "same" else ("left right",)
    decisions = decided(*((pair, answer, "Ada", "") for pair in names))
    rows = raw.assign(severity=0)
    found = divided(rows, images, pairs, splits, decisions)
    units = found.groupby(rows["relative_path"].str.split("/").str[-1])["unit"].first()
    assert units["left"] == units["right"]
    assert (units["high"] == units["low"]) == (answer == "same")
    assert found.groupby("unit")["split"].nunique().max() == 1
