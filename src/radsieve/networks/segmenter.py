"""U-Nets that give every pixel of an image its probability of belonging to an organ or a lesion."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from radsieve.errors import InputError
from radsieve.networks.cards import real, whole
from radsieve.networks.checkpoints import read_checkpoint, rebuilt, write_checkpoint
from radsieve.networks.device import Device
from radsieve.networks.unets import build_network

KIND = "segmenter"
_NEAREST = 1e-6  # of a probability to 0 and 1, before it is scaled


@dataclass(frozen=True)
class Segmenter:
    """A trained network that is ready to use, and the card that it came with."""

    network: torch.nn.Module
    device: Device
    card: Mapping[str, Any]

    @property
    def pixels(self) -> int:
        """Height and width of the images that it takes."""
        return int(self.card["pixels"])

    @property
    def channels(self) -> int:
        """1 for grey images, 3 for coloured ones."""
        return int(self.card["channels"])

    @property
    def threshold(self) -> float:
        """The minimum probability of a pixel of the mask."""
        return float(self.card["threshold"])

    @property
    def temperature(self) -> float:
        """By what logits are divided, so that probabilities say how often a pixel is of the mask; 1 in old cards."""
        return float(self.card.get("temperature", 1))

    @property
    def mirrored(self) -> bool:
        """Whether a probability is the mean over the image and its mirror image, which takes twice the time."""
        return bool(self.card["mirrored"])


def save_segmenter(path: Path, weights: Mapping[str, torch.Tensor], card: Mapping[str, Any]) -> None:
    """Write the `weights` of a network and its `card`, from which `load_segmenter` rebuilds it, atomically."""
    write_checkpoint(path, weights, {"kind": KIND, **card})


def load_segmenter(path: Path, device: Device) -> Segmenter:
    """Rebuild a segmenter from its checkpoint, on `device`.

    Raises InputError if the file is missing, truncated, a pickle, or a checkpoint of another kind or architecture.
    """
    weights, card = read_checkpoint(path, KIND)
    try:
        whole(card, "channels", 1, 3), whole(card, "pixels", 1, 16384), real(card, "threshold")
        real({"temperature": 1, **card}, "temperature", 1e-6, 1e6)
        network = rebuilt(lambda: build_network(card), weights, path)
        segmenter = Segmenter(network, device, card)
        _ = segmenter.mirrored
    except (KeyError, TypeError, ValueError, AssertionError) as error:
        raise InputError(f"{path}: its card does not describe a segmenter ({error!r}); train it again") from None
    device.place(network).eval()
    return segmenter


def segment(segmenter: Segmenter, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the probability of each pixel, (n, 1, H, W), of `images` (n, channels, H, W), in batches.

    If the segmenter was trained as `mirrored`, it is the mean over the image and its left-right mirror image. Raises
    InputError for images of another form than those on which the segmenter was trained.
    """
    form = (segmenter.channels, segmenter.pixels, segmenter.pixels)
    if images.shape[1:] != form:
        raise InputError(f"images of {images.shape[1:]} (channels, height, width), but the segmenter takes {form}")
    result = np.empty((len(images), 1, *images.shape[2:]), dtype=np.float32)
    for rows, found in segmenter.device.parts(
        len(images), lambda rows: _probabilities(segmenter, images[rows]), "segmenting"
    ):
        result[rows] = found.numpy()
    return result


def masks_of(segmenter: Segmenter, images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return the masks (n, H, W) of `images` (n, channels, H, W): where `segment` is at least the threshold."""
    return np.asarray(segment(segmenter, images)[:, 0] >= segmenter.threshold)


def segment_batches(segmenter: Segmenter, images: NDArray[np.uint8], batch: int) -> Iterator[NDArray[np.float32]]:
    """Yield `segment` of `batch` images at a time; `images` may be memory-mapped, one batch is held at a time."""
    for start in range(0, len(images), batch):
        yield segment(segmenter, images[start : start + batch])


@torch.inference_mode()
def _probabilities(segmenter: Segmenter, images: NDArray[np.uint8]) -> torch.Tensor:
    inputs = segmenter.device.send(torch.from_numpy(np.array(images))).float() / 255
    with segmenter.device.autocast():
        probabilities = torch.sigmoid(segmenter.network(inputs).float())
        if segmenter.mirrored:
            other = torch.sigmoid(segmenter.network(inputs.flip(-1)).float())
            probabilities = (probabilities + other.flip(-1)) / 2
    if segmenter.temperature != 1:
        probabilities = torch.sigmoid(torch.logit(probabilities, eps=_NEAREST) / segmenter.temperature)
    return probabilities.cpu()
