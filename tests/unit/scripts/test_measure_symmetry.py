"""scripts/measure_symmetry.py on masks written by the test."""

import json

import numpy as np
import pandas as pd
import pytest
import screened
from PIL import Image

from radsieve import tables
from radsieve.screening.tables import FEATURES, SYMMETRY_FEATURES
from radsieve.tables.images import IMAGE_QUARANTINE

OUTPUTS = ["features.csv", "features.png", "metrics.json"]


@pytest.mark.slow
def test_masks_of_a_batch(tmp_path, run_stage, set_params):
    set_params(tmp_path, measure_symmetry={"dilation_pixels": 3, "element": "square"})
    screened.write_generated(tmp_path)
    masks = tmp_path / "results/segment_images/generated"
    for out in ("out", "again"):
        done = run_stage("measure_symmetry", tmp_path, masks=masks, out=out)
        assert done.returncode == 0, done.stderr
    assert "60 masks, 0 with an empty half, 0 quarantined" in done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == OUTPUTS
    for name in OUTPUTS:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    expected = tables.read(SYMMETRY_FEATURES, tmp_path / "results/measure_symmetry/generated/features.csv")
    pd.testing.assert_frame_equal(tables.read(SYMMETRY_FEATURES, tmp_path / "out/features.csv"), expected)
    (masks / "masks.npy").write_bytes((masks / "masks.npy").read_bytes()[:500])
    broken = run_stage("measure_symmetry", tmp_path, masks=masks, out="broken")
    assert broken.returncode == 2
    assert "masks.npy: not an array of images" in broken.stderr
    assert not (tmp_path / "broken").exists()


def test_a_folder_of_mask_images_of_two_sizes(tmp_path, run_stage, set_params):
    set_params(tmp_path)
    (tmp_path / "masks").mkdir()
    symmetric = np.zeros((20, 30), np.uint8)
    symmetric[5:15, 5:25] = 255
    one_sided = np.zeros((31, 41), np.uint8)
    one_sided[5:15, 2:9] = 255
    for name, pixels in {"a": symmetric, "b": one_sided, "c": symmetric // 2, "d": 0 * symmetric}.items():
        Image.fromarray(pixels).save(tmp_path / f"masks/{name}.png")
    done = run_stage("measure_symmetry", tmp_path, masks="masks", out="out")
    assert done.returncode == 0, done.stderr
    features = tables.read(SYMMETRY_FEATURES, tmp_path / "out/features.csv").set_index("image")
    assert features.loc["a.png"].tolist() == [1, 1, 0, 1, 1, 0]
    assert features.loc["b.png"].tolist() == features.loc["d.png"].tolist() == [0, 0, 0.25, 0, 0, 0.25]
    quarantine = tables.read(IMAGE_QUARANTINE, tmp_path / "out/quarantine.csv")
    assert quarantine[["image", "reason"]].to_numpy().tolist() == [["c.png", "mask with other values"]]
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert (metrics["images"], metrics["images_with_an_empty_half"], metrics["quarantined"]) == (3, 2, 1)
    assert list(metrics["median"]) == list(FEATURES)


def test_a_folder_without_masks(tmp_path, run_stage, set_params):
    set_params(tmp_path)
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks/notes.txt").write_text("none")
    done = run_stage("measure_symmetry", tmp_path, masks="masks", out="out")
    assert done.returncode == 2
    assert "masks: no mask among 1 files; masks are grey images of the values 0 and 255" in done.stderr
    assert not (tmp_path / "out").exists()
