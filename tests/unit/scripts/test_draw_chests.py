"""scripts/draw_chests.py on a few small films."""

import json

import numpy as np
import pytest
from PIL import Image

from radsieve import tables
from radsieve.phantoms.tables import CHEST_TRUTH

OPTIONS = {"films": "data", "out": "out"}


@pytest.fixture
def folder(tmp_path, set_params):
    set_params(tmp_path, draw_chests={"films": 9, "pixels": 48, "sheet_films": 1, "arm_share": 1.0})
    return tmp_path


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_films_masks_and_truth_belong_together_and_come_out_alike(folder, run_stage):
    done = run_stage("draw_chests", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    truth = tables.read(CHEST_TRUTH, folder / "out/truth.csv")
    assert len(truth) == 9
    metrics = json.loads((folder / "out/metrics.json").read_text())
    women = truth[truth["sex"] == "F"]
    assert metrics == {
        "films": 9,
        "patients": truth["patient"].nunique(),
        "women": len(women),
        "abnormal": (truth["finding"] == "abnormal").sum(),
        "arms": len(women),
    }
    assert f"draw_chests: 9 films of {metrics['patients']} patients" in done.stderr
    for kind, names in (("films", truth["film"]), ("lungs", truth["film"]), ("breasts", women["film"])):
        assert sorted(path.name for path in (folder / "data" / kind).iterdir()) == sorted(names)
        for path in (folder / "data" / kind).iterdir():
            with Image.open(path) as image:
                assert (image.mode, image.size) == ("L", (48, 48))
                if kind != "films":
                    assert set(np.unique(np.asarray(image))) == {0, 255}
    with Image.open(folder / "out/sheet.png") as sheet:
        assert sheet.width > 500
    (folder / "data/films/left over.png").touch()
    again = run_stage("draw_chests", folder, films="data", out="again")
    assert again.returncode == 0, again.stderr
    assert contents(folder / "again") == contents(folder / "out")
    assert not (folder / "data/films/left over.png").exists()


def test_no_films(folder, run_stage, set_params):
    set_params(folder, draw_chests={"films": 0})
    done = run_stage("draw_chests", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert tables.read(CHEST_TRUTH, folder / "out/truth.csv").empty
    assert (folder / "data").is_dir()


def test_a_share_above_one_is_refused(folder, run_stage, set_params):
    set_params(folder, draw_chests={"abnormal_share": 1.5})
    done = run_stage("draw_chests", folder, **OPTIONS)
    assert done.returncode == 2
    assert "draw_chests.abnormal_share = 1.5: must be >= 0 and <= 1" in done.stderr
    assert not (folder / "out").exists()
