"""A user's own generator: what is loaded, and what is refused with a reason."""

import pickle

import numpy as np
import pytest
import torch
from defaults import COMPUTE, changed, settings
from monai.networks.nets.generator import Generator as MonaiGenerator

from radsieve import files
from radsieve.errors import InputError
from radsieve.generators.checkpoint import KIND, load_network, load_residual
from radsieve.generators.interface import sample_latents
from radsieve.generators.loading import load_generator
from radsieve.generators.residual import ResidualGenerator
from radsieve.networks.checkpoints import write_checkpoint
from radsieve.networks.device import Device

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")

CPU = Device(torch.device("cpu"), torch.float32)
CARD = {"kind": KIND, "start_shape": [4, 2, 2], "channels": [4, 1], "strides": [2, 2]}
SETTINGS = {"trusted": [], "low": 0, "pixels": 32, "groups": ["18_24f"]}


class Toy(torch.nn.Module):
    """Generates images of one grey, the mean of the squares of the latent, scaled and shifted."""

    def __init__(self, pixels: int = 4, channels: int = 1, scale: float = 1.0, shift: float = 0.0) -> None:
        super().__init__()
        self.pixels, self.channels, self.scale, self.shift = pixels, channels, scale, shift

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        values = (latents**2).mean(1) * self.scale + self.shift
        return values[:, None, None, None].expand(-1, self.channels, self.pixels, self.pixels)


class Pair(torch.nn.Module):
    def forward(self, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return latents, latents


class Oblong(torch.nn.Module):
    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return latents.reshape(-1, 1, 8, 16)


def script(module, path):
    torch.jit.save(torch.jit.script(module.eval()), path)
    return [files.sha256(path)]


def test_a_torchscript_network_makes_what_it_computes(tmp_path):
    path = tmp_path / "gan.pt"
    generator = load_network(path, 0, script(Toy(), path), CPU)
    latents = sample_latents(3, 1, "any")
    images = generator.generate(latents, "any")
    assert (generator.channels, generator.pixels) == (1, 4)
    assert images.shape == (3, 1, 4, 4)
    assert images.dtype == np.uint8
    assert images[:, 0, 0, 0].tolist() == np.rint((latents**2).mean(axis=1) * 255).astype(int).tolist()


def test_black_may_be_minus_one(tmp_path):
    path = tmp_path / "gan.pt"
    generator = load_network(path, -1, script(Toy(scale=0.0), path), CPU)
    assert set(generator.generate(sample_latents(2, 1, "any"), "any").ravel()) == {128}


def test_torchscript_runs_only_if_its_digest_is_listed(tmp_path):
    path = tmp_path / "gan.pt"
    (digest,) = script(Toy(), path)
    for trusted in ([], ["0" * 64]):
        with pytest.raises(InputError, match=f"only if you trust it.*generator.trusted.*{digest}"):
            load_network(path, 0, trusted, CPU)


@pytest.mark.parametrize(
    ("module", "problem"),
    [
        (Toy(scale=1.5), r"values run from 1.5 to 1.5, not 0 to 1"),
        (Toy(scale=float("nan")), "values run from nan"),
        (Toy(shift=1.5), r"values run from 1.5 to 1.5, not 0 to 1; see generator.low"),
        (Toy(shift=-0.5), r"values run from -0.5 to -0.5"),
        (Toy(channels=2), r"generates \(2, 2, 4, 4\), but \(2, 1 or 3, pixels, pixels\) is needed"),
        (Oblong(), r"generates \(2, 1, 8, 16\)"),
        (Pair(), "generates tuple"),
        (torch.nn.Linear(100, 4), "takes no latents of 128 components"),
    ],
)
def test_a_network_that_generates_no_images_is_refused(tmp_path, module, problem):
    path = tmp_path / "gan.pt"
    trusted = script(module, path)
    with pytest.raises(InputError, match=problem):
        load_network(path, 0, trusted, CPU).generate(np.ones((2, 128), np.float32), "any")


@pytest.mark.parametrize("content", [b"", b"no zip", pickle.dumps({"a": 1})])
def test_a_file_that_is_no_torchscript_is_refused(tmp_path, content):
    path = tmp_path / "gan.pt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"gan\.pt: not a TorchScript file"):
        load_network(path, 0, [files.sha256(path)], CPU)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.pt: not found; generator\.weights"):
        load_network(tmp_path / "none.pt", 0, [], CPU)


@pytest.fixture
def weights():
    torch.manual_seed(0)
    return MonaiGenerator((128,), CARD["start_shape"], CARD["channels"], CARD["strides"]).state_dict()


@pytest.mark.parametrize("low", [-1, 0])
def test_safetensors_with_a_card_need_no_trust(tmp_path, weights, low):
    path = tmp_path / "gan.safetensors"
    write_checkpoint(path, weights, CARD)
    generator = load_network(path, low, [], CPU)
    assert (generator.channels, generator.pixels) == (1, 8)
    latents = sample_latents(4, 1, "any")
    images = generator.generate(latents, "any")
    assert images.std() > 0
    expected = MonaiGenerator((128,), CARD["start_shape"], CARD["channels"], CARD["strides"])
    expected.load_state_dict(weights)
    with torch.inference_mode():
        generated = expected.eval()(torch.from_numpy(latents)).numpy()
    share = 1 / (1 + np.exp(-generated)) if low == 0 else (np.tanh(generated) + 1) / 2
    assert images == pytest.approx(share * 255, abs=0.51)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": "segmenter"}, "its card says 'segmenter', but a checkpoint of a generator is needed"),
        ({"channels": [8, 1]}, "weights of another architecture"),
        ({"strides": "two"}, "its card does not describe MONAI's Generator|weights of another"),
        ({"start_shape": None}, "its card does not describe MONAI's Generator"),
    ],
)
def test_another_card_is_refused(tmp_path, weights, change, problem):
    path = tmp_path / "gan.safetensors"
    write_checkpoint(path, weights, CARD | change)
    with pytest.raises(InputError, match=problem):
        load_network(path, 0, [], CPU)


