"""Grades in a table beside the images: the same rows as from folders, whatever program wrote the names."""

import unicodedata

import numpy as np
import pandas as pd
import pytest
from defaults import settings
from dicoms import PICTURE, dataset, stored
from PIL import Image

from radsieve.curation.ingestion import ReadLimits, ingest, refuse_nothing
from radsieve.curation.label_tables import read_layout
from radsieve.curation.layouts import Layout, Rejection, check_object
from radsieve.curation.normalization import divided
from radsieve.errors import InputError
from radsieve.imaging.pseudonyms import Pseudonyms
from radsieve.settings import Splits
from radsieve.storage.cache import Cache
from radsieve.storage.folder import FolderSource
from radsieve.storage.objects import StoredObject

KEY = Pseudonyms(b"a key of sixteen characters")
GRADERS, GRADES = ["Anna", "Bert"], ["0Normal", "1Mild"]
NAMES = ["sub/a.png", "sub/b.10.1x.png", "Größe.png", "d.png"]
GIVEN = {"Anna": [0, 0, 1, 1], "Bert": [0, 1, 1, None]}
FOUND = sorted(
    (grader, GRADES[grade], f"{grader}/{GRADES[grade]}/{name}")
    for grader, grades in GIVEN.items()
    for name, grade in zip(NAMES, grades, strict=True)
    if grade is not None
)
LONG = pd.DataFrame(
    [
        (name, grader, GRADES[grade])
        for name_, grades in zip(NAMES, zip(*GIVEN.values(), strict=True), strict=True)
        for name in [name_]
        for grader, grade in zip(GRADERS, grades, strict=True)
        if grade is not None
    ],
    columns=["image", "rater", "label"],
)


@pytest.fixture
def folder(tmp_path):
    for number, name in enumerate(NAMES):
        path = tmp_path / "set/images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(number).integers(0, 255, (30, 40), dtype=np.uint8)).save(path)
    return tmp_path


def source(**options):
    found = {"graders": GRADERS, "grades": GRADES, "prefix": "images/", "endpoint": "folder", "layout": "table"}
    table = {"file": "none", "image": "image", "rater": "rater", "label": "label"}
    table |= dict.fromkeys(("patient", "study", "view", "split"), "none")
    return settings("source", **found, table=table | options)


def ingested(folder, table, name="labels.csv", **options):
    """What is ingested with a table (text, or a frame) beside the images."""
    path = folder / "set" / options.pop("beside", ".") / name
    if isinstance(table, pd.DataFrame) and path.suffix == ".parquet":
        table.to_parquet(path)
    else:
        path.write_text(table if isinstance(table, str) else table.to_csv(index=False), encoding="utf-8")
    layout = read_layout(source(file=str(path), **options), lambda: KEY)
    with Cache(folder / "cache") as cache:
        return ingest(FolderSource(folder / "set", "images/"), cache, layout, ReadLimits(2, 10**6, 10**6), lambda: KEY)


def rows(found):
    return list(found.raw_data.drop(columns="file_id").itertuples(index=False, name=None))


@pytest.mark.parametrize(
    "change",
    [
        lambda name: name,
        lambda name: f"images/{name}",
        lambda name: name.replace("/", "\\"),
        lambda name: name.removesuffix(".png"),
        lambda name: name.upper().removesuffix(".PNG"),
        lambda name: unicodedata.normalize("NFD", name),
        lambda name: name.rpartition("/")[2].removesuffix(".png"),
    ],
)
def test_names_as_programs_write_them(folder, change):
    found = ingested(folder, LONG.assign(image=[change(name) for name in LONG["image"]]))
    assert rows(found) == FOUND
    assert found.quarantine.empty
    assert found.metrics["objects_read"] == 4


def test_every_form_of_a_table(folder):
    wide = LONG.pivot_table(index="image", columns="rater", values="label", aggfunc="first").reset_index()
    wide = wide.fillna("NA").rename(columns={"Anna": " anna"})
    long = LONG.to_csv(index=False)
    spreadsheet = "\ufeff" + LONG.assign(label=LONG["label"].str.upper() + " ").to_csv(index=False, sep=";")
    results = [
        ingested(folder, wide, rater="*", label="none"),
        ingested(folder, long.replace(",", "\t"), "labels.tsv"),
        ingested(folder, spreadsheet),
        ingested(folder, LONG, "labels.parquet"),
        ingested(folder, long + long.split("\n", 1)[1], beside="images"),  # each rating twice, among the images
    ]
    for found in results:
        assert rows(found) == FOUND
        assert found.quarantine.empty


