"""Tables and exports of answers: what is understood, and what is refused with its place."""

import json

import pytest
import review

from radsieve.curation.review.answers import MAX_REASON, read_answers
from radsieve.errors import InputError
from radsieve.tables.spreadsheets import guarded

DIGESTS = {name: f"{number:064x}" for number, name in enumerate(review.GIVEN)}
SAID = [
    ("open", "1Doubtful", "Zoë Ж", "medial; narrow, \"sharp\""),
    ("left right", "different", "Zoë Ж", "=1+1"),
    ("high low", "same", "Zoë Ж", ""),
]  # fmt: skip


def table(path, separator=",", mark="utf-8", **changes):
    answers = review.answers(DIGESTS, *SAID).map(guarded)
    for name, value in changes.items():
        answers.loc[1, name] = value
    answers.to_csv(path, index=False, sep=separator, encoding=mark)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["utf-8", "utf-8-sig"])
def test_what_spreadsheets_make_of_a_table(tmp_path, separator, mark):
    found = read_answers(table(tmp_path / "a.csv", separator, mark), review.GRADES)
    assert found["answer"].tolist() == ["1Doubtful", "different", "same"]
    assert found["reason"].tolist() == ['medial; narrow, "sharp"', "=1+1", ""]
    assert set(found["reader"]) == {"Zoë Ж"}


def test_a_folder_and_none(tmp_path):
    table(tmp_path / "a.csv")
    table(tmp_path / "b.CSV")
    (tmp_path / "notes.txt").write_text("not a table")
    for hidden in ("._a.csv", ".x.json"):
        (tmp_path / hidden).write_bytes(b"Mac OS X\xff")
    (tmp_path / "c.csv").mkdir()
    assert len(read_answers(tmp_path, review.GRADES)) == 6
    assert read_answers(None, review.GRADES).empty


@pytest.mark.parametrize("sign", ["\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_signs_that_end_no_row_of_a_table(tmp_path, sign):
    found = read_answers(table(tmp_path / "a.csv", reason=f"medial{sign}narrow"), review.GRADES)
    assert found["reason"].tolist()[1] == "medial narrow"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"answer": "5Worse"}, "row 3: answer '5Worse'; it may be 0Normal, 1Doubtful, 2Mild, different, leave out"),
        ({"answer": "same"}, "row 3: answer 'same'"),
        ({"question": "colour"}, "row 3: question 'colour'; known: grade, same"),
        ({"picture": "f" * 64}, "row 3: case 'c.*does not fit its pictures"),
        ({"case": "1.2E+11"}, "row 3: case '1.2E.11' does not fit"),
        ({"reader": "  "}, "row 3: no reader"),
        ({"reader": "x" * 61}, "row 3: the reader has 61 characters, at most 60"),
        ({"reason": "x" * (MAX_REASON + 1)}, "row 3: the reason has 2001 characters"),
    ],
)
def test_what_is_no_answer_is_refused_with_its_row(tmp_path, changes, words):
    with pytest.raises(InputError, match=f"a.csv, {words}"):
        read_answers(table(tmp_path / "a.csv", **changes), review.GRADES)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no column case, question.*it has none"),
        ("case,reader\n", "no column question, picture, other, answer, reason"),
        ("case,question,picture,other,answer,reason,reader\n", "no answer in it"),
        ("case,question,picture,other,answer,reason,reader\na,b\n", "row 2: 2 cells, but 7 columns"),
        ('case,question,picture,other,answer,reason,reader\n"a', "row 2: cannot be read as a table"),
        (b"\xff\xfe\x00", "not UTF-8"),
    ],
)
def test_what_is_no_table(tmp_path, content, words):
    path = tmp_path / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=words):
        read_answers(path, review.GRADES)


def test_places_without_answers(tmp_path):
    with pytest.raises(InputError, match="not found; name the table"):
        read_answers(tmp_path / "none.csv", review.GRADES)
    with pytest.raises(InputError, match=r"no table of answers \(\*.csv\)"):
        read_answers(tmp_path, review.GRADES)
    with pytest.raises(InputError, match="'same' is also another answer"):
        read_answers(table(tmp_path / "a.csv"), ["none", "same"])


def exported(*choices, person=7, **changes):
    """A task as Label Studio exports it, annotated once, and once skipped."""
    row = review.answers(DIGESTS, SAID[0]).iloc[0]
    data = {name: row[name] for name in ("case", "question", "picture", "other")} | {"images": ["data:,"]}
    result = [
        {"from_name": "answer", "to_name": "pictures", "type": "choices", "value": {"choices": list(choices)}},
        {"from_name": "reason", "to_name": "pictures", "type": "textarea", "value": {"text": ["a", "b"]}},
    ]
    done = {"completed_by": person, "updated_at": "2026-01-02T10:00:00.5Z", "was_cancelled": False, "result": result}
    skipped = {"completed_by": 8, "was_cancelled": True, "result": []}
    return [{"id": 1, "data": data, "annotations": [done, skipped]} | changes]


@pytest.mark.parametrize("person", [7, {"id": 7, "email": "a@b.c", "first_name": "A"}])
def test_an_export_of_label_studio_names_annotators_by_number(tmp_path, person):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(exported("2Mild", person=person)))
    found = read_answers(path, review.GRADES)
    assert found[["answer", "reason", "reader"]].to_numpy().tolist() == [["2Mild", "a b", "annotator 7"]]


def test_what_utf_8_cannot_store_does_not_come_through(tmp_path):
    path = tmp_path / "export.json"
    tasks = exported("2Mild")
    tasks[0]["annotations"][0]["result"][1]["value"]["text"] = ["a\ud800b"]
    path.write_text(json.dumps(tasks))
    assert read_answers(path, review.GRADES)["reason"].tolist() == ["a?b"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON"),
        ("{}", "not a list of tasks"),
        ("[1]", "task 1: not as Label Studio exports"),
        (json.dumps(exported("1Doubtful", "2Mild")), r"task 1: 2 answers \(1Doubtful, 2Mild\); choose one"),
        (json.dumps(exported("9")), "task 1: answer '9'"),
        (json.dumps(exported("2Mild", person="a@b.c")), "task 1: completed_by holds no number"),
        (json.dumps(exported("2Mild", annotations=[])), "no answer in it"),
        (json.dumps(exported("2Mild", data={})), "task 1: not as Label Studio exports .*'case'"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_export(tmp_path, content, words):
    path = tmp_path / "export.json"
    path.write_text(content)
    with pytest.raises(InputError, match=words):
        read_answers(path, review.GRADES)


def test_a_column_twice_is_refused(tmp_path):
    rows = table(tmp_path / "a.csv").read_text().splitlines()
    (tmp_path / "a.csv").write_text(f"{rows[0]},Answer\n{rows[1]},2Mild\n")
    with pytest.raises(InputError, match=r"a\.csv: several columns are named answer"):
        read_answers(tmp_path / "a.csv", review.GRADES)
