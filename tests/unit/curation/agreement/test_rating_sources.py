"""Ratings read from tables, folders and exports of labelling tools."""

import json

import numpy as np
import pandas as pd
import pytest

from radsieve.curation.agreement import rating_sources, ratings
from radsieve.curation.agreement.rating_sources import Fields
from radsieve.errors import InputError

FIELDS = Fields(item="item", rater="rater", label="label", multiple=False)
MULTIPLE = Fields(item="item", rater="rater", label="label", multiple=True)


def rows_of(readings: pd.DataFrame) -> list[tuple[str, ...]]:
    return sorted(readings[ratings.READING].itertuples(index=False, name=None))


@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz", "table.parquet"])
def test_long_table(tmp_path, monkeypatch, name):
    table = pd.DataFrame({"rater": ["A", "B", "A"], "item": ["x", "x", "y"], "label": [1.0, 2.0, np.nan], "more": 0})
    path = tmp_path / name
    if name.endswith("parquet"):
        table.to_parquet(path)
    else:
        table.astype({"label": "Int64"}).to_csv(path, index=False)
    monkeypatch.setenv("FOLDER", str(tmp_path))
    found = rating_sources.read(f"$FOLDER/{name}", FIELDS)
    assert rows_of(found) == [("x", "", "A", "1"), ("x", "", "B", "2")]


def test_findings_of_a_long_table(tmp_path):
    """As in VinBigData: several rows per image and rater; whoever rated the image denies what he does not tick."""
    path = tmp_path / "marks.csv"
    path.write_text("item,rater,label\nx,A,mass\nx,A,mass\nx,A,effusion\nx,B,mass\ny,A,\ny,B,effusion\n")
    found = rating_sources.read(str(path), MULTIPLE)
    rated = ratings.from_readings(found, [], "nominal")
    assert rated.items == ("x/effusion", "x/mass", "y/effusion", "y/mass")
    assert rated.codes.tolist() == [[1, 0], [1, 1], [0, 1], [0, 0]]
    assert rated.findings == ("effusion", "mass", "effusion", "mass")
    assert rated.subjects.tolist() == [0, 0, 1, 1]
    assert rated.contradictions == 0
    assert rated.of_finding("mass").codes.tolist() == [[1, 1], [0, 0]]


def test_folder_with_a_table_per_rater(tmp_path):
    (tmp_path / "deeper").mkdir()
    (tmp_path / "anna.csv").write_text("item,mass,effusion\nx,1,0\ny,,1\n")
    (tmp_path / "deeper" / "bert.csv").write_text("item,effusion,mass\nx,1,1\n")
    every = Fields("item", "unused", "*", multiple=False)
    assert rows_of(rating_sources.read(str(tmp_path), every)) == [
        ("x", "effusion", "anna", "0"),
        ("x", "effusion", "bert", "1"),
        ("x", "mass", "anna", "1"),
        ("x", "mass", "bert", "1"),
        ("y", "effusion", "anna", "1"),
    ]
    one = Fields("item", "unused", "mass", multiple=False)
    assert rows_of(rating_sources.read(str(tmp_path), one)) == [
        ("x", "", "anna", "1"),
        ("x", "", "bert", "1"),
    ]


def labelbox_row(name: str, **answers: dict[str, object]) -> str:
    labels = [
        {
            "label_details": {"created_by": rater},
            "performance_details": {"skipped": answer is None},
            "annotations": {"classifications": [{"name": "Severity", "value": "severity", **(answer or {})}]},
        }
        for rater, answer in answers.items()
    ]
    return json.dumps(
        {"data_row": {"id": "1", "external_id": name}, "projects": {"p": {"name": "P", "labels": labels}}}
    )


