"""scripts/assign_splits.py on packs of the same patients."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from radsieve import tables
from radsieve.figures.flow_diagram import FLOW
from radsieve.imaging.packs import write_pack
from radsieve.tables.images import ALIKE, IMAGE_QUARANTINE, PACKED_FILES, PACKED_IMAGES, SET_CROSSINGS, SPLIT_COUNTS

OPTIONS = {"packs": "packed", "tables": "pack_images", "out": "out"}
SETS = ("abnormality", "breast", "chest", "gan", "sex", "skin")
PATIENTS = 40


@pytest.fixture
def folder(tmp_path, set_params):
    """Two images of each patient in the set sex, one in every other one."""
    set_params(tmp_path)
    for number, name in enumerate(SETS):
        rng = np.random.default_rng(number)
        images = 1 + (name == "sex")
        count = images * PATIENTS
        files = [f"{number:03}.png" for number in range(count)]
        write_pack(tmp_path / "packed" / name, files, rng.integers(0, 256, (count, 1, 32, 32), np.uint8), (1, 32, 32))
        digests = [hashlib.sha256(f"{name} {file}".encode()).hexdigest() for file in files]
        table = pd.DataFrame({"image": files, "sha256": digests, "pixel_digest": digests})
        patients = [f"p{number // images}" for number in range(count)]
        table = table.assign(patient=patients, label="", group="", subgroups="")
        place = tmp_path / "pack_images" / name
        tables.write(PACKED_FILES, table, place / "files.csv")
        quarantined = [("broken.png", "no image", "")] if name == "sex" else []
        tables.write(
            IMAGE_QUARANTINE,
            pd.DataFrame(quarantined, columns=list(IMAGE_QUARANTINE.columns)),
            place / "quarantine.csv",
        )
        (place / "metrics.json").write_text(json.dumps({"left_out_by_label": {"M": 3} if name == "sex" else {}}))
    return tmp_path


@pytest.mark.slow
def test_every_set_is_divided_alike(folder, run_stage):
    for out in ("out", "again"):
        done = run_stage("assign_splits", folder, **OPTIONS | {"out": out})
        assert done.returncode == 0, done.stderr
    assert f"280 images of 6 sets are {PATIENTS} units" in done.stderr
    images = {name: tables.read(PACKED_IMAGES, folder / "out" / name / "images.csv") for name in SETS}
    split_of = images["chest"].set_index("patient")["split"]
    assert all((table["split"] == table["patient"].map(split_of)).all() for table in images.values())
    assert tables.read(ALIKE, folder / "out/alike.csv").empty
    counts = tables.read(SPLIT_COUNTS, folder / "out/counts.csv").set_index(["set", "split"])
    assert counts.loc["all sets", ["images", "patients", "units"]].sum().tolist() == [280, PATIENTS, PATIENTS]
    assert counts.loc[("sex", "test"), "images"] == 2 * counts.loc[("chest", "test"), "images"]
    assert json.loads((folder / "out/metrics.json").read_text())["in_two_splits"] == 0
    flow = tables.read(FLOW, folder / "out/flow.csv").set_index("step")["count"]
    steps = ["Named by the sets", "Label not asked for", "Quarantined", "Packed", "Different"]
    assert flow[steps].tolist() == [284, 3, 1, 280, 280]
    assert "Counted already" not in flow and flow[["train", "validation", "test"]].sum() == 280
    crossings = tables.read(SET_CROSSINGS, folder / "out/crossings.csv").set_index(["test_of", "other"])
    assert crossings.loc[("chest", "sex"), "in_test"] == crossings.loc[("chest", "sex"), "units"] > 0
    assert not crossings[["in_train", "in_validation", "patients", "pictures"]].any(axis=None)
    for path in (folder / "out").rglob("*.*"):
        assert path.read_bytes() == (folder / "again" / path.relative_to(folder / "out")).read_bytes(), path


def test_the_sets_are_those_of_params(folder, run_stage):
    (folder / "pack_images/left over from an older run").mkdir()
    assert run_stage("assign_splits", folder, **OPTIONS).returncode == 0
    (folder / "pack_images/gan/files.csv").unlink()
    done = run_stage("assign_splits", folder, **OPTIONS | {"out": "again"})
    assert done.returncode == 2
    assert "gan/files.csv" in done.stderr


def test_too_few_patients(folder, run_stage):
    table = tables.read(PACKED_FILES, folder / "pack_images/chest/files.csv")
    tables.write(PACKED_FILES, table.assign(patient="p0"), folder / "pack_images/chest/files.csv")
    done = run_stage("assign_splits", folder, **OPTIONS)
    assert done.returncode == 2
    assert "pack_images.chest: no image in the" in done.stderr and "add patients" in done.stderr
    assert not (folder / "out").exists()
