"""Which files are the images of a set: radsieve.imaging.image_sets."""

from pathlib import Path

import pandas as pd
import pytest
from defaults import settings

from radsieve.errors import InputError
from radsieve.imaging.image_folders import Rejected
from radsieve.imaging.image_sets import ImageSet, choose_images

PLAIN = {"images": "images", "table": "none", "patient": "none", "masks": "none", "mask": "none"}
PLAIN |= {"subgroups": [], "age": "none"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder; its images are not read here, so that names suffice."""
    monkeypatch.chdir(tmp_path)
    for name in ("sick/p1_a.png", "sick/p1_b.png", "well/p2.png", "well/nobody.png"):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path


def choose(**changes):
    return choose_images(ImageSet.of(settings("pack_images.chest", **PLAIN | changes), "pack_images.own"))


def table(*rows, columns="path,who,state,mask"):
    return pd.DataFrame([row.split(",") for row in rows], columns=columns.split(","))


def from_table(rows, **changes):
    rows.to_csv("table.csv", index=False)
    return choose(table="table.csv", **{"name": "path", "patient": "who", "label": "state", **changes})


def test_a_folder_without_a_table(folder):
    choice = choose(patient_pattern=r"(p\d+)", label="folder", masks="masks", mask="{stem}_mask.png")
    assert choice.images.to_numpy().tolist() == [
        ["sick/p1_a.png", "p1", "sick", "", "", ("sick/p1_a_mask.png",)],
        ["sick/p1_b.png", "p1", "sick", "", "", ("sick/p1_b_mask.png",)],
        ["well/p2.png", "p2", "well", "", "", ("well/p2_mask.png",)],
    ]
    assert choice.rejected == [Rejected("well/nobody.png", "no patient", "the pattern is not in its path")]


def test_files_that_no_row_of_the_table_names_are_counted(folder):
    rows = table("sick/p1_a.png,1,sick,", "Well\\p2.png,2,well,", "gone.png,3,well,")
    assert from_table(rows).without_row == 2
    rows.to_csv("images/rows.csv", index=False)  # among the images, but none of them
    assert choose(table="images/rows.csv", name="path", patient="who").without_row == 2
    assert choose().without_row == 0


def test_a_patient_by_a_pattern_of_several_parts(folder):
    choice = choose(patient_pattern=r"(p\d)_([ab])|(nobody)|(p\d)")
    assert dict(zip(choice.images["image"], choice.images["patient"], strict=True)) == {
        "sick/p1_a.png": "p1 a", "sick/p1_b.png": "p1 b", "well/nobody.png": "nobody", "well/p2.png": "p2",
    }  # fmt: skip


def test_a_group_by_pattern(folder):
    choice = choose(group="pattern:_([ab])")
    assert dict(zip(choice.images["image"], choice.images["group"], strict=True)) == {
        "sick/p1_a.png": "a", "sick/p1_b.png": "b", "well/nobody.png": "", "well/p2.png": "",
    }  # fmt: skip


@pytest.mark.parametrize("pattern", ["_[ab]", "("])
def test_a_wrong_pattern_of_the_group(folder, pattern):
    with pytest.raises(
        InputError, match=r"pack_images\.own\.group = .*(parentheses around what names the group|not a reg)"
    ):
        choose(group=f"pattern:{pattern}")


def test_ages_that_are_codes_are_told(folder, caplog):
    rows = pd.DataFrame({"path": ["sick/p1_a.png", "sick/p1_b.png", "well/p2.png"], "who": list("aab"), "state": "x"})
    from_table(rows.assign(years=["40 to 59", "050Y", ""]), age="years", age_bands=[18, 60])
    assert "own.age: 1 of 3 ages are no years up to 130, and not stated in results; the first: 40 to 59" in caplog.text


def test_sex_and_band_of_age_are_carried_along(folder):
    rows = table(
        "sick/p1_a.png,1,?,F,59.9", "sick/p1_b.png,1,?,female,060Y", "well/p2.png,2,?, ,8", "well/nobody.png,3,?,m,999",
        columns="path,who,state,sex,years",
    )  # fmt: skip
    choice = from_table(rows, subgroups=["sex"], age="years", age_bands=[18, 60])
    assert dict(zip(choice.images["image"], choice.images["subgroups"], strict=True)) == {
        "sick/p1_a.png": "age=18 to under 60; sex=F",
        "sick/p1_b.png": "age=60 and over; sex=F",
        "well/p2.png": "age=under 18; sex=not stated",
        "well/nobody.png": "age=not stated; sex=M",
    }
    with pytest.raises(InputError, match="no column 'view'"):
        from_table(rows, subgroups=["view"])


def test_without_patients_each_image_is_one(folder):
    choice = choose()
    assert choice.images["patient"].tolist() == choice.images["image"].tolist()
    assert not choice.rejected and not choice.left_out


def test_a_table_in_any_order(folder):
    rows = table("well/p2.png,2,no,m2.png", "sick/p1_b.png,1,yes,", "sick/p1_a.png,1,?,m1.png")
    options = {"labels": ["no", "yes"], "masks": "masks", "mask": "column:mask", "group": "state"}
    choice = from_table(rows, **options)
    assert choice.images.to_numpy().tolist() == [
        ["sick/p1_b.png", "1", "yes", "yes", "state=yes", ("",)],
        ["well/p2.png", "2", "no", "no", "state=no", ("m2.png",)],
    ]
    assert choice.left_out == {"?": 1}
    pd.testing.assert_frame_equal(from_table(rows[::-1], **options).images, choice.images)


def test_the_columns_of_a_table_may_have_the_names_of_ours(folder):
    rows = table("well/p2.png,7,p", "sick/p1_a.png,8,q", columns="path,image,label")
    choice = from_table(rows, patient="image", label="label", group="label")
    assert choice.images[["image", "patient", "label", "group"]].to_numpy().tolist() == [
        ["sick/p1_a.png", "8", "q", "q"],
        ["well/p2.png", "7", "p", "p"],
    ]


def test_rows_that_cannot_be_right_are_rejected(folder):
    rows = table(
        "well/p2.png,2,no,",
        "well/p2.png,2,no,",
        "sick/p1_a.png,1,yes,",
        "sick/p1_a.png,1,no,",
        "sick/p1_b.png,,yes,",
        "lost.png,4,yes,",
        "../secret.png,5,yes,",
        "NA,6,yes,",
        ",7,yes,",
    )
    choice = from_table(rows)
    assert choice.images["image"].tolist() == ["well/p2.png"]
    assert {one.name: one.reason for one in choice.rejected} == {
        "": "unsafe key",
        "../secret.png": "unsafe key",
        "NA": "not in the folder",
        "lost.png": "not in the folder",
        "sick/p1_a.png": "rows disagree",
        "sick/p1_b.png": "no patient",
    }
    assert "2 different rows for one file: label" in {one.detail for one in choice.rejected}


def test_a_row_with_too_few_cells(folder):
    (folder / "table.csv").write_text("path,who,state\nwell/p2.png,2\n")
    choice = choose(table="table.csv", name="path", patient="who", label="state")
    assert choice.images["label"].tolist() == [""]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": "absent"}, "pack_images.own.images: absent is not a folder"),
        ({"images": "$NO_SUCH_VARIABLE/images"}, "NO_SUCH_VARIABLE is not set"),
        ({"table": "absent.csv"}, "absent.csv: not found"),
        ({"table": "empty.csv"}, "empty.csv: cannot be read"),
        ({"table": "images"}, "images: cannot be read"),
        ({"table": "table.csv", "name": "path", "label": "stage"}, "no column 'stage' .*; it has path, who"),
        ({"patient": "who"}, "table = none, but 'who'"),
        ({"masks": "masks", "mask": "column:mask"}, "table = none, but 'mask'"),
        ({"masks": "masks"}, "mask = none"),
        ({"labels": ["a", "b"]}, "label = none"),
        ({"patient_pattern": "(p"}, "not a regular expression"),
        ({"patient_pattern": r"p\d"}, "needs parentheses around what names the patient"),
        ({"patient": "who", "patient_pattern": "(p)", "table": "table.csv"}, "patient or patient_pattern"),
    ],
)
def test_what_a_user_can_get_wrong_is_named(folder, changes, message):
    (folder / "table.csv").write_text("path,who\nwell/p2.png,2\n")
    (folder / "empty.csv").touch()
    with pytest.raises(InputError, match=message):
        choose(**changes)


def test_names_that_no_table_could_hold(folder):
    """A file name of another encoding, as an old disk has it, goes to quarantine; the others are used."""
    (folder / "images/well").joinpath(b"R\xf6ntgen.png".decode("utf-8", "surrogateescape")).write_bytes(b"x")
    choice = choose(label="folder")
    assert choice.rejected == [Rejected("well/R\\udcf6ntgen.png", "unsafe key", "control character")]
    assert len(choice.images) == 4


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("sick/p1_a", "sick/p1_a.png"),  # as archives list names without their ending
        ("sick\\p1_a.png", "sick/p1_a.png"),
        ("SICK/P1_A.PNG", "sick/p1_a.png"),
        ("./well/p2.png", "well/p2.png"),
    ],
)
def test_a_name_is_taken_for_the_one_file_that_it_can_mean(folder, caplog, name, file):
    choice = from_table(table(f"{name},q,x,"), masks="none", mask="none")
    assert choice.images["image"].tolist() == [file]
    assert "1 names differ from files" in caplog.text


def test_a_name_that_two_files_could_mean_is_none(folder):
    (folder / "images/well/p2.jpg").write_bytes(b"x")
    with_two = from_table(table("well/p2,q,x,", "sick/p1_a.png,q,x,"), masks="none", mask="none")
    assert [one.name for one in with_two.rejected] == ["well/p2"]


def test_tables_of_spreadsheets(folder):
    Path("table.csv").write_text("path;who;state;mask\nsick/p1_a.png;p1;ill;\n", encoding="utf-16")
    choice = choose(table="table.csv", name="path", patient="who", label="state")
    assert choice.images[["image", "patient", "label"]].to_numpy().tolist() == [["sick/p1_a.png", "p1", "ill"]]


@pytest.mark.parametrize("code", ["NA", "n/a", "unknown", " ", "Anonymous", "REMOVED", "#N/A", "-", "#REF!"])
def test_a_code_for_an_unknown_patient_is_no_patient(folder, code):
    choice = from_table(table(f"sick/p1_a.png,{code},x,", "well/p2.png,p2,x,"), masks="none", mask="none")
    assert [(one.name, one.reason) for one in choice.rejected] == [("sick/p1_a.png", "no patient")]


def test_an_image_has_several_masks(folder):
    choice = choose(masks="masks", mask="left/{stem}.png + right/{name}")
    assert choice.images["masks"].iloc[0] == ("left/sick/p1_a.png", "right/sick/p1_a.png")


def test_a_label_in_another_spelling_is_the_wanted_one(folder, caplog):
    rows = table("sick/p1_a.png,1,Ill ,", "sick/p1_b.png,1,ill,", "well/p2.png,2,1.0,", "well/nobody.png,3,other,")
    choice = from_table(rows, labels=["1", "ill"])
    assert choice.images["label"].tolist() == ["ill", "ill", "1"]
    assert choice.left_out == {"other": 1}
    assert "'1.0' for '1'" in caplog.text
    assert from_table(rows, labels=["Ill", "ill"]).images["label"].tolist() == ["Ill", "ill"]  # both are wanted


def test_patients_that_a_spreadsheet_has_shortened_are_refused(folder):
    with pytest.raises(InputError, match=r"table\.csv: column 'who': 1,2E\+11 .* store the column as text"):
        from_table(pd.DataFrame({"path": ["well/p2.png"], "who": ["1,2E+11"], "state": ["x"]}))
