"""scripts/find_duplicates.py on images written by the test."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from radsieve import tables
from radsieve.curation import tables as curation_tables
from radsieve.imaging.facts import facts_of
from radsieve.phantoms.knees import render_knee

OPTIONS = {"raw_data": "raw_data.csv", "images_table": "images.csv", "images": "images", "out": "out"}
OUTPUTS = [
    "borderline.csv", "conflicts.csv", "consistency.csv", "consistency.png", "contradictions.csv", "deleted_paths.csv",
    "groups.csv", "groups.png", "metrics.json", "pairs.csv", "similarity.png",
]  # fmt: skip


def generate(seed):
    return Image.fromarray(np.rint(render_knee(np.random.default_rng(seed), 4.0, 128) * 255).astype(np.uint8))


@pytest.fixture
def folder(tmp_path, set_params):
    """Four images; image 0 has a copy by bytes, one by pixels that is graded differently, and a turned one."""
    set_params(tmp_path)
    (tmp_path / "images").mkdir()
    first = generate(0)
    images = {
        "A/0Normal/image.png": first,
        "A/0Normal/image again.png": first,
        "A/0Normal/other.png": generate(1),
        "A/1Doubtful/as colours.png": first.convert("RGB"),
        "A/1Doubtful/turned.png": first.rotate(2.5, Image.Resampling.BICUBIC),
        "B/0Normal/image.png": first,
    }
    raw, rows = [], {}
    for path, image in images.items():
        image.save(tmp_path / "image.png")
        content = (tmp_path / "image.png").read_bytes()
        sha256, md5 = hashlib.sha256(content).hexdigest(), hashlib.md5(content).hexdigest()
        (tmp_path / "images" / f"{sha256}.png").write_bytes(content)
        expert, grade, _name = path.split("/")
        raw.append((expert, f"{sha256}:{md5}", grade, path))
        facts = facts_of(content, 10**6).row()
        rows[sha256] = {
            "file_id": f"{sha256}:{md5}",
            "image_path": f"{sha256}.png",
            "byte_size": len(content),
        } | facts
    table = pd.DataFrame(raw, columns=list(curation_tables.RAW_DATA.columns))
    tables.write(curation_tables.RAW_DATA, table, tmp_path / "raw_data.csv")
    tables.write(curation_tables.IMAGES, pd.DataFrame(list(rows.values())), tmp_path / "images.csv")
    return tmp_path


def test_all_ties_are_found_and_written_alike_each_time(folder, run_stage):
    done = run_stage("find_duplicates", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "1 group of duplicates, 1 conflict of grade, 1 deleted path\n" in done.stderr
    groups = tables.read(curation_tables.DUPLICATE_GROUPS, folder / "out/groups.csv")
    assert groups[["kind", "relative_path"]].to_numpy().tolist() == [
        ["bytes", "A/0Normal/image.png"],
        ["bytes", "A/0Normal/image again.png"],
        ["pixels", "A/1Doubtful/as colours.png"],
        ["near", "A/1Doubtful/turned.png"],
        ["bytes", "B/0Normal/image.png"],
    ]
    conflicts = tables.read(curation_tables.DUPLICATE_CONFLICTS, folder / "out/conflicts.csv")
    assert conflicts[["kind", "expert", "severities"]].to_numpy().tolist() == [["pixels", "A", "0Normal | 1Doubtful"]]
    assert (folder / "out/deleted_paths.csv").read_text() == "relative_path\nA/0Normal/image again.png\n"
    assert json.loads((folder / "out/metrics.json").read_text())["groups"] == {
        "bytes": 0,
        "pixels": 0,
        "near": 1,
    }
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    assert run_stage("find_duplicates", folder, **OPTIONS | {"out": "again"}).returncode == 0
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes()


def test_a_missing_image_is_named(folder, run_stage):
    image = next((folder / "images").iterdir())
    image.unlink()
    done = run_stage("find_duplicates", folder, **OPTIONS)
    assert done.returncode == 2
    assert f"{image.name}: not found; run ingest_images again" in done.stderr


def test_a_run_without_images(tmp_path, run_stage, set_params):
    set_params(tmp_path, source={"endpoint": "none"})
    for schema, name in ((curation_tables.RAW_DATA, "raw_data.csv"), (curation_tables.IMAGES, "images.csv")):
        tables.write(schema, pd.DataFrame(columns=list(schema.columns)), tmp_path / name)
    done = run_stage("find_duplicates", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert tables.read(curation_tables.DUPLICATE_GROUPS, tmp_path / "out/groups.csv").empty
    with Image.open(tmp_path / "out/groups.png") as grid:
        assert grid.width > 500
