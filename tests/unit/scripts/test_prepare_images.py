"""scripts/prepare_images.py on drawn images with an outside set, copies, broken files and files without rows."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from defaults import content
from defaults import settings as settings_of
from dicoms import dataset, stored
from PIL import Image

from radsieve import tables
from radsieve.imaging.image_sets import ImageSet
from radsieve.tables.images import IMAGE_QUARANTINE
from radsieve.tasks.images.preparation import _choice
from radsieve.tasks.images.tables import CLASS_COUNTS, CLASS_IMAGES, OUTSIDE_IMAGES

OPTIONS = {"set": "pneumonia", "images": "packs", "out": "out"}


def write(path, seed, shape=(20, 20)):
    """Write an image; that of the fourth patient from inside is of DICOM, whatever its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, shape).astype(np.uint8)
    if path.name.startswith("p3_"):
        path.write_bytes(stored(dataset(pixels, bits=8)))
    else:
        Image.fromarray(pixels).save(path)


def settings(**changed):
    return {"pneumonia": content()["prepare_images"]["pneumonia"] | {
        "images": "inside", "table": "none", "label": "folder", "labels": ["normal", "abnormal"], "patient": "none",
        "patient_pattern": r"(p\d+)_", "pixels": 16, "outside_images": "outside", "outside_table": "none",
    } | changed}  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, run_stage, set_params):
    """40 patients with two images each; outside 10 others, one of whom is a patient from inside; one broken file."""
    folder = tmp_path_factory.mktemp("prepared")
    for patient in range(40):
        for image in range(2):
            label = ("normal", "abnormal")[patient % 2]
            write(folder / f"inside/{label}/p{patient}_{image}.png", [patient, image], (20, 20 + 10 * (patient % 2)))
    for patient in range(10):
        write(folder / f"outside/{('normal', 'abnormal')[patient % 2]}/p{patient + 100}_0.png", [patient, 9])
    write(folder / "outside/normal/p2_9.png", 77)
    write(folder / "outside/normal/p30_9.png", 78)
    (folder / "inside/normal/p90_0.png").write_text("no image")
    set_params(folder, prepare_images=settings())
    done = run_stage("prepare_images", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    return folder


def read(folder, schema, name):
    return tables.read(schema, folder / f"out/{name}.csv")


def test_units_are_whole_and_facts_of_files_are_known(prepared):
    images = read(prepared, CLASS_IMAGES, "images")
    assert len(images) == 80
    assert images.groupby("patient")["split"].nunique().max() == 1
    assert set(images.loc[images["label"] == "abnormal", "width"]) == {30}
    first = images.iloc[0]
    assert first["bytes"] == (prepared / "inside" / first["image"]).stat().st_size
    counts = read(prepared, CLASS_COUNTS, "counts")
    assert counts["label"].tolist()[:2] == ["normal", "abnormal"]
    assert counts.loc[counts["part"] != "outside", "images"].sum() == 80


def test_images_from_outside_of_units_that_are_learnt_from_take_no_part(prepared):
    images, outside = read(prepared, CLASS_IMAGES, "images"), read(prepared, OUTSIDE_IMAGES, "outside")
    learnt = set(images.loc[images["split"] != "test", "unit"])
    assert set(outside.loc[outside["unit"].isin(learnt), "used"]) == {0}
    assert set(outside.loc[~outside["unit"].isin(learnt), "used"]) == {1}
    metrics = json.loads((prepared / "out/metrics.json").read_text())
    assert metrics["outside_left_out"] == (outside["used"] == 0).sum() > 0
    counts = read(prepared, CLASS_COUNTS, "counts")
    assert counts.loc[counts["part"] == "outside", "images"].sum() == (outside["used"] == 1).sum()


def test_what_is_no_image_is_in_quarantine(prepared):
    assert read(prepared, IMAGE_QUARANTINE, "quarantine")["image"].tolist() == ["normal/p90_0.png"]
    assert json.loads((prepared / "out/metrics.json").read_text())["without_row"] == 0  # without a table


def test_twice_the_same_bytes(prepared, run_stage):
    before = {path: path.read_bytes() for path in sorted((prepared / "out").iterdir())}
    assert run_stage("prepare_images", prepared, **OPTIONS).returncode == 0
    assert before == {path: path.read_bytes() for path in sorted((prepared / "out").iterdir())}


def test_only_images_of_one_shape(prepared, run_stage, set_params, tmp_path):
    shutil.copytree(prepared / "inside", tmp_path / "inside")
    set_params(tmp_path, prepare_images=settings(only_shape="20x20", outside_images="none"))
    done = run_stage("prepare_images", tmp_path, **OPTIONS)
    assert "no usable image of label 'abnormal'" in done.stderr
    set_params(tmp_path, prepare_images=settings(only_shape="21x20", outside_images="none"))
    assert "21x20" in run_stage("prepare_images", tmp_path, **OPTIONS).stderr


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("image,finding,patient\nmissing.png,normal,1\n", "no image in"),
        ("image,finding\nx.png,normal\n", "no column 'patient'"),
    ],
)
def test_rows_without_images_and_columns_that_are_missing(rows, reason, run_stage, set_params, tmp_path):
    write(tmp_path / "inside/x.png", 1)
    (tmp_path / "rows.csv").write_text(rows)
    changed = {"table": "rows.csv", "label": "finding", "patient": "patient", "patient_pattern": "none"}
    set_params(tmp_path, prepare_images=settings(outside_images="none", **changed))
    done = run_stage("prepare_images", tmp_path, **OPTIONS)
    assert done.returncode == 2
    assert reason in done.stderr