def test_labelbox(tmp_path):
    path = tmp_path / "export.ndjson"
    mild, normal = {"radio_answer": {"name": "2Mild"}}, {"text_answer": {"content": "0Normal"}}
    path.write_text(labelbox_row("x.png", ann=mild, ben=normal, cid=None) + "\n\n" + labelbox_row("y.png", ann=normal))
    found = rating_sources.read(str(path), Fields("external_id", "created_by", "Severity", multiple=False))
    expected = [
        ("x.png", "", "ann", "2Mild"),
        ("x.png", "", "ben", "0Normal"),
        ("y.png", "", "ann", "0Normal"),
    ]
    assert rows_of(found) == expected


def test_labelbox_checklist(tmp_path):
    path = tmp_path / "export.ndjson"
    both = {"checklist_answers": [{"name": "mass"}, {"name": "effusion"}]}
    path.write_text(labelbox_row("x.png", ann=both, ben={"checklist_answers": []}))
    found = rating_sources.read(str(path), Fields("external_id", "created_by", "severity", multiple=True))
    assert [row[1:] for row in rows_of(found)] == [
        ("effusion", "ann", "1"),
        ("effusion", "ben", "0"),
        ("mass", "ann", "1"),
        ("mass", "ben", "0"),
    ]
    with pytest.raises(InputError, match=r"line 1: ann gave 2 labels \(mass, effusion\).*multiple to true"):
        rating_sources.read(str(path), Fields("external_id", "created_by", "severity", multiple=False))


def studio_annotation(rater: object, **more: object) -> dict[str, object]:
    value = {"rating": 2} if more.get("rating") else {"choices": more.get("choices", ["2Mild"])}
    results = [{"from_name": "severity", "value": value}, {"from_name": "box", "value": {"x": 1}}]
    return {"completed_by": rater, "was_cancelled": more.get("cancelled", False), "result": results}


def test_label_studio(tmp_path):
    path = tmp_path / "export.json"
    people = [studio_annotation(7), studio_annotation({"id": 8, "email": "b@x.org"}, choices=["0Normal"])]
    tasks = [
        {"id": 1, "data": {"image": "x.png"}, "annotations": [*people, studio_annotation(9, cancelled=True)]},
        {"id": 2, "data": {"image": "y.png"}, "annotations": [studio_annotation({"id": 8}, rating=True)]},
    ]
    path.write_text(json.dumps(tasks))
    found = rating_sources.read(str(path), Fields("image", "completed_by", "severity", multiple=False))
    assert rows_of(found) == [
        ("x.png", "", "7", "2Mild"),
        ("x.png", "", "b@x.org", "0Normal"),
        ("y.png", "", "8", "2"),
    ]
    by_number = rating_sources.read(str(path), Fields("id", "completed_by", "severity", multiple=False))
    assert set(by_number["subject"]) == {"1", "2"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "item,who,label\nx,A,1\n", r"a\.csv: no column 'rater'; columns: 'item', 'who', 'label'"),
        ("a.csv", "item,rater,label\nx,A,1\n,B,1\n", r"a\.csv, row 3: the item is empty"),
        ("a.csv", "item,rater,label\nx,,1\n", r"a\.csv, row 2: the rater is empty"),
        ("a.csv", "", r"a\.csv: cannot be read as a table"),
        ("a.csv.gz", "no gzip", r"a\.csv\.gz: cannot be read as a table"),
        ("a.parquet", "no parquet", r"a\.parquet: cannot be read as a table"),
        ("a.xlsx", "", r"a\.xlsx: unknown kind of ratings"),
        ("a.ndjson", "{}\n{}", r"a\.ndjson, line 1: not as Labelbox exports it: KeyError 'projects'"),
        (
            "a.ndjson",
            labelbox_row("x", ann={}),
            r"a\.ndjson, line 1: no field 'item'; fields: 'id', 'external_id'",
        ),
        ("a.ndjson", "\n{", r"a\.ndjson, line 2: not valid JSON"),
        ("a.json", "[", r"a\.json: not valid JSON"),
        (
            "a.json",
            '[{"id": 1, "data": {}, "annotations": [{}]}]',
            r"a\.json, task 1: no field 'item'; fields: 'id'",
        ),
        (
            "a.json",
            '[{"item": 1}]',
            r"a\.json, task 1: not as Label Studio exports it: KeyError 'annotations'",
        ),
        ("a.json", "[1]", r"a\.json, task 1: not as Label Studio exports it"),
        ("a.json", "1", r"a\.json: not as Label Studio exports it"),
    ],
)
def test_errors_name_file_and_place(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=message):
        rating_sources.read(str(tmp_path / name), FIELDS)


