"""scripts/audit_splits.py on drawn knees in two folders that share a file, a picture, a copy and a patient."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from dicoms import PICTURE, dataset, stored
from PIL import Image

from radsieve import tables
from radsieve.phantoms.knees import render_knee
from radsieve.screening.splits.audit import across_parts
from radsieve.screening.tables import AUDIT_COUNTS, AUDIT_PAIRS, AUDIT_REPAIRED
from radsieve.tables.images import IMAGE_QUARANTINE

OUTPUTS = ["counts.csv", "metrics.json", "pairs.csv", "pairs.png", "quarantine.csv", "repaired.csv"]
AUDIT = {"images": "images", "patient_pattern": r"(p\d+)_", "parts": ["train", "test"], "hash_distance": 8}


def write(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def folder(tmp_path, set_params):
    """Ten knees in train; in test the first as it is, the second saved anew, the third cropped, all of other patients;
    another knee of train's patient p4, two that share nothing, and what is no image.
    """
    drawn = (render_knee(np.random.default_rng(number), 4.0, 128) for number in range(13))
    knees = [(255 * knee).astype(np.uint8) for knee in drawn]
    train, test = tmp_path / "images/train", tmp_path / "images/test"
    for number in range(10):
        write(train / f"p{number}_knee.png", knees[number])
    test.mkdir()
    shutil.copy(train / "p0_knee.png", test / "p20_knee.png")
    write(test / "p21_knee.bmp", knees[1])
    write(test / "p22_knee.png", knees[2][4:-4, 6:-6])
    write(test / "p4_other.png", knees[10])
    write(test / "p23_knee.png", knees[11])
    write(test / "p24_knee.png", knees[12])
    (test / "p25_knee.png").write_text("no image")
    write(tmp_path / "images/unused/p0_knee.png", knees[0])
    set_params(tmp_path, audit_splits=AUDIT)
    return tmp_path


def test_every_pair_that_crosses_is_found_with_its_reason(folder, run_stage):
    for out in ("out", "again"):
        done = run_stage("audit_splits", folder, out=out)
        assert done.returncode == 0, done.stderr
    assert "16 images, 4 pairs cross; 0 listed in two parts, 1 of other parts left out, 1 in quarantine" in done.stderr
    pairs = tables.read(AUDIT_PAIRS, folder / "out/pairs.csv")
    found = {frozenset(row[:2]): row[2] for row in pairs[["image_a", "image_b", "reason"]].to_numpy().tolist()}
    assert found == {
        frozenset(("train/p0_knee.png", "test/p20_knee.png")): "bytes",
        frozenset(("train/p1_knee.png", "test/p21_knee.bmp")): "pixels",
        frozenset(("train/p2_knee.png", "test/p22_knee.png")): "near",
        frozenset(("train/p4_knee.png", "test/p4_other.png")): "patient",
    }
    assert pairs.loc[pairs["reason"] == "patient", ["distance", "similarity"]].isna().all(axis=None)
    counts = tables.read(AUDIT_COUNTS, folder / "out/counts.csv").set_index(["part", "other", "reason"])
    assert counts.loc[("test", "train", "any"), ["images", "crossing"]].tolist() == [6, 4]
    assert counts.loc[("train", "test", "any"), ["images", "crossing"]].tolist() == [10, 4]
    assert counts.loc[("test", "train", "near"), "crossing"] == 1
    # Wilson 1927, 4 of 6 at 95%
    assert counts.loc[("test", "train", "any"), ["lower", "upper"]].tolist() == pytest.approx([0.30, 0.903], abs=2e-3)
    repaired = tables.read(AUDIT_REPAIRED, folder / "out/repaired.csv").set_index("image")
    moved = repaired[repaired["part"] != repaired["repaired"]]
    assert sorted(moved.index) == [f"train/p{number}_knee.png" for number in (0, 1, 2, 4)]
    assert repaired.groupby("unit")["repaired"].nunique().eq(1).all()
    assert tables.read(IMAGE_QUARANTINE, folder / "out/quarantine.csv")["image"].tolist() == ["test/p25_knee.png"]
    assert json.loads((folder / "out/metrics.json").read_text())["crossing_pairs_by_reason"]["pixels"] == 1
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes()


def test_the_repaired_split_has_nothing_that_crosses(tmp_path, run_stage, set_params):
    """Of a knee, one copy in train is like that in test, and another, turned further, only like the first one."""
    knee = Image.fromarray((255 * render_knee(np.random.default_rng(1), 4.0, 160)).astype(np.uint8))
    for place, degrees in (("test/a.png", 0), ("train/b.png", 4), ("train/c.png", 8)):
        path = tmp_path / "images" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        knee.rotate(degrees, Image.Resampling.BICUBIC).crop((20, 20, 140, 140)).save(path)
    for number in range(4):
        write(
            tmp_path / f"images/train/{number}.png",
            (255 * render_knee(np.random.default_rng(9 + number), 4.0, 128)).astype(np.uint8),
        )
    set_params(tmp_path, audit_splits=AUDIT | {"patient_pattern": "none"})
    assert run_stage("audit_splits", tmp_path, out="out").returncode == 0
    repaired = tables.read(AUDIT_REPAIRED, tmp_path / "out/repaired.csv")
    assert set(repaired.loc[repaired["repaired"] == "test", "image"]) == {"test/a.png", "train/b.png", "train/c.png"}
    repaired.to_csv(tmp_path / "repaired.csv", index=False)
    again = AUDIT | {"patient_pattern": "none", "table": "repaired.csv", "split": "repaired"}
    set_params(tmp_path, audit_splits=again)
    done = run_stage("audit_splits", tmp_path, out="again")
    assert "7 images, 0 pairs cross" in done.stderr


def test_equal_pictures_without_detail_and_copies_within_a_part(tmp_path, run_stage, set_params):
    """Blank pictures correlate with nothing; of the copies in train one has the bytes of that in test."""
    blank, knee = np.zeros((64, 64), np.uint8), (255 * render_knee(np.random.default_rng(1), 4.0, 128)).astype(np.uint8)
    for place, pixels in (
        ("train/p1_0.png", blank), ("test/p2_0.png", blank), ("train/p3_1.bmp", knee), ("train/p3_2.png", knee),
        ("test/p3_3.png", knee),
    ):  # fmt: skip
        write(tmp_path / "images" / place, pixels)
    set_params(tmp_path, audit_splits=AUDIT)
    done = run_stage("audit_splits", tmp_path, out="out")
    assert done.returncode == 0, done.stderr
    pairs = tables.read(AUDIT_PAIRS, tmp_path / "out/pairs.csv")
    found = {frozenset(row[:2]): row[2] for row in pairs[["image_a", "image_b", "reason"]].to_numpy().tolist()}
    assert found == {
        frozenset(("train/p1_0.png", "test/p2_0.png")): "bytes",
        frozenset(("train/p3_2.png", "test/p3_3.png")): "bytes",
        frozenset(("train/p3_1.bmp", "test/p3_3.png")): "pixels",
    }
    counts = tables.read(AUDIT_COUNTS, tmp_path / "out/counts.csv").set_index(["part", "other", "reason"])["crossing"]
    assert counts.loc["train", "test"].to_dict() == {"any": 3, "bytes": 2, "pixels": 1, "near": 0, "patient": 0}
    assert counts.loc["test", "train"].to_dict() == {"any": 2, "bytes": 2, "pixels": 1, "near": 0, "patient": 0}


def test_a_negative_in_another_part_is_written_as_one(tmp_path, run_stage, set_params):
    knee = (255 * render_knee(np.random.default_rng(1), 4.0, 128)).astype(np.uint8)
    for place, pixels in (("train/p1.png", knee), ("test/p2.png", 255 - knee), ("test/p3.png", knee[:, ::-1])):
        write(tmp_path / "images" / place, pixels)
    set_params(tmp_path, audit_splits=AUDIT | {"patient_pattern": r"(p\d+)"})
    done = run_stage("audit_splits", tmp_path, out="out")
    assert done.returncode == 0, done.stderr
    pairs = tables.read(AUDIT_PAIRS, tmp_path / "out/pairs.csv")
    kinds = {
        min(row["image_a"], row["image_b"]): (row["reason"], row["mirrored"], row["negative"])
        for row in pairs.to_dict("records")
    }
    assert kinds == {"test/p2.png": ("near", 0, 1), "test/p3.png": ("near", 1, 0)}


def test_a_file_that_is_listed_in_two_parts_is_counted(folder, run_stage, set_params):
    rows = ["train/p0_knee.png,train", "train/p0_knee.png,test", "train/p1_knee.png,train", "test/p23_knee.png,test"]
    (folder / "list.csv").write_text("\n".join(["image,part", *rows]))
    set_params(folder, audit_splits=AUDIT | {"table": "list.csv", "split": "part"})
    assert run_stage("audit_splits", folder, out="out").returncode == 0
    assert json.loads((folder / "out/metrics.json").read_text())["listed_in_two_parts"] == 1


def test_a_split_by_chance_is_drawn_file_by_file(tmp_path, run_stage, set_params):
    """Ten knees, each saved twice: with one file of a pair held out, the other one is learnt from."""
    for number in range(10):
        knee = (255 * render_knee(np.random.default_rng(number), 4.0, 128)).astype(np.uint8)
        for ending in ("png", "bmp"):
            write(tmp_path / f"images/{number}.{ending}", knee)
    by_chance = AUDIT | {"patient_pattern": "none", "split": "chance", "shares": [0.7, 0.3]}
    found = {}
    for seed in (1, 1, 2):
        set_params(tmp_path, audit_splits=by_chance | {"seed": seed})
        assert run_stage("audit_splits", tmp_path, out="out").returncode == 0
        repaired = tables.read(AUDIT_REPAIRED, tmp_path / "out/repaired.csv").set_index("image")
        assert repaired["part"].value_counts().to_dict() == {"train": 14, "test": 6}
        assert found.setdefault(seed, repaired["part"].to_dict()) == repaired["part"].to_dict()
        reasons = set(tables.read(AUDIT_COUNTS, tmp_path / "out/counts.csv")["reason"])
        assert reasons == {"any", "bytes", "pixels", "near"}  # nobody knows whose they are
        of_pair = repaired["part"].groupby(lambda name: name[0]).nunique()
        pairs = tables.read(AUDIT_PAIRS, tmp_path / "out/pairs.csv")
        assert len(pairs) == (of_pair == 2).sum() > 0
        assert repaired["repaired"].groupby(lambda name: name[0]).nunique().eq(1).all()
    assert found[1] != found[2]
    set_params(tmp_path, audit_splits=by_chance | {"shares": [0.7, 0.4]})
    done = run_stage("audit_splits", tmp_path, out="refused")
    assert done.returncode == 2
    assert "audit_splits.shares = [0.7, 0.4]" in done.stderr


def test_a_column_names_the_parts(folder, run_stage, set_params):
    rows = ["train/p0_knee.png,a", "test/p20_knee.png,a", "train/p1_knee.png,b", "train/p2_knee.png,c"]
    (folder / "list.csv").write_text("\n".join(["file,part", *rows]))
    changes = {"table": "list.csv", "name": "file", "split": "part", "parts": ["a", "b", "c"]}
    set_params(folder, audit_splits=AUDIT | changes)
    done = run_stage("audit_splits", folder, out="out")
    assert done.returncode == 0, done.stderr
    assert tables.read(AUDIT_PAIRS, folder / "out/pairs.csv").empty
    assert tables.read(AUDIT_COUNTS, folder / "out/counts.csv")[["part", "other"]].drop_duplicates().shape[0] == 6


def test_many_images_of_one_patient_in_two_parts():
    """1,000 and 300 of them: too many pairs to list, but every image is named in one at least."""
    table = pd.DataFrame({"key": "p1", "label": ["train"] * 1000 + ["test"] * 300})
    pairs = np.array(list(across_parts(table, "key")))
    assert len(pairs) == 1000
    assert set(pairs[:, 0]) == set(range(1000)) and set(pairs[:, 1]) == set(range(1000, 1300))
    assert len(list(across_parts(table[table.index % 10 == 0], "key"))) == 100 * 30


def test_nothing_to_audit(tmp_path, run_stage, set_params):
    set_params(tmp_path)
    done = run_stage("audit_splits", tmp_path, out="out")
    assert done.returncode == 0, done.stderr
    assert "no split to audit; audit_splits.images names one" in done.stderr
    assert tables.read(AUDIT_REPAIRED, tmp_path / "out/repaired.csv").empty


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parts": ["train"]}, "audit_splits.parts: name two parts at least"),
        ({"parts": ["train", "held out"]}, "audit_splits.parts: no readable image in held out"),
        ({"images": "nowhere"}, "audit_splits.images: nowhere is not a folder"),
        ({"split": "part"}, "audit_splits.table = none, but 'part' should be a column of it"),
    ],
)
def test_what_a_user_can_get_wrong(folder, run_stage, set_params, changes, message):
    set_params(folder, audit_splits=AUDIT | changes)
    done = run_stage("audit_splits", folder, out="out")
    assert done.returncode == 2
    assert message in done.stderr
    assert not (folder / "out").exists()


def test_films_in_dicom_of_one_patient_in_two_parts(tmp_path, set_params, run_stage):
    for number, place in enumerate(("train/a.dcm", "train/b.dcm", "test/c.dcm", "test/d.dcm")):
        path = tmp_path / "images" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stored(dataset(np.roll(PICTURE, 9 * number, axis=1), PatientID=f"4711-{number % 3}")))
    set_params(tmp_path, audit_splits={"images": "images", "parts": ["train", "test"], "hash_distance": 0})
    done = run_stage("audit_splits", tmp_path, out="out")
    assert done.returncode == 0, done.stderr
    pairs = tables.read(AUDIT_PAIRS, tmp_path / "out/pairs.csv")
    assert pairs.loc[pairs["reason"] == "patient", ["image_a", "image_b"]].to_numpy().tolist() == [
        ["test/d.dcm", "train/a.dcm"]
    ]
    assert "4711" not in "".join(path.read_text() for path in (tmp_path / "out").glob("*.csv"))
