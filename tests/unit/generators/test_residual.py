"""The networks of train_gan, and what becomes of their checkpoints."""

import numpy as np
import pytest
import torch
from defaults import COMPUTE, changed, settings
from torch.nn.functional import interpolate

from radsieve.errors import InputError
from radsieve.generators.checkpoint import load_network
from radsieve.generators.interface import sample_latents
from radsieve.generators.loading import load_generator
from radsieve.generators.residual import (
    ARCHITECTURE,
    GENERATOR,
    ResidualGenerator,
    generator_of,
)
from radsieve.networks.checkpoints import write_checkpoint
from radsieve.networks.device import Device

CPU = Device(torch.device("cpu"), torch.float32)
CARD = {"kind": GENERATOR, "architecture": ARCHITECTURE, "pixels": 16, "channels": 1, "width": 2}


def network(seed=0):
    torch.manual_seed(seed)
    made = generator_of(CARD)
    for parameter in made.parameters():  # also those that start at zero
        torch.nn.init.normal_(parameter, std=0.3)
    return made


@pytest.fixture
def path(tmp_path):
    """A generator of images of 16 pixels."""
    write_checkpoint(tmp_path / "generator.safetensors", network().state_dict(), CARD)
    return tmp_path / "generator.safetensors"


@pytest.mark.parametrize(("pixels", "channels"), [(8, 1), (32, 3), (64, 1)])
def test_images_have_their_shape(pixels, channels):
    images = ResidualGenerator(pixels, channels, 2)(torch.zeros(3, 128))
    assert images.shape == (3, channels, pixels, pixels)


@pytest.mark.parametrize("pixels", [0, 4, 7, 12, 48, 100])
def test_other_sizes_are_refused(pixels):
    with pytest.raises(ValueError, match=f"{pixels} pixels are not 4 times a power of 2"):
        ResidualGenerator(pixels, 1, 2)


def test_residual_branches_start_at_zero_and_images_faint():
    torch.manual_seed(0)
    made = ResidualGenerator(32, 1, 8)
    images = made(torch.from_numpy(sample_latents(64, 1, "a")))
    for block in made.modules():
        if hasattr(block, "second"):
            assert not block.second.weight.any()
    assert 0.05 < float(images.detach().std()) < 0.6


def test_an_image_depends_on_its_own_latent_alone():
    made = network().eval()
    latents = torch.from_numpy(sample_latents(5, 1, "a"))
    with torch.inference_mode():
        assert torch.allclose(made(latents)[2:3], made(latents[2:3]), atol=1e-5)
        assert not torch.allclose(made(latents)[2], made(latents)[3], atol=1e-2)


def test_a_checkpoint_generates_what_its_network_computes(path):
    """Its value of black is its own, whatever `low` is."""
    latents = sample_latents(4, 1, "any")
    with torch.inference_mode():
        expected = network()(torch.from_numpy(latents)).clamp(-1, 1).numpy()
    for low in (0, -1):
        generator = load_network(path, low, [], CPU)
        assert (generator.channels, generator.pixels) == (1, 16)
        assert generator.generate(latents, "any") == pytest.approx((expected + 1) * 127.5, abs=0.51)


@pytest.mark.parametrize(("pixels", "mode"), [(64, "bicubic"), (8, "area"), (16, None)])
def test_images_are_brought_to_the_pixels_of_the_pipeline(path, pixels, mode):
    weights = str(path.parent / "{group}.safetensors")
    chosen = changed(settings("generator", weights=weights, groups=["generator"]), pixels=pixels)
    generator = load_generator(chosen, COMPUTE)
    latents = sample_latents(3, 1, "any")
    images = generator.generate(latents, "generator")
    assert generator.pixels == pixels and images.shape == (3, 1, pixels, pixels) and images.dtype == np.uint8
    with torch.inference_mode():
        expected = network()(torch.from_numpy(latents))
        expected = interpolate(expected, size=pixels, mode=mode) if mode else expected
    assert images == pytest.approx((expected.clamp(-1, 1).numpy() + 1) * 127.5, abs=0.51)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"width": 4}, "weights of another architecture"),
        ({"pixels": 32}, "weights of another architecture"),
        ({"pixels": 20}, "its card does not describe a generator of train_gan"),
        ({"pixels": "many"}, "its card does not describe a generator of train_gan"),
        ({"width": None}, "its card does not describe a generator of train_gan"),
        ({"architecture": "plain"}, "its card does not describe MONAI's Generator"),
    ],
)
def test_another_card_is_refused(tmp_path, change, problem):
    write_checkpoint(tmp_path / "generator.safetensors", network().state_dict(), CARD | change)
    with pytest.raises(InputError, match=problem):
        load_network(tmp_path / "generator.safetensors", 0, [], CPU)


@pytest.mark.parametrize("kept", [0, 10, 0.5, -1])
def test_a_truncated_checkpoint_is_refused(path, kept):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept) if isinstance(kept, float) else kept])
    with pytest.raises(InputError, match="not a safetensors file, or truncated"):
        load_network(path, 0, [], CPU)
