"""scripts/train_segmenter.py on ellipses."""

import json
import shutil

import pytest
import stopped
from defaults import COMPUTE, changed
from ellipses import RENDERING, SETTINGS, write_ellipses
from PIL import Image

from radsieve import tables
from radsieve.errors import InputError
from radsieve.imaging.rendering import Rendering
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter
from radsieve.screening.segmentation.evaluation import read_training_images
from radsieve.screening.tables import CURVES, SEGMENTATION_SCORES
from radsieve.tables.images import PACKED_IMAGES

OUTPUTS = [
    "agreement.png", "best.safetensors", "curves.csv", "curves.png", "last.safetensors", "metrics.json", "scores.csv",
    "subgroups.csv", "subgroups.png", "worst.png",
]  # fmt: skip
OPTIONS = {"set": "chest", "images": "images", "images_table": "images.csv", "out": "out"}


@pytest.mark.slow
def test_a_training_and_its_results(tmp_path, run_stage, set_params):
    write_ellipses(tmp_path / "images")
    set_params(tmp_path, compute=COMPUTE, train_segmenter={"chest": changed(SETTINGS, epochs=2)})
    done = run_stage("train_segmenter", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "chest: Dice 0." in done.stderr and "on 6 held-out images; epoch" in done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == OUTPUTS
    assert len(tables.read(CURVES, tmp_path / "out/curves.csv")) == 2
    scores = tables.read(SEGMENTATION_SCORES, tmp_path / "out/scores.csv")
    images = tables.read(PACKED_IMAGES, tmp_path / "images.csv")
    assert scores["image"].tolist() == images.loc[images["split"] == "test", "image"].tolist()
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert (metrics["train_images"], metrics["test_images"], metrics["test_patients"]) == (12, 6, 3)
    assert metrics["dice"] == pytest.approx(scores["dice"].mean(), abs=1e-6)
    assert metrics["dice_lower"] <= metrics["dice"] <= metrics["dice_upper"]
    assert metrics["area_limit_below"] <= metrics["area_bias"] <= metrics["area_limit_above"]
    segmenter = load_segmenter(tmp_path / "out/best.safetensors", choose_device(COMPUTE))
    assert (segmenter.temperature, segmenter.threshold) == (metrics["temperature"], 0.5)
    assert Rendering.of(segmenter.card) == RENDERING, "of the pack"
    with Image.open(tmp_path / "out/worst.png") as grid:
        assert grid.width > 500
    assert list((tmp_path / ".cache/radsieve/train_segmenter").iterdir()) == []
    assert run_stage("train_segmenter", tmp_path, **OPTIONS | {"out": "again"}).returncode == 0
    for name in OUTPUTS:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


@pytest.mark.slow  # five processes that import everything; score_samples is killed in the fast tests
def test_a_killed_training_goes_on_with_its_own_code_only(tmp_path, run_stage, set_params):
    """Edits elsewhere change nothing: the bytes are those of a training that was not stopped."""
    folder, module = tmp_path / "first", "src/radsieve/screening/segmentation/training.py"
    write_ellipses(folder / "images")
    set_params(folder, compute=COMPUTE, train_segmenter={"chest": changed(SETTINGS, epochs=10, patience=10)})
    assert run_stage("train_segmenter", folder, **OPTIONS | {"out": "whole"}).returncode == 0
    code = stopped.copy_code(tmp_path / "code")
    stopped.kill_half_way(code, "train_segmenter", folder, OPTIONS)
    second = shutil.copytree(folder, tmp_path / "second")

    stopped.edit_elsewhere(code, module)
    log = stopped.run(code, "train_segmenter", folder, OPTIONS)
    assert "the training resumes after epoch " in log and "starts again" not in log
    assert stopped.outputs(folder / "out") == stopped.outputs(folder / "whole")

    stopped.edit(code, module, "_WARM_UP = 0.15", "_WARM_UP = 0.3")
    log = stopped.run(code, "train_segmenter", second, OPTIONS)
    assert f"the work starts from the beginning: code {module} has changed\n" in log and "resumes after" not in log
    stopped.run(code, "train_segmenter", second, OPTIONS | {"out": "edited"})
    assert stopped.outputs(second / "out") == stopped.outputs(second / "edited")
    assert stopped.outputs(second / "out")["best.safetensors"] != stopped.outputs(second / "whole")["best.safetensors"]
    for project in (folder, second):
        assert list((project / ".cache/radsieve/train_segmenter").iterdir()) == []


def test_an_unknown_set(tmp_path, run_stage, set_params):
    set_params(tmp_path)
    done = run_stage("train_segmenter", tmp_path, **OPTIONS | {"set": "knee"})
    assert done.returncode == 2
    assert "--set knee: no such set in train_segmenter; there are breast, chest, skin" in done.stderr


def test_a_pack_without_masks(tmp_path):
    table = write_ellipses(tmp_path / "images", with_masks=False)
    with pytest.raises(InputError, match="images: a pack without masks"):
        read_training_images(tmp_path / "images", table)


def test_a_table_of_other_images(tmp_path):
    table = write_ellipses(tmp_path / "images")
    images = tables.read(PACKED_IMAGES, table)
    tables.write(PACKED_IMAGES, images.iloc[::-1], table)
    with pytest.raises(InputError, match=r"images\.csv: its images are not those of .*images, row by row"):
        read_training_images(tmp_path / "images", table)


def test_a_split_without_images(tmp_path):
    table = write_ellipses(tmp_path / "images")
    tables.write(PACKED_IMAGES, tables.read(PACKED_IMAGES, table).assign(split="train"), table)
    with pytest.raises(InputError, match="no images in the validation, test split"):
        read_training_images(tmp_path / "images", table)
