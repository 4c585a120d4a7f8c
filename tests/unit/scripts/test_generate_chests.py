"""scripts/generate_chests.py on a few small images."""

import json

import numpy as np
import pytest
from PIL import Image

from radsieve import tables
from radsieve.phantoms.tables import CHEST_TRUTH

OPTIONS = {"images": "data", "out": "out"}


@pytest.fixture
def folder(tmp_path, set_params):
    set_params(tmp_path, generate_chests={"images": 9, "pixels": 48, "grid_images": 1, "arm_share": 1.0})
    return tmp_path


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_images_masks_and_truth_belong_together_and_come_out_alike(folder, run_stage):
    done = run_stage("generate_chests", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    truth = tables.read(CHEST_TRUTH, folder / "out/truth.csv")
    assert len(truth) == 9
    metrics = json.loads((folder / "out/metrics.json").read_text())
    women = truth[truth["sex"] == "F"]
    assert metrics == {
        "images": 9,
        "patients": truth["patient"].nunique(),
        "women": len(women),
        "abnormal": (truth["finding"] == "abnormal").sum(),
        "arms": len(women),
    }
    assert f"generate_chests: 9 images of {metrics['patients']} patients" in done.stderr
    for kind, names in (("images", truth["image"]), ("lungs", truth["image"]), ("breasts", women["image"])):
        assert sorted(path.name for path in (folder / "data" / kind).iterdir()) == sorted(names)
        for path in (folder / "data" / kind).iterdir():
            with Image.open(path) as image:
                assert (image.mode, image.size) == ("L", (48, 48))
                if kind != "images":
                    assert set(np.unique(np.asarray(image))) == {0, 255}
    with Image.open(folder / "out/grid.png") as grid:
        assert grid.width > 500
    (folder / "data/images/left over.png").touch()
    again = run_stage("generate_chests", folder, images="data", out="again")
    assert again.returncode == 0, again.stderr
    assert contents(folder / "again") == contents(folder / "out")
    assert not (folder / "data/images/left over.png").exists()


def test_no_images(folder, run_stage, set_params):
    set_params(folder, generate_chests={"images": 0})
    done = run_stage("generate_chests", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert tables.read(CHEST_TRUTH, folder / "out/truth.csv").empty
    assert (folder / "data").is_dir()


def test_a_share_above_one_is_refused(folder, run_stage, set_params):
    set_params(folder, generate_chests={"abnormal_share": 1.5})
    done = run_stage("generate_chests", folder, **OPTIONS)
    assert done.returncode == 2
    assert "generate_chests.abnormal_share = 1.5: must be a number, >= 0 and <= 1" in done.stderr
    assert not (folder / "out").exists()
