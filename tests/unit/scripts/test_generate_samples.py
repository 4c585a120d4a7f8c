"""scripts/generate_samples.py with the phantom decoder and with a small network."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from defaults import COMPUTE
from monai.networks.nets.generator import Generator
from PIL import Image

from radsieve import tables
from radsieve.generators.checkpoint import KIND
from radsieve.generators.decoder import PhantomDecoder
from radsieve.generators.interface import sample_latents
from radsieve.imaging.packs import read_pack
from radsieve.networks.checkpoints import write_checkpoint
from radsieve.screening.tables import GENERATED_IMAGES, LATENTS

GROUP = "18_24f"
OPTIONS = {"group": GROUP, "weights": "phantoms", "samples": "generated", "out": "out"}
SMALL = {"images": 7, "batch": 3, "grid_images": 4}
CARD = {"start_shape": [4, 4, 4], "channels": [4, 1], "strides": [2, 2]}


@pytest.fixture
def folder(tmp_path, monkeypatch, set_params):
    monkeypatch.delenv("RADSIEVE_CACHE", raising=False)
    set_params(tmp_path, compute=COMPUTE, generation={"pixels": 32}, generate_samples=SMALL)
    return tmp_path


@pytest.mark.slow
def test_images_are_generated_once(folder, run_stage, set_params):
    done = run_stage("generate_samples", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "7 images, 7 of them generated now" in done.stderr
    pack, latents = read_pack(folder / "generated"), np.load(folder / "generated/latents.npy")
    assert np.array_equal(latents, sample_latents(7, 5, GROUP))
    assert np.array_equal(pack.images, PhantomDecoder(32).generate(latents, GROUP))
    images = tables.read(GENERATED_IMAGES, folder / "out/images.csv")
    assert pack.names == images["image"].tolist()
    assert set(images["group"]) == {GROUP}
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert (metrics["images"], metrics["pixels"], len(metrics["generator"])) == (7, 32, 64)
    with Image.open(folder / "out/grid.png") as grid:
        assert grid.width > 500
    first = {path: path.read_bytes() for name in ("generated", "out") for path in (folder / name).iterdir()}
    set_params(folder, compute=COMPUTE, generation={"pixels": 32}, generate_samples=SMALL | {"batch": 5})
    again = run_stage("generate_samples", folder, **OPTIONS)
    assert "7 images, 0 of them generated now" in again.stderr
    assert {path: path.read_bytes() for path in first} == first
    set_params(folder, compute=COMPUTE, generation={"pixels": 32}, generate_samples=SMALL | {"images": 9})
    assert "9 images, 2 of them generated now" in run_stage("generate_samples", folder, **OPTIONS).stderr


def test_accepted_latents_and_a_network(folder, run_stage):
    torch.manual_seed(0)
    network = Generator((128,), *CARD.values())
    write_checkpoint(folder / "gan.safetensors", network.state_dict(), CARD | {"kind": KIND})
    latents = sample_latents(5, 9, "any")
    columns = [pa.array(column) for column in latents.T]
    pq.write_table(pa.table(columns, list(LATENTS)), folder / "accepted.parquet")
    given = {"weights": "gan.safetensors", "latents": "accepted.parquet"}
    done = run_stage("generate_samples", folder, **OPTIONS | given)
    assert done.returncode == 0, done.stderr
    assert np.array_equal(np.load(folder / "generated/latents.npy"), latents)
    assert len(np.unique(read_pack(folder / "generated").images, axis=0)) == 5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"weights": "gan.safetensors"}, "gan.safetensors: not found"),
        ({"group": "women"}, "'women' names no age and sex"),
        ({"latents": "accepted.parquet"}, "accepted.parquet: not found"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_written(folder, run_stage, given, message):
    done = run_stage("generate_samples", folder, **OPTIONS | given)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (folder / "generated").exists()
    assert not (folder / "out").exists()
