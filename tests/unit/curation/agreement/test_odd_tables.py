"""Ratings as spreadsheets, REDCap and labelling tools leave them, beyond what the forms themselves ask for."""

import json

import pytest

from radsieve.curation.agreement import rating_sources, ratings
from radsieve.curation.agreement.rating_sources import Fields
from radsieve.errors import InputError

LONG = Fields(item="item", rater="rater", label="label", multiple=False)
WIDE = Fields(item="item", rater="*", label="label", multiple=False)
FINDINGS = Fields(item="item", rater="rater", label="*", multiple=False)


def read(tmp_path, text, fields, name="a.csv"):
    (tmp_path / name).write_text(text)
    return rating_sources.read(str(tmp_path / name), fields)


@pytest.mark.parametrize(
    "extra",
    [
        "",
        "Mean",
        "total",
        "Average",
        "Unnamed: 0",
        "Consensus",
        "majority_vote",
        "year",
        "BMI",
        "Gold standard",
        "no",
        "age_at_scan",
        "weight_kg",
        "time_s",
        "R1_confidence",
        "created_at",
        "Comments",
    ],
)
def test_an_index_and_a_summary_are_no_raters(tmp_path, caplog, extra):
    found = read(tmp_path, f"{extra},item,R1,R2\n0,x,0,1\n1,y,2,2\n", WIDE)
    assert sorted(set(found["rater"])) == ["R1", "R2"]
    assert f"left out: {extra or 'one without a name'}" in caplog.text


def test_a_rater_whose_table_ends_in_capitals_counts_and_a_sheet_is_named(tmp_path, caplog):
    for name in ("anna.csv", "BEN.CSV", "carl.xlsx"):
        (tmp_path / name).write_text("item,label\nx,1\n")
    (tmp_path / "README.txt").write_text("Graded in May.\n")
    assert sorted(rating_sources.read(str(tmp_path), LONG)["rater"]) == ["BEN", "anna"]
    assert "left out: README.txt, carl.xlsx" in caplog.text


def test_what_redcap_adds_to_an_export_of_labels_is_no_finding(tmp_path):
    header = "item,Event Name,Repeat Instance,Data Access Group,rater,Mass,Complete?\n"
    found = read(tmp_path, header + "1,Base,1,A,Anna,Yes,Complete\n1,Base,2,A,Ben,No,Complete\n", FINDINGS)
    assert set(found["finding"]) == {"Mass"}


@pytest.mark.parametrize(
    ("labels", "words"),
    [(["1-2", "02-Jan"], "02-Jan"), (["3-4", "4. Mrz"], "4. Mrz"), (["0", "янв.02"], "янв.02")],
)
def test_labels_that_a_spreadsheet_made_dates_are_told(tmp_path, caplog, labels, words):
    text = f"item,rater,label\nx,A,{labels[0]}\nx,B,{labels[1]}\n"
    ratings.from_readings(read(tmp_path, text, LONG), [], "nominal")
    assert f"dates: {words};" in caplog.text


def test_labels_with_months_in_their_words_are_no_dates(tmp_path, caplog):
    ratings.from_readings(read(tmp_path, "item,rater,label\nx,A,1-marked\nx,B,march\n", LONG), [], "nominal")
    assert "dates" not in caplog.text


def test_a_row_that_sums_up_is_told(tmp_path, caplog):
    ratings.from_readings(read(tmp_path, "item,R1,R2\nx,0,1\nTotal,0,1\n", WIDE), [], "ordinal")
    assert "sum up others: Total" in caplog.text


@pytest.mark.parametrize("fault", ["#REF!", "#value!", "#N/A"])
def test_an_error_of_a_spreadsheet_is_no_label(tmp_path, fault):
    text = f"item,rater,label\nx,A,1\nx,B,{fault}\n"
    with pytest.raises(InputError, match=fault):
        ratings.from_readings(read(tmp_path, text, LONG), [], "nominal")


def labelbox(*classifications):
    label = {"label_details": {"created_by": "A"}, "annotations": {"classifications": list(classifications)}}
    return json.dumps({"data_row": {"external_id": "x"}, "projects": {"p": {"labels": [label]}}})


SEVERITY = {"name": "Severity", "radio_answer": {"name": "mild", "classifications": []}}


@pytest.mark.parametrize(
    "above",
    [
        {"name": "Abnormal", "radio_answer": {"name": "yes", "classifications": [SEVERITY]}},
        {"name": "Side", "checklist_answers": [{"name": "left"}, {"name": "right", "classifications": [SEVERITY]}]},
    ],
)
def test_a_question_of_labelbox_below_an_answer_is_found(tmp_path, above):
    fields = Fields("external_id", "created_by", "Severity", multiple=False)
    found = read(tmp_path, labelbox(above), fields, "a.ndjson")
    assert found[["subject", "rater", "label"]].to_numpy().tolist() == [["x", "A", "mild"]]


def test_the_former_forms_of_labelbox(tmp_path):
    """A label skipped is the word alone; a CSV has JSON in its cells, which is no label."""
    said = {"classifications": [{"title": "Severity", "answer": {"title": "mild"}}]}
    rows = [{"DataRow ID": "d", "Created By": who, "External ID": "x"} for who in "AB"]
    fields = Fields("External ID", "Created By", "Severity", multiple=False)
    export = json.dumps([rows[0] | {"Label": "Skip"}, rows[1] | {"Label": said}])
    assert read(tmp_path, export, fields, "a.json")["rater"].tolist() == ["B"]
    cell = json.dumps(said).replace('"', '""')
    with pytest.raises(InputError, match=r"a\.csv, row 2: a CSV of Labelbox"):
        read(tmp_path, f'item,rater,label\nx,A,"{cell}"\n', LONG)


def test_items_that_a_spreadsheet_has_shortened_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"a\.csv: column 'item': 1\.2E\+15"):
        read(tmp_path, "item,rater,label\n1.2E+15,A,1\n", LONG)


def test_notes_and_times_beside_labels_of_words_are_no_raters(tmp_path, caplog):
    header = "item,R1,R2,said,seen,updated\n"
    said = ["", "blurred", "see y", "", "dark", "again"]
    rows = [f"x{n},{'mild' if n % 3 else 'severe'},mild,{said[n]},2026-01-0{n + 1}T10:00Z,1.2.2026\n" for n in range(6)]
    found = read(tmp_path, header + "".join(rows), WIDE)
    assert sorted(set(found["rater"])) == ["R1", "R2"]
    assert "left out: said, seen, updated" in caplog.text


def test_a_rater_who_shares_no_label_is_kept_if_the_cells_repeat(tmp_path):
    found = read(tmp_path, "item,R1,R2,R3\nx,a,b,c\ny,b,a,c\nz,a,a,c\n", WIDE)
    assert sorted(set(found["rater"])) == ["R1", "R2", "R3"]


def test_a_finding_that_one_writes_as_true_and_another_as_1_is_kept(tmp_path):
    for rater, yes, no in (("anna", "True", "False"), ("ben", "1", "0")):
        (tmp_path / f"{rater}.csv").write_text(f"item,mass,effusion\nx,{yes},1\ny,{no},0\n")
    found = rating_sources.read(str(tmp_path), FINDINGS)
    assert sorted(set(found["finding"])) == ["effusion", "mass"]
