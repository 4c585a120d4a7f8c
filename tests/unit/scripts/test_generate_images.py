"""scripts/generate_images.py: the phantom decoder, and a network from a file."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from radsieve import files, tables
from radsieve.generators.decoder import PhantomDecoder
from radsieve.imaging.packs import read_pack
from radsieve.screening.tables import GENERATED_IMAGES, GENERATED_TRUTH

OPTIONS = {"generated": "data", "out": "out"}
GENERATOR = {"pixels": 32, "groups": ["18_24m", "58_64f"]}
SMALL = {"images_per_group": 5, "batch": 2, "grid_images": 3}


def test_phantoms_are_generated_from_their_latents(tmp_path, run_stage, set_params):
    set_params(tmp_path, generator=GENERATOR, generate_images=SMALL)
    done = run_stage("generate_images", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    pack, latents = read_pack(tmp_path / "data"), np.load(tmp_path / "data/latents.npy")
    assert latents.shape == (10, 128)
    assert latents.dtype == np.float32
    listed = tables.read(GENERATED_IMAGES, tmp_path / "out/images.csv")
    truth = tables.read(GENERATED_TRUTH, tmp_path / "out/truth.csv")
    assert pack.names == listed["image"].tolist() == truth["image"].tolist()
    assert listed["group"].tolist() == ["18_24m"] * 5 + ["58_64f"] * 5
    decoder = PhantomDecoder(32)
    expected = [decoder.generate(rows, group) for rows, group in ((latents[:5], "18_24m"), (latents[5:], "58_64f"))]
    assert np.array_equal(pack.images, np.concatenate(expected))
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert metrics == {"images": 10, "groups": 2, "good": truth["good"].sum()}
    with Image.open(tmp_path / "out/grid.png") as grid:
        assert grid.width > 500
    set_params(tmp_path, generator=GENERATOR, generate_images=SMALL | {"batch": 5})
    assert run_stage("generate_images", tmp_path, generated="again", out="out").returncode == 0
    for name in ("images.npy", "latents.npy", "index.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "data" / name).read_bytes()


class Toy(torch.nn.Module):
    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return latents.reshape(-1, 1, 8, 16)[..., :8].repeat(1, 3, 1, 1)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_network_of_the_users_has_no_truth(tmp_path, run_stage, set_params):
    torch.jit.save(torch.jit.script(Toy()), tmp_path / "gan.pt")
    trusted = [files.sha256(tmp_path / "gan.pt")]
    generator = {"weights": "gan.pt", "trusted": trusted, "low": -1, "groups": ["a"]}
    set_params(tmp_path, generator=generator, generate_images=SMALL)
    done = run_stage("generate_images", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    pack, latents = read_pack(tmp_path / "data"), np.load(tmp_path / "data/latents.npy")
    generated = latents.reshape(-1, 1, 8, 16)[..., :8].repeat(3, axis=1)
    assert pack.images == pytest.approx((generated + 1) / 2 * 255, abs=0.51)
    assert tables.read(GENERATED_TRUTH, tmp_path / "out/truth.csv").empty
    assert json.loads((tmp_path / "out/metrics.json").read_text()) == {"images": 5, "groups": 1}


def test_a_group_without_an_age_is_refused_before_anything_is_written(tmp_path, run_stage, set_params):
    set_params(tmp_path, generator=GENERATOR | {"groups": ["women"]}, generate_images=SMALL)
    done = run_stage("generate_images", tmp_path, **OPTIONS)
    assert done.returncode == 2
    assert "generator.groups: 'women' names no age and sex" in done.stderr
    assert not (tmp_path / "data").exists()