def test_a_grade_may_be_called_as_what_is_missing(folder):
    """None, mild, severe is a scale; an empty cell is missing all the same."""
    table = "image,rater,label\nd.png,Anna,None\nsub/a.png,Anna,1Mild\nGröße.png,Anna,\nsub/b.10.1x.png,Anna,na\n"
    path = folder / "set/labels.csv"
    path.write_text(table, encoding="utf-8")
    layout = read_layout(source(file=str(path)).model_copy(update={"grades": ["None", "1Mild"]}), lambda: KEY)
    with Cache(folder / "cache") as cache:
        of = FolderSource(folder / "set", "images/")
        found = ingest(of, cache, layout, ReadLimits(2, 10**6, 10**6), lambda: KEY)
    assert sorted((grade, path.rpartition("/")[2]) for _, grade, path in rows(found)) == [
        ("1Mild", "a.png"),
        ("None", "d.png"),
    ]


def test_the_same_images_in_folders_give_the_same_rows(folder):
    for _, _, path in FOUND:
        copy = folder / "folders" / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((folder / "set/images" / path.split("/", 2)[2]).read_bytes())
    with Cache(folder / "cache") as cache:
        deeper = Layout.of("", GRADERS, GRADES, r"^(?P<grader>[^/]+)/(?P<grade>[^/]+)/(.+/)?[^/]+$")
        by_folder = ingest(FolderSource(folder / "folders"), cache, deeper, ReadLimits(2, 10**6, 10**6))
    by_table = ingested(folder, LONG)
    assert by_folder.raw_data.equals(by_table.raw_data)


def test_patients_views_and_splits(folder):
    table = LONG.assign(who=["P1", "p1 ", "P1", "P1", "P2", "P2", "unknown"], view="PA", part="")
    table.loc[table["image"] == "d.png", "part"] = "val"
    table.loc[table["image"] == "sub/b.10.1x.png", "part"] = "Test"
    found = ingested(folder, table, patient="who", view="view", split="part")
    images = found.images.set_index(found.raw_data.drop_duplicates("file_id")["relative_path"].str.split("/").str[-1])
    assert images["PatientID"].to_dict() == {
        "a.png": KEY.of("PatientID", "P1"),
        "b.10.1x.png": KEY.of("PatientID", "P1"),
        "Größe.png": KEY.of("PatientID", "P2"),
        "d.png": "",
    }
    assert set(images["ViewPosition"]) == {"PA"}
    kept = found.raw_data.assign(severity=0)
    no_pairs = pd.DataFrame(columns=["file_id_a", "file_id_b"])
    splits = divided(kept, found.images, no_pairs, Splits(validation_share=0.2, test_share=0.2, seed=1))
    names = splits["relative_path"].str.split("/").str[-1]
    assert set(splits.loc[names.isin(["a.png", "b.10.1x.png"]), "split"]) == {
        "test"
    }  # one patient, of whom b is in test
    assert set(splits.loc[names == "d.png", "split"]) == {"validation"}


def units(found):
    """The unit of each file, by its name."""
    kept = found.raw_data.assign(severity=0)
    no_pairs = pd.DataFrame(columns=["file_id_a", "file_id_b"])
    rows = divided(kept, found.images, no_pairs, Splits(validation_share=0.2, test_share=0.2, seed=1))
    return dict(zip(rows["relative_path"].str.split("/").str[-1], rows["unit"], strict=True))


def test_a_table_is_read_by_one_key(folder):
    """Reading .env takes milliseconds, and it may change meanwhile."""
    path, asked = folder / "labels.csv", []
    LONG.assign(who="P1", exam=range(7)).to_csv(path, index=False)
    read_layout(source(file=str(path), patient="who", study="exam"), lambda: asked.append(KEY) or KEY)
    assert len(asked) == 1


