"""Ratings in the shorter and former exports of Label Studio and Labelbox."""

import json

import pandas as pd
import pytest

from radsieve.curation.agreement import rating_sources, ratings
from radsieve.curation.agreement.rating_sources import Fields
from radsieve.errors import InputError

FIELDS = Fields(item="item", rater="rater", label="label", multiple=False)


def rows_of(readings: pd.DataFrame) -> list[tuple[str, ...]]:
    return sorted(readings[ratings.READING].itertuples(index=False, name=None))


def table(folder, text, name="a.csv"):
    (folder / name).write_text(text)
    return str(folder / name)


JSON_MIN = [
    {"id": 1, "image": "x", "grade": "mild", "annotator": 3, "annotation_id": 1, "lead_time": 2.5},
    {"id": 1, "image": "x", "grade": [{"rating": 2}], "annotator": 4, "annotation_id": 2},
    {"id": 2, "image": "y", "grade": {"choices": ["mass", "node"]}, "annotator": 3, "annotation_id": 3},
    {"id": 2, "image": "y", "annotator": 4, "annotation_id": 4},
]
STUDIO = ("image", "annotator", "grade")


@pytest.mark.parametrize("form", ["a.json", "a.csv"])
def test_the_short_forms_of_label_studio(tmp_path, form):
    """JSON-MIN, and CSV, in which all but single choices and texts is JSON in a cell."""
    text = json.dumps(JSON_MIN)
    if form == "a.csv":
        rows = [row | {"grade": row.get("grade", "")} for row in JSON_MIN]
        cells = [row | {"grade": g if isinstance(g := row["grade"], str) else json.dumps(g)} for row in rows]
        text = pd.DataFrame(cells).to_csv(index=False)
    path = table(tmp_path, text, form)
    found = rating_sources.read(path, Fields(*STUDIO, multiple=True))
    ticked = {(row[0], row[1], row[2]) for row in rows_of(found) if row[3] == "1"}
    assert ticked == {("x", "mild", "3"), ("x", "2", "4"), ("y", "mass", "3"), ("y", "node", "3")}
    assert {row[2] for row in rows_of(found) if row[0] == "y"} == {"3", "4"}
    with pytest.raises(InputError, match=r"3 gave 2 labels \(mass, node\)"):
        rating_sources.read(path, Fields(*STUDIO, multiple=False))
    single = table(tmp_path, json.dumps(JSON_MIN[:2]), "b.json")
    assert rows_of(rating_sources.read(single, Fields(*STUDIO, multiple=False))) == [
        ("x", "", "3", "mild"),
        ("x", "", "4", "2"),
    ]


def studio_folder(tmp_path, answers):
    """A CSV of Label Studio for each rater, with a single answer, one as JSON, and several in a cell."""
    folder = tmp_path / "raters"
    folder.mkdir()
    for rater, cells in answers.items():
        frame = pd.DataFrame({"image": ["x", "y"], "annotation_id": [1, 2], "grade": cells})
        frame.to_csv(folder / f"{rater}.csv", index=False)
    return str(folder)


SEVERAL = {"A": ["mild", '{"choices": ["mass", "node"]}'], "B": ['[{"rating": 2}]', "mass"]}


def test_a_folder_of_csv_of_label_studio_for_each_rater(tmp_path):
    folder = studio_folder(tmp_path, SEVERAL)
    found = rows_of(rating_sources.read(folder, Fields("image", "rater", "grade", multiple=True)))
    ticked = {row[:3] for row in found if row[3] == "1"}
    assert ticked == {("x", "mild", "A"), ("x", "2", "B"), ("y", "mass", "A"), ("y", "node", "A"), ("y", "mass", "B")}
    assert ("y", "node", "B", "0") in found
    with pytest.raises(InputError, match=r"A\.csv, row 3: A gave 2 labels \(mass, node\)"):
        rating_sources.read(folder, Fields("image", "rater", "grade", multiple=False))