def test_errors_of_folders_and_paths(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="holds no table"):
        rating_sources.read(str(tmp_path), FIELDS)
    with pytest.raises(InputError, match="not found"):
        rating_sources.read(str(tmp_path / "none.csv"), FIELDS)
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(InputError, match="environment variable"):
        rating_sources.read("$NOT_SET/a.csv", FIELDS)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "anna.csv").write_text("item,label\nx,1\n")
    with pytest.raises(InputError, match="two tables are named 'anna'"):
        rating_sources.read(str(tmp_path), FIELDS)


@pytest.mark.parametrize("rows", ["x,A,1,rest\ny,B,1\n", "x,A,1,rest\ny,B,1,rest\n"])
def test_a_row_with_more_cells_than_the_header_is_named(tmp_path, rows):
    """pandas would take the first cell of every row for the row's name, and the rater for the image."""
    path = tmp_path / "table.csv"
    path.write_text(f"item,rater,label\n{rows}")
    with pytest.raises(InputError, match=r"table\.csv, line 2: 4 cells, but the header has 3"):
        rating_sources.read(str(path), Fields("item", "rater", "label", multiple=False))


def test_names_in_composed_and_decomposed_letters_are_one(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("image,Prüfer,grade\nx,Médecin,sévère\nx,Me\u0301decin,se\u0301vère\n".replace("ü", "u\u0308"))
    found = rating_sources.read(str(path), Fields("image", "Prüfer", "grade", multiple=False))
    assert set(found["rater"]) == {"Médecin"}
    grades = ["léger", "sévère".replace("é", "e\u0301")]
    rated = ratings.from_readings(found, grades, "ordinal")
    assert (rated.raters, rated.codes.tolist(), rated.scale.labels) == (("Médecin",), [[1]], tuple(grades))


def table(folder, text, name="a.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return str(path)


LONG = "item,rater,label\nx,A,0\nx,B,1\n"
READ = [("x", "", "A", "0"), ("x", "", "B", "1")]


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("a.csv", LONG.replace(",", ";"), "utf-8"),
        ("a.csv", LONG.replace(",", ";").replace("\n", "\r\n"), "utf-8-sig"),
        ("a.csv", LONG.replace(",", "\t"), "utf-16"),
        ("a.tsv", LONG.replace(",", "\t"), "utf-8"),
        ("a.csv", LONG.replace(",", " , "), "utf-8"),
        ("a.csv", LONG + "\n,,\n", "utf-8"),
    ],
)
def test_what_spreadsheets_make_of_a_table(tmp_path, name, text, encoding):
    assert rows_of(rating_sources.read(table(tmp_path, text, name, encoding), FIELDS)) == READ


def test_an_encoding_without_a_mark_is_refused(tmp_path):
    path = table(tmp_path, "item,rater,label\nснимок,A,0\n", encoding="cp1251")
    with pytest.raises(InputError, match=r"a\.csv: not encoded as UTF-8 .* save it so"):
        rating_sources.read(path, FIELDS)


def test_codes_of_missing_ratings_are_none_whatever_their_capitals(tmp_path, caplog):
    path = table(tmp_path, "item,rater,label\nx,A,0\nx,B,na\ny,A,.\ny,B,1\n")
    fields = Fields("item", "rater", "label", multiple=False, missing=frozenset({"na", "."}))
    assert rows_of(rating_sources.read(path, fields)) == [("x", "", "A", "0"), ("y", "", "B", "1")]
    assert "2 labels are taken for missing ratings" in caplog.text
    with pytest.raises(InputError, match="no rating"):
        rating_sources.read(table(tmp_path, "item,rater,label\nx,A,NA\n"), fields)


