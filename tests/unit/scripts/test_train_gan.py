"""scripts/train_gan.py on ellipses."""

import json

import pytest
import stopped
from defaults import COMPUTE, changed, settings
from grouped_packs import SETTINGS, write_groups
from PIL import Image

from radsieve import tables
from radsieve.generation.tables import GAN_CURVES, NEAREST_IMAGES
from radsieve.generators.interface import sample_latents
from radsieve.generators.loading import load_generator
from radsieve.networks.checkpoints import read_checkpoint

OUTPUTS = [
    "curves.csv", "curves.png", "generator.safetensors", "metrics.json", "nearest.csv", "nearest.png", "samples.png",
    "spread.png",
]  # fmt: skip
OPTIONS = {"group": "a", "images": "images", "images_table": "images.csv", "out": "out/a"}


@pytest.mark.slow
def test_a_training_and_its_results(tmp_path, run_stage, set_params):
    write_groups(tmp_path)
    set_params(tmp_path, compute=COMPUTE, train_gan=SETTINGS)
    done = run_stage("train_gan", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "a: FID " in done.stderr and "of 6" in done.stderr
    assert sorted(path.name for path in (tmp_path / "out/a").iterdir()) == OUTPUTS
    assert list((tmp_path / ".cache/radsieve/train_gan").iterdir()) == []
    curves = tables.read(GAN_CURVES, tmp_path / "out/a/curves.csv")
    metrics = json.loads((tmp_path / "out/a/metrics.json").read_text())
    assert curves["step"].tolist() == [2, 4, 6]
    assert metrics["round"] == 1 + curves["fid"].argmin()
    assert (metrics["train_images"], metrics["validation_images"], metrics["test_images"]) == (10, 5, 5)
    for name in ("precision", "recall", "coverage", "feature_closer"):  # none of them without width
        assert metrics[f"{name}_lower"] <= metrics[name] <= metrics[f"{name}_upper"]
        assert metrics[f"{name}_lower"] < metrics[f"{name}_upper"]
    nearest = tables.read(NEAREST_IMAGES, tmp_path / "out/a/nearest.csv")
    assert nearest["source"].tolist() == ["generated"] * 8 + ["held_out"] * 5
    _, card = read_checkpoint(tmp_path / "out/a/generator.safetensors", "generator")
    assert {name: card[name] for name in ("group", "pixels", "channels", "latent_low", "latent_high", "seed")} == {
        "group": "a", "pixels": 16, "channels": 1, "latent_low": -1, "latent_high": 1, "seed": 1,
    }  # fmt: skip
    assert card["step"] == metrics["step"] and len(card["train_sha256"]) == 64
    weights = str(tmp_path / "out/{group}/generator.safetensors")
    generator = load_generator(settings("generator", weights=weights, pixels=32, groups=["a"]), COMPUTE)
    assert generator.generate(sample_latents(2, 1, "a"), "a").shape == (2, 1, 32, 32)
    for name in ("curves.png", "samples.png", "spread.png", "nearest.png"):
        with Image.open(tmp_path / "out/a" / name) as figure:
            assert figure.width > 400
    assert run_stage("train_gan", tmp_path, **OPTIONS | {"out": "again"}).returncode == 0
    for name in OUTPUTS:
        assert (tmp_path / "out/a" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


@pytest.mark.slow  # two processes that import everything; score_samples is killed in the fast tests
def test_a_killed_training_goes_on_after_an_edit_elsewhere(tmp_path, run_stage, set_params):
    write_groups(tmp_path)
    set_params(tmp_path, compute=COMPUTE, train_gan=changed(SETTINGS, steps=5, rounds=5))
    assert run_stage("train_gan", tmp_path, **OPTIONS | {"out": "whole"}).returncode == 0
    code = stopped.copy_code(tmp_path / "code")
    stopped.kill_half_way(code, "train_gan", tmp_path, OPTIONS)
    stopped.edit_elsewhere(code, "src/radsieve/generation/gan/training.py")
    log = stopped.run(code, "train_gan", tmp_path, OPTIONS)
    assert "the training resumes after round " in log and "starts again" not in log
    assert stopped.outputs(tmp_path / "out/a") == stopped.outputs(tmp_path / "whole")


@pytest.mark.parametrize(
    ("options", "settings", "message"),
    [
        ({"group": "c"}, {}, "0 images of group 'c' in the train split"),
        ({}, {"pixels": 64}, "images of 32 pixels, but train_gan.pixels = 64"),
        ({}, {"pixels": 48}, "train_gan.pixels = 48: must be one of 16, 32, 64, 128, 256"),
        ({}, {"learning_rate": 0}, "train_gan.learning_rate = 0: must be a number, > 0 and <= 1"),
    ],
)
def test_what_a_user_can_get_wrong_ends_with_status_2(tmp_path, run_stage, set_params, options, settings, message):
    write_groups(tmp_path)
    set_params(tmp_path, compute=COMPUTE, train_gan=changed(SETTINGS, **settings))
    done = run_stage("train_gan", tmp_path, **OPTIONS | options)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "out").exists()