def test_a_generator_of_train_gan_by_itself_is_neither_clipped_nor_resized(tmp_path):
    network = ResidualGenerator(16, 1, 2)
    card = {"kind": KIND, "architecture": "residual", "pixels": 16, "channels": 1, "width": 2}
    write_checkpoint(tmp_path / "gan.safetensors", network.state_dict(), card)
    latents = torch.from_numpy(sample_latents(3, 1, "a"))
    with torch.inference_mode():
        *maps, images = load_residual(tmp_path / "gan.safetensors", CPU).stages(latents)
        assert torch.equal(images, network(latents))
    assert [tuple(each.shape) for each in maps] == [(3, 8, 4, 4), (3, 4, 8, 8), (3, 2, 16, 16)]


@pytest.mark.parametrize("name", ["phantoms", "other.pt", "missing.safetensors"])
def test_what_has_no_blocks_is_refused(tmp_path, name):
    with pytest.raises(InputError, match=name):
        load_residual(tmp_path / name, CPU)


def test_a_network_for_each_group(tmp_path, monkeypatch):
    monkeypatch.setenv("GANS", str(tmp_path))
    trusted = []
    for group, shift in (("a", 0.0), ("b", 0.5)):
        trusted += script(Toy(scale=0.1, shift=shift), tmp_path / f"{group}.pt")
    chosen = settings("generator", weights="$GANS/{group}.pt", trusted=trusted, groups=["a", "b"])
    generator = load_generator(chosen, COMPUTE)
    latents = np.zeros((1, 128), np.float32)
    assert [int(generator.generate(latents, group).max()) for group in "ab"] == [0, 128]
    script(Toy(pixels=8), tmp_path / "b.pt")
    trusted = [files.sha256(tmp_path / f"{group}.pt") for group in "ab"]
    with pytest.raises(InputError, match=r"images of different \(channels, pixels\): a \(1, 4\), b \(1, 8\)"):
        load_generator(changed(chosen, trusted=trusted), COMPUTE)
