"""A generator from a file: safetensors with a card, or TorchScript.

In safetensors the card (see `radsieve.networks.checkpoints`) describes the network. If `architecture` is `residual`,
the weights are those of `generators.residual`, as stage train_gan writes them. Otherwise they are those of MONAI's
`Generator`, and the card gives its `start_shape`, `channels` and `strides`. The output of that network is not bounded,
so its last step is a hyperbolic tangent where black is -1, and a logistic function where black is 0. A file in
safetensors holds numbers only: prefer it.

TorchScript is code from outside. It cannot run Python, but it runs whatever operations of PyTorch it holds, and some of
these read and write files. A file is therefore loaded only if params.yaml names both its path and its SHA-256: writing
the latter down means "I trust these bytes", and another file put in its place is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from radsieve import files
from radsieve.errors import InputError
from radsieve.generators.interface import LATENT_COMPONENTS, Latents, in_blocks
from radsieve.generators.residual import ARCHITECTURE, GENERATOR, LOWEST, ClippedImages, ResidualGenerator, generator_of
from radsieve.networks.checkpoints import read_checkpoint, rebuilt
from radsieve.networks.device import Device

KIND = GENERATOR

_TOLERANCE = 0.01  # of the range of values


class NetworkGenerator:
    """A network that maps latents (n, 128) to images (n, 1 or 3, H, H) with values in [low, 1]."""

    def __init__(self, network: torch.nn.Module, path: Path, low: float, device: Device) -> None:
        """Take the `network` read from `path`, and try it. Raises InputError if it does not generate such images."""
        self._network, self._path, self._low, self._device = network.eval(), path, low, device
        probe = self._images(np.zeros((2, LATENT_COMPONENTS), np.float32))
        self.channels, self.pixels = probe.shape[1], probe.shape[2]

    def generate(self, latents: Latents, group: str) -> npt.NDArray[np.uint8]:
        """Return the images (n, channels, pixels, pixels) of `latents` (n, 128), the same for every `group`.

        An image does not depend on those generated in the same batch.
        """
        images = np.empty((len(latents), self.channels, self.pixels, self.pixels), np.uint8)
        for rows, block in in_blocks(latents):
            images[rows] = self._images(block)[: rows.stop - rows.start]
        return images

    @torch.inference_mode()
    def _images(self, latents: Latents) -> npt.NDArray[np.uint8]:
        try:
            generated = self._network(torch.from_numpy(np.array(latents)).to(self._device.device))
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise InputError(f"{self._path}: takes no latents of {LATENT_COMPONENTS} components: {reason}") from None
        shape = tuple(generated.shape) if isinstance(generated, torch.Tensor) else type(generated).__name__
        if len(shape) != 4 or shape[0] != len(latents) or shape[1] not in (1, 3) or shape[2] != shape[3]:
            raise InputError(f"{self._path}: generates {shape}, but ({len(latents)}, 1 or 3, pixels, pixels) is needed")
        values = (generated.float().cpu() - self._low) / (1 - self._low)
        if not torch.isfinite(values).all() or values.min() < -_TOLERANCE or values.max() > 1 + _TOLERANCE:
            span = f"{float(generated.min()):.3g} to {float(generated.max()):.3g}"
            raise InputError(f"{self._path}: values run from {span}, not {self._low:g} to 1; see generator.low")
        return np.asarray((values.clamp(0, 1) * 255).round().to(torch.uint8).numpy())


def load_network(
    path: Path, low: float, trusted: Sequence[str], device: Device, pixels: int | None = None
) -> NetworkGenerator:
    """Load a generator by the name of its file: `.safetensors`, or else TorchScript.

    `trusted` are SHA-256 digests, in hexadecimal, of TorchScript files that may be loaded. `low` is the value of black;
    for generators of stage train_gan it is known. Their images are resized to `pixels`, if given: larger ones by
    bicubic interpolation, smaller ones by area averaging. Other networks keep their own size.

    Raises InputError if the file is missing, holds another network or is not trusted, or if its images are not (n, 1 or
    3, H, H) in [low, 1].
    """
    if not path.is_file():
        raise InputError(f"{path}: not found; generator.weights names the file of a generator, or phantoms")
    if path.suffix == ".safetensors":
        network, low = _stored(path, low, pixels)
    else:
        network = _scripted(path, trusted)
    return NetworkGenerator(network.to(device.device), path, low, device)


def load_residual(path: Path, device: Device) -> ResidualGenerator:
    """Load the bare network of a generator of stage train_gan, whose images are neither clipped nor resized.

    Raises InputError if the file is missing or holds another network.
    """
    network = _stored(path, LOWEST, None)[0] if path.suffix == ".safetensors" else None
    if not (isinstance(network, ClippedImages) and isinstance(network.generator, ResidualGenerator)):
        raise InputError(f"{path}: not a generator of stage train_gan, whose blocks can be run one after another")
    residual = network.generator
    residual.to(device.device).eval()
    return residual


def _scripted(path: Path, trusted: Sequence[str]) -> torch.nn.Module:
    digest = files.sha256(path)
    if digest not in trusted:
        raise InputError(
            f"{path}: TorchScript is code from outside, loaded only if you trust it; if you know who made this file, "
            f"add its SHA-256 to generator.trusted in params.yaml: {digest}"
        )
    try:
        network: torch.nn.Module = torch.jit.load(path, map_location="cpu")  # type: ignore[no-untyped-call]
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: not a TorchScript file (write it with torch.jit.save): {reason}") from None
    return network


def _stored(path: Path, low: float, pixels: int | None) -> tuple[torch.nn.Module, float]:
    """The network, and its value of black."""
    tensors, card = read_checkpoint(path, KIND)
    own = card.get("architecture") == ARCHITECTURE
    try:
        network = rebuilt((lambda: generator_of(card)) if own else _monai(card), tensors, path)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        described = "a generator of train_gan" if own else "MONAI's Generator"
        raise InputError(f"{path}: its card does not describe {described} ({error!r})") from None
    if isinstance(network, ResidualGenerator):
        return ClippedImages(network, pixels), LOWEST
    return torch.nn.Sequential(network, torch.nn.Tanh() if low < 0 else torch.nn.Sigmoid()), low


def _monai(card: Mapping[str, Any]) -> Callable[[], torch.nn.Module]:
    """What builds MONAI's generator of a card."""
    from monai.networks.nets.generator import Generator  # seconds of import that the other networks do not need

    lists = [card[name] for name in ("start_shape", "channels", "strides")]
    if (
        not all(type(size) is int and 1 <= size <= 4096 for sizes in lists for size in sizes)
        or max(map(len, lists)) > 12
    ):
        raise ValueError(f"sizes out of range: {str(lists)[:80]}")
    return lambda: Generator((LATENT_COMPONENTS,), *lists)