def test_one_file_under_two_patients_ties_them(folder, caplog):
    """Its bytes have two names, of G and H; another file has one name, of C and D, who has another film, too."""
    (folder / "set/images/copy.png").write_bytes((folder / "set/images/d.png").read_bytes())
    table = pd.concat([LONG, LONG.tail(1).assign(image="copy.png")]).assign(who=[*"HHCDDDG", "H"])
    found = ingested(folder, table, patient="who")
    assert len(found.images) == 4
    assert "files of several patients by the table, all of whom are one unit: 2" in caplog.text
    unit = units(found)
    assert unit["a.png"] == unit["d.png"] == unit["copy.png"]
    assert unit["b.10.1x.png"] == unit["Größe.png"] != unit["a.png"]


def test_a_tied_patient_holds_out_as_much_as_one_of_whom_it_is_first(folder):
    splits = Splits(validation_share=0.2, test_share=0.2, seed=1)
    no_pairs = pd.DataFrame(columns=["file_id_a", "file_id_b"])
    held_out = []
    for one, other in (("P1", "P3"), ("P3", "P1")):
        found = ingested(folder, LONG.assign(who=["A", "A", "B", "B", "C", "C", one]), patient="who")
        again = pd.concat([LONG, LONG.tail(1).assign(label=GRADES[0])]).assign(who=[*"AABBCC", one, other])
        both = ingested(folder, again, patient="who")
        parts = [divided(each.raw_data.assign(severity=0), each.images, no_pairs, splits) for each in (found, both)]
        held_out.append([each.loc[each["relative_path"].str.endswith("/d.png"), "split"].iloc[0] for each in parts])
    alone, together = zip(*held_out, strict=True)
    assert set(alone) == {"train", "test"} and set(together) == {"test"}


def test_a_header_that_names_another_patient_than_the_table_ties_both(folder, caplog):
    films = {"one.dcm": "4711", "two.dcm": "4711", "three.dcm": "0815"}
    for number, (name, patient) in enumerate(films.items()):
        content = stored(dataset(np.roll(PICTURE, 9 * number, axis=1), PatientID=patient))
        (folder / "set/images" / name).write_bytes(content)
    table = pd.DataFrame({"image": list(films), "rater": "Anna", "label": GRADES[0], "who": ["P1", "P2", "0815"]})
    found = ingested(folder, table, patient="who")
    patients = found.images[["PatientID", "other_patients"]].to_numpy().tolist()
    header = KEY.of("PatientID", "4711")
    assert sorted(patients) == sorted(
        [[KEY.of("PatientID", "P1"), header], [KEY.of("PatientID", "P2"), header], [KEY.of("PatientID", "815"), ""]]
    )
    unit = units(found)
    assert unit["one.dcm"] == unit["two.dcm"] != unit["three.dcm"]
    assert "header names another patient than the table: 2" in caplog.text


def test_what_fits_nowhere_is_in_quarantine_with_its_line(folder):
    table = LONG.to_csv(index=False) + "ghost.png,Anna,1Mild\nd.png,Carl,1Mild\nd.png,Bert,9Odd\n"
    table = table.replace("sub/b.10.1x.png,Anna,0Normal\n", "").replace("sub/b.10.1x.png,Bert,1Mild\n", "")
    found = ingested(folder, table)
    assert found.quarantine[["key", "reason"]].to_numpy().tolist() == [
        ["images/d.png", "unknown grader"],
        ["images/d.png", "unknown grade"],
        ["images/ghost.png", "not in the source"],
        ["images/sub/b.10.1x.png", "not in the table"],
    ]
    assert "line 8" in found.quarantine["detail"][0]
    assert len(found.raw_data) == 5


@pytest.mark.parametrize("place", ["/mnt/films", "C:\\films", "s3://bucket/films"])
def test_a_path_of_another_machine_is_told_from_a_missing_image(folder, place):
    rows = f"{place}/ghost.png,Anna,1Mild\nghost.png,Anna,1Mild\n"
    found = ingested(folder, LONG.to_csv(index=False) + rows).quarantine
    ghosts = found[found["key"].str.endswith("ghost.png")]
    advised = ghosts["detail"].str.contains("source.prefix", regex=False)
    assert advised.tolist() == [key != "images/ghost.png" for key in ghosts["key"]]
    assert advised.sum() == 1 and len(ghosts) == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"image": "film"}, "no column 'film' .source.table.image"),
        ({"rater": "*"}, "no column 'Anna'"),
        ({"rater": "none"}, "source.table.rater"),
        ({"label": "none"}, "source.table.label"),
        ({"split": "label"}, "line 2, column 'label'"),
    ],
)
def test_what_is_wrong_is_named(folder, options, words):
    with pytest.raises(InputError, match=words.replace("*", ".")):
        ingested(folder, LONG, **options)