@pytest.mark.parametrize("form", ["folder", "file"])
def test_every_column_as_a_finding_with_several_answers_in_a_cell(tmp_path, form):
    place = studio_folder(tmp_path, {"A": ['["', '{"choices": ["mass", "node"]}'], "B": ['{"choices": ["mass"]}', ""]})
    if form == "file":
        frames = [pd.read_csv(f"{place}/{rater}.csv").assign(rater=rater) for rater in "AB"]
        place = table(tmp_path, pd.concat(frames).to_csv(index=False))
    with pytest.raises(InputError, match=r"column 'grade': A gave 2 labels"):
        rating_sources.read(place, Fields("image", "rater", "*", multiple=False))
    found = rows_of(rating_sources.read(place, Fields("image", "rater", "*", multiple=True)))
    marked = {row for row in found if row[1] in ("grade: mass", "grade: node")}
    ticked = {row[:3] for row in marked if row[3] == "1"}
    assert ticked == {("x", "grade: mass", "B"), ("y", "grade: mass", "A"), ("y", "grade: node", "A")}
    assert len(marked) == 8


@pytest.mark.parametrize("form", ["folder", "file"])
def test_every_column_as_a_finding_with_an_answer_as_json(tmp_path, form):
    place = studio_folder(tmp_path, {"A": ['[{"rating": 2}]', "1"], "B": ["2", '{"number": 3}']})
    if form == "file":
        frames = [pd.read_csv(f"{place}/{rater}.csv").assign(rater=rater) for rater in "AB"]
        place = table(tmp_path, pd.concat(frames).to_csv(index=False))
    found = rows_of(rating_sources.read(place, Fields("image", "rater", "*", multiple=False)))
    assert found == [
        ("x", "grade", "A", "2"),
        ("x", "grade", "B", "2"),
        ("y", "grade", "A", "1"),
        ("y", "grade", "B", "3"),
    ]


def test_a_label_that_only_looks_like_json_stays_as_it_is(tmp_path):
    path = table(tmp_path, 'item,rater,label\nx,A,"{""a"": 1}"\nx,B,"[{""choi"\n')
    assert [row[3] for row in rows_of(rating_sources.read(path, FIELDS))] == ['{"a": 1}', '[{"choi']


def test_blanks_in_a_cell_of_json_are_no_other_label_and_halves_of_characters_no_text(tmp_path):
    text = 'item,rater,label\nx,A,"{""choices"": ["" mild""]}"\nx,B,mild\ny,A,"{""choices"": [""\\ud800""]}"\n'
    found = rating_sources.read(table(tmp_path, text), FIELDS)
    assert [row[3] for row in rows_of(found)] == ["mild", "mild", '{"choices": ["\\ud800"]}']


def test_the_former_export_of_labelbox(tmp_path):
    def label(who, item, **classification):
        named = {"title": "Severity", "value": "severity", **classification}
        return {
            "ID": "l",
            "DataRow ID": "d",
            "Created By": who,
            "External ID": item,
            "Label": {"classifications": [named]},
        }

    rows = [
        label("a@x.org", "x", answer={"title": "2Mild", "value": "2mild"}),
        label("b@x.org", "x", answer="0Normal"),
        label("b@x.org", "y", answer=None),
        label("c@x.org", "y", answer="1") | {"Skipped": True},
    ]
    fields = Fields("External ID", "Created By", "severity", multiple=False)
    path = table(tmp_path, json.dumps(rows), "a.json")
    assert rows_of(rating_sources.read(path, fields)) == [
        ("x", "", "a@x.org", "2Mild"),
        ("x", "", "b@x.org", "0Normal"),
    ]
    rows = [label("a@x.org", "x", answers=[{"title": "mass"}, {"title": "node"}])]
    found = rating_sources.read(
        table(tmp_path, json.dumps(rows), "a.json"), Fields("External ID", "Created By", "Severity", multiple=True)
    )
    assert set(found["finding"]) == {"mass", "node"}
