"""scripts/assign_splits.py on two packs of the same patients."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from radsieve import tables
from radsieve.imaging.packs import write_pack
from radsieve.tables.images import ALIKE, PACKED_FILES, PACKED_IMAGES, SPLIT_COUNTS

OPTIONS = {"packs": "packed", "tables": "pack_images", "out": "out"}
PATIENTS = 40


@pytest.fixture
def folder(tmp_path, set_params):
    """One image of each patient in the set chest, two in the set sex."""
    set_params(tmp_path)
    for name, images in (("chest", 1), ("sex", 2)):
        rng = np.random.default_rng(images)
        count = images * PATIENTS
        files = [f"{number:03}.png" for number in range(count)]
        write_pack(tmp_path / "packed" / name, files, rng.integers(0, 256, (count, 1, 32, 32), np.uint8), (1, 32, 32))
        digests = [hashlib.sha256(f"{name} {file}".encode()).hexdigest() for file in files]
        table = pd.DataFrame({"image": files, "sha256": digests, "pixel_digest": digests})
        table = table.assign(patient=[f"p{number // images}" for number in range(count)], label="", group="")
        tables.write(PACKED_FILES, table, tmp_path / "pack_images" / name / "files.csv")
    return tmp_path


def test_every_set_is_divided_alike(folder, run_stage):
    for out in ("out", "again"):
        done = run_stage("assign_splits", folder, **OPTIONS | {"out": out})
        assert done.returncode == 0, done.stderr
    assert f"120 images of 2 sets are {PATIENTS} units" in done.stderr
    images = {name: tables.read(PACKED_IMAGES, folder / "out" / name / "images.csv") for name in ("chest", "sex")}
    split_of = images["chest"].set_index("patient")["split"]
    assert (images["sex"]["split"] == images["sex"]["patient"].map(split_of)).all()
    assert tables.read(ALIKE, folder / "out/alike.csv").empty
    counts = tables.read(SPLIT_COUNTS, folder / "out/counts.csv").set_index(["set", "split"])
    assert counts.loc["all sets", ["images", "patients", "units"]].sum().tolist() == [120, PATIENTS, PATIENTS]
    assert counts.loc[("sex", "test"), "images"] == 2 * counts.loc[("chest", "test"), "images"]
    assert json.loads((folder / "out/metrics.json").read_text())["in_two_splits"] == 0
    for path in (folder / "out").rglob("*.*"):
        assert path.read_bytes() == (folder / "again" / path.relative_to(folder / "out")).read_bytes(), path


def test_too_few_patients(folder, run_stage):
    table = tables.read(PACKED_FILES, folder / "pack_images/chest/files.csv")
    tables.write(PACKED_FILES, table.assign(patient="p0"), folder / "pack_images/chest/files.csv")
    done = run_stage("assign_splits", folder, **OPTIONS)
    assert done.returncode == 2
    assert "pack_images.chest: no image in the" in done.stderr and "add patients" in done.stderr
    assert not (folder / "out").exists()