def test_no_column_of_the_grade_is_needed_beside_one_for_each_grader(folder):
    wide = pd.DataFrame({"image": ["sub/a.png", "ghost"], "Anna": GRADES, "Bert": GRADES})
    assert ingested(folder, wide, rater="*").raw_data.equals(ingested(folder, wide, rater="*", label="none").raw_data)


def test_an_image_that_is_not_there_is_named_once(folder):
    wide = pd.DataFrame({"image": ["sub/a.png", "ghost"], "Anna": GRADES, "Bert": GRADES})
    found = ingested(folder, wide, rater="*", label="none")
    assert found.quarantine["key"].tolist().count("images/ghost") == 1


def test_a_table_of_other_images_says_so(folder):
    found = ingested(folder, LONG.assign(image="elsewhere/" + LONG["image"]))
    with pytest.raises(InputError, match="not in the source"):
        refuse_nothing(found, "images/")


def test_a_folder_that_is_written_otherwise_than_a_grade_says_so():
    layout = Layout.of("", GRADERS, GRADES)
    near, far = (check_object(StoredObject(f"Anna/{name}/a.png", 1, ""), layout, 10) for name in ("0normal ", "9Odd"))
    assert isinstance(near, Rejection) and "0Normal" in near.detail
    assert isinstance(far, Rejection) and far.reason == near.reason
    assert "0Normal" not in far.detail


@pytest.mark.parametrize("pattern", ["(", "no group", "(?P<grade>.)"])
def test_a_pattern_without_what_it_must_name(pattern):
    with pytest.raises(InputError, match=r"source\.pattern"):
        Layout.of("", GRADERS, GRADES, pattern)


def test_names_that_differ_in_capitals_alone_are_not_mixed_up(folder):
    """Neither two graders, nor two columns that may be one's."""
    text = "image,rater,label\nd.png,anna,0Normal\nd.png,Anna,1Mild\nd.png,ANNA,0Normal\n"
    path = folder / "set/labels.csv"
    path.write_text(text)
    given = source(file=str(path)).model_copy(update={"graders": ("Anna", "anna")})
    verdicts = read_layout(given, lambda: KEY).verdicts(list(FolderSource(folder / "set", "images/").list()), 10**6)
    of = {verdict.expert: verdict.severity for _, verdict in verdicts if hasattr(verdict, "expert")}
    assert of == {"Anna": "1Mild", "anna": "0Normal"}
    assert "ANNA is not in source.graders" in " ".join(str(verdict) for _, verdict in verdicts)
    for header, fits in (("Anna,anna", True), ("anna,ANNA", False)):
        path.write_text(f"image,{header},Bert\nd.png,0Normal,1Mild,0Normal\n")
        wide = source(file=str(path), rater="*", label="none")
        if fits:
            assert set(read_layout(wide, lambda: KEY).ratings["severity"]) == {"0Normal"}
        else:
            with pytest.raises(InputError, match="several that may be it"):
                read_layout(wide, lambda: KEY)
    for header in ("Anna", "ANNA"):
        path.write_text(f"image,{header}\nd.png,0Normal\n")
        wide = source(file=str(path), rater="*", label="none").model_copy(update={"graders": ("Anna", "anna")})
        with pytest.raises(InputError, match="'Anna' and 'anna'"):
            read_layout(wide, lambda: KEY)