def test_a_column_per_rater(tmp_path):
    path = table(tmp_path, "record_id,R1,R2\nx,0,1\ny,,2\n")
    found = rating_sources.read(path, Fields("record_id", "*", "label", multiple=False))
    assert rows_of(found) == [("x", "", "R1", "0"), ("x", "", "R2", "1"), ("y", "", "R2", "2")]


def test_a_folder_has_hidden_tables_and_columns_of_its_own_names(tmp_path):
    """Checkpoints of notebooks are no raters, and a column named label is one like any other."""
    (tmp_path / ".ipynb_checkpoints").mkdir()
    for name in ("anna.csv", ".ipynb_checkpoints/anna-checkpoint.csv", "._anna.csv"):
        table(tmp_path, "item,label\nx,1\n", name)
    assert rows_of(rating_sources.read(str(tmp_path), FIELDS)) == [("x", "", "anna", "1")]


def test_what_redcap_adds_is_no_finding(tmp_path, caplog):
    header = "record_id,redcap_event_name,reading_timestamp,mass,comment,reading_complete\n"
    for name in ("anna", "bert"):
        table(tmp_path, f"{header}0,e,01:00,1,{name} unsure,2\n1,e,02:00,0,seen by {name},2\n", f"{name}.csv")
    found = rating_sources.read(str(tmp_path), Fields("record_id", "unused", "*", multiple=False))
    assert set(found["finding"]) == {"mass"}
    assert len(found) == 4
    assert "left out: redcap_event_name, reading_timestamp, comment, reading_complete" in caplog.text


def test_label_studio_stores_an_answer_by_its_control(tmp_path):
    values = [{"choices": ["1"]}, {"number": 1}, {"rating": 2}, {"text": ["3"]}, {"taxonomy": [["lung", "mass"]]}]
    annotations = [
        {"completed_by": rater, "result": [{"from_name": "grade", "value": value}]}
        for rater, value in enumerate(values)
    ]
    annotations += [{"completed_by": 5, "result": None}]
    task = {"id": 1, "data": {"image": "x"}, "annotations": annotations}
    found = rating_sources.read(
        table(tmp_path, json.dumps([task]), "a.json"), Fields("image", "completed_by", "grade", multiple=False)
    )
    assert found["label"].tolist() == ["1", "1", "2", "3", "mass"]
    task["annotations"] = [{"completed_by": 1, "result": [{"from_name": "grade", "value": {"brush": []}}]}]
    with pytest.raises(InputError, match="an answer of the kind 'brush'"):
        rating_sources.read(
            table(tmp_path, json.dumps([task]), "a.json"), Fields("image", "completed_by", "grade", multiple=False)
        )


@pytest.mark.parametrize("form", ["lines", "list"])
def test_labelbox_is_told_by_its_content(tmp_path, form):
    rows = [labelbox_row("x", ann={"radio_answer": {"name": "1"}}), labelbox_row("y", ann={"radio_answer": None})]
    text = "\n".join(rows) if form == "lines" else f"[{','.join(rows)}]"
    found = rating_sources.read(
        table(tmp_path, text, "a.json"), Fields("external_id", "created_by", "Severity", multiple=False)
    )
    assert rows_of(found) == [("x", "", "ann", "1")]


def test_an_export_nested_without_end(tmp_path):
    with pytest.raises(InputError, match="nested too deeply"):
        rating_sources.read(table(tmp_path, "[" * 200_000, "a.json"), FIELDS)


def labelbox(answer: dict[str, object], item: object = "x") -> dict[str, object]:
    label = {"label_details": {"created_by": "A"}, "annotations": {"classifications": [{"name": "label", **answer}]}}
    return {"data_row": {"external_id": item}, "projects": {"p": {"labels": [label]}}}


LABELBOX = Fields(item="external_id", rater="created_by", label="label", multiple=False)


def read_lines(tmp_path, *rows):
    path = tmp_path / "export.ndjson"
    path.write_text("\n".join(map(json.dumps, rows)))
    return rating_sources.read(str(path), LABELBOX)