def test_images_without_a_row_are_counted_and_said(run_stage, set_params, tmp_path):
    rows = []
    for patient in range(60):
        write(tmp_path / f"inside/{patient}.png", patient)
        rows.append(f"{patient}.png,{('normal', 'abnormal')[patient % 2]},{patient}\n")
    (tmp_path / "rows.csv").write_text("image,finding,patient\n" + "".join(rows[3:]))
    changed = {"table": "rows.csv", "label": "finding", "patient": "patient", "patient_pattern": "none"}
    set_params(tmp_path, prepare_images=settings(outside_images="none", **changed))
    done = run_stage("prepare_images", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "3 files without a row" in done.stderr
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert (metrics["images"], metrics["without_row"]) == (57, 3)


@pytest.mark.slow
def test_labels_that_mean_the_same(run_stage, set_params, tmp_path):
    for patient in range(60):
        write(tmp_path / f"inside/{('None', 'Flu', 'Flu, severe')[patient % 3]}/p{patient}_0.png", patient)
    labels = {"labels": ["other", "flu"], "positive": "Flu", "outside_images": "none"}
    set_params(tmp_path, prepare_images=settings(**labels))
    done = run_stage("prepare_images", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    images = pd.read_csv(tmp_path / "out/images.csv")
    assert images["label"].value_counts().to_dict() == {"flu": 40, "other": 20}
    for changed, reason in (({"labels": ["a", "b", "c"]}, "needs two labels"), ({"positive": "("}, "not a regular")):
        set_params(tmp_path, prepare_images=settings(**labels | changed))
        assert reason in run_stage("prepare_images", tmp_path, **OPTIONS).stderr


def test_an_image_without_a_label_is_not_negative(tmp_path):
    rows = [(f"{number}.png", label) for number, label in enumerate(["flu", "well", "", "#N/A", "None"])]
    pd.DataFrame(rows, columns=["file", "label"]).to_csv(tmp_path / "table.csv", index=False)
    for name, _ in rows:
        write(tmp_path / "inside" / name, [1, int(name[0])])
    images = tmp_path / "inside"
    described = settings_of(
        "prepare_images.pneumonia", images=str(images), table=str(tmp_path / "table.csv"), name="file", label="label",
        labels=["other", "flu"], positive="flu", patient="none", patient_pattern="none",
    )  # fmt: skip
    choice = _choice(ImageSet.of(described, "own"), described.positive)
    assert choice.images["label"].tolist() == ["flu", "other", "other"]
    assert [(one.name, one.reason) for one in choice.rejected] == [("2.png", "no label"), ("3.png", "no label")]


def test_a_label_by_its_place_in_the_path(run_stage, set_params, tmp_path):
    for patient in range(60):
        for reader in ("a", "b"):
            write(tmp_path / f"inside/{reader}/{patient % 3}Grade/p{patient}_x.png", patient)
    labels = {"label": "pattern:/(\\d)", "labels": ["0", "1", "2"]}
    set_params(tmp_path, prepare_images=settings(outside_images="none", **labels))
    done = run_stage("prepare_images", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    images = pd.read_csv(tmp_path / "out/images.csv", dtype=str)
    assert set(images["label"]) == {"0", "1", "2"}
    assert images.duplicated("picture").sum() == 60