def test_an_image_of_two_splits_is_refused_and_images_of_no_patient_are_counted(folder, caplog):
    table = LONG.assign(who=np.where(LONG["image"] == "d.png", "", "P1"), part="")
    table.loc[0, "who"] = ""  # whose other row names the patient
    table.to_csv(folder / "t.csv", index=False)
    read_layout(source(file=str(folder / "t.csv"), patient="who", split="part"), lambda: KEY)
    assert "column 'who' is empty for all names of 1 images" in caplog.text
    table.assign(part=["train", "test", *[""] * (len(table) - 2)]).to_csv(folder / "t.csv", index=False)
    with pytest.raises(InputError, match=r"t\.csv, lines 2 and 3, column 'part': sub/a\.png is in two splits"):
        read_layout(source(file=str(folder / "t.csv"), split="part"), lambda: KEY)


@pytest.mark.parametrize("split", ["test", "validation"])
def test_copies_in_several_splits_are_in_the_one_held_out_most(folder, caplog, split):
    (folder / "set/images/copy.png").write_bytes((folder / "set/images/d.png").read_bytes())
    table = pd.DataFrame({"image": ["d.png", "copy.png", "Größe.png"], "rater": "Anna", "label": "0Normal"})
    images = ingested(folder, table.assign(part=["train", split, ""]), split="part").images
    assert sorted(images["given_split"]) == ["", split]
    assert "in the one held out most: 1" in caplog.text


def test_what_is_said_of_an_image_under_two_forms_of_its_name_is_of_one(folder):
    table = pd.DataFrame({"image": ["sub/a.png", "sub\\A"], "rater": "Anna", "label": "0Normal", "who": ["P1", "P2"]})
    found = ingested(folder, table.assign(part=["", "test"]), split="part", patient="who")
    assert found.images["given_split"].tolist() == ["test"]
    assert found.images["PatientID"].tolist() == [KEY.of("PatientID", "P1")]
    assert found.images["other_patients"].tolist() == [KEY.of("PatientID", "P2")]
    with pytest.raises(InputError, match=r"labels\.csv: sub/a\.png is in two splits"):
        ingested(folder, table.assign(part=["train", "test"]), split="part")


def test_grades_and_graders_that_are_written_otherwise_are_told(folder, caplog):
    table = LONG.replace({"Anna": " ANNA", "1Mild": "1mild"})
    assert rows(ingested(folder, table)) == rows(ingested(folder, LONG))
    assert "taken for names of source.grades: '1mild' for '1Mild'" in caplog.text
    assert caplog.text.count("taken for names of source.graders") == 1


def test_the_number_of_a_visit_is_a_study_of_each_patient_and_a_uid_ties_them(folder, caplog):
    table = pd.DataFrame(
        {"image": NAMES, "rater": "Anna", "label": "0Normal", "who": list("aabb"), "visit": list("1212")}
    )
    found = ingested(folder, table, patient="who", study="visit").images
    assert found["StudyInstanceUID"].nunique() == 4 and found["PatientID"].nunique() == 2
    assert "2 studies, such as '1', are of several patients" in caplog.text
    uid = ingested(folder, table.assign(visit="1.2.840.1.7"), patient="who", study="visit").images
    assert set(uid["StudyInstanceUID"]) == {KEY.of("StudyInstanceUID", "1.2.840.1.7")}


@pytest.mark.parametrize("column", ["line", "expert", "severity", "PatientID"])
def test_any_name_of_a_column_will_do(folder, column):
    table = LONG.assign(who=LONG["image"])
    for key, name in (("patient", "who"), ("label", "label"), ("image", "image")):
        options = {"patient": "who"} | {key: column}
        found = ingested(folder, table.rename(columns={name: column}), **options)
        assert rows(found) == rows(ingested(folder, table, patient="who"))


def test_a_mark_that_nobody_sees_in_the_name_of_a_file(folder):
    (folder / "set/images/d.png").rename(folder / "set/images/\u200ed.png")
    for name in ("d.png", "\u200ed.png"):
        found = ingested(folder, LONG.replace({"d.png": name}))
        assert found.quarantine.empty and len(rows(found)) == len(FOUND)


def test_a_path_without_a_grader_is_no_grade_of_the_first_of_several():
    layout = Layout.of("", ["A", "B"], ["0", "1"], r"^(?:(?P<grader>[AB])/)?(?P<grade>[01])/")
    known, unknown = (check_object(StoredObject(key, 1, ""), layout, 10) for key in ("B/1/a.png", "0/b.png"))
    assert known.expert == "B"
    assert isinstance(unknown, Rejection) and "no grader" in unknown.detail