def test_an_empty_text_of_labelbox_is_no_rating(tmp_path):
    found = read_lines(
        tmp_path, labelbox({"text_answer": {"content": None}}), labelbox({"radio_answer": {"name": "1"}}, "y")
    )
    assert rows_of(found) == [("y", "", "A", "1")]


def test_an_answer_of_labelbox_that_is_not_known_is_named(tmp_path):
    with pytest.raises(InputError, match=r"export\.ndjson, line 2: an answer of the kind 'number_answer'"):
        read_lines(tmp_path, labelbox({"radio_answer": {"name": "1"}}), labelbox({"number_answer": 3}))


def test_an_image_without_a_name_is_not_taken_for_one_called_none(tmp_path):
    with pytest.raises(InputError, match=r"line 2: external_id is empty"):
        read_lines(tmp_path, *(labelbox({"radio_answer": {"name": "1"}}, item) for item in ("x", None)))


@pytest.mark.parametrize("added", ["Unnamed: 0", "reading_complete", "redcap_repeat_instance"])
def test_columns_that_programs_add_are_no_raters(tmp_path, caplog, added):
    pd.DataFrame({added: [0, 2], "item": ["x", "y"], "R1": [1, 0], "R2": [1, 1], "note": ["", "blurred"]}).to_csv(
        tmp_path / "wide.csv", index=False
    )
    found = rating_sources.read(str(tmp_path / "wide.csv"), Fields("item", "*", "label", False))
    assert rows_of(found) == [("x", "", "R1", "1"), ("x", "", "R2", "1"), ("y", "", "R1", "0"), ("y", "", "R2", "1")]
    assert f"{added}, note" in caplog.text


@pytest.mark.parametrize(
    "name", ["patient", "Patient ID", "study_id", "StudyInstanceUID", "view", "Age", "sex", "split"]
)
def test_columns_that_tell_of_images_are_no_raters(tmp_path, name, caplog):
    """Though they hold numbers, as the grades of a wide table do."""
    path = tmp_path / "wide.csv"
    pd.DataFrame({"item": ["x", "y"], name: [1, 2], "R1": [0, 1], "R2": [0, 0]}).to_csv(path, index=False)
    found = rating_sources.read(str(path), Fields("item", "*", "label", False))
    assert set(found["rater"]) == {"R1", "R2"}
    assert name in caplog.text
    named = rating_sources.read(str(path), Fields(name, "*", "label", False))
    assert set(named["subject"]) == {"1", "2"}


@pytest.mark.parametrize("name", ["consensus", "Ground_Truth", "gt", "adjudicated label", "Majority Vote"])
def test_a_standard_is_no_rater_but_beside_one_alone(tmp_path, name, caplog):
    every = Fields("item", "*", "label", multiple=False)
    for raters, kept in ((["AI"], ["AI", name]), (["AI", "Anna"], ["AI", "Anna"])):
        folder = tmp_path / str(len(raters))
        folder.mkdir()
        for rater in [*raters, name]:
            (folder / f"{rater}.csv").write_text("item,label\nx,1\ny,0\n")
        wide = pd.DataFrame({"item": ["x", "y"]} | {rater: [1, 0] for rater in [*raters, name]})
        wide.to_csv(folder / "w.txt", index=False)
        assert set(rating_sources.read(str(folder / "w.txt"), every)["rater"]) == set(kept)
        (folder / "w.txt").unlink()
        assert set(rating_sources.read(str(folder), FIELDS)["rater"]) == set(kept)
    assert f"of no rater, and left out: {name}.csv" in caplog.text


def test_several_findings_in_a_cell_are_told(tmp_path, caplog):
    (tmp_path / "a.csv").write_text("item,rater,label\nx,A,mass|effusion\nx,B,mass\n")
    assert len(rating_sources.read(str(tmp_path / "a.csv"), MULTIPLE)) == 4
    assert "count as one each: 'mass|effusion'" in caplog.text
