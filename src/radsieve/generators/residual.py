"""A generator of images: residual, and without any normalisation.

It follows that of R3GAN (Huang, Gokaslan, Kuleshov and Tompkin 2024, "The GAN is dead; long live the GAN!"): residual
blocks whose last layer starts at zero, so that the network begins as a mere chain of resamplings and deep ones train as
steadily as shallow ones. Without normalisation each image depends on its own latent alone, as `generators.interface`
requires.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.functional import interpolate, leaky_relu

from radsieve.generators.interface import LATENT_COMPONENTS
from radsieve.networks.cards import whole

GENERATOR = "generator"  # kind of checkpoint
ARCHITECTURE = "residual"
LOWEST = -1.0  # value of black; white is 1
_START = 4  # pixels of the smallest maps
_MAXIMUM = 8  # maximum ratio of the channels there to those at full resolution
_SLOPE = 0.2
_FAINT = 0.3  # standard deviation of the first images: what all images share is learnt before what distinguishes them
_LATENT_DEVIATION = 3**-0.5  # of a component that is uniform in [-1, 1]


class ResidualBlock(nn.Module):
    """x + W2 a(W1 a(x)): two 3 x 3 convolutions behind leaky rectifiers, the second of which starts at zero."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _convolution(channels, channels, 3)
        self.second = _convolution(channels, channels, 3)
        nn.init.zeros_(self.second.weight)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Return maps of the same shape (n, channels, H, W)."""
        x = leaky_relu(self.first(leaky_relu(maps, _SLOPE)), _SLOPE)
        sum_: torch.Tensor = maps + self.second(x)
        return sum_


class ResidualGenerator(nn.Module):
    """Maps latents (n, 128) to images (n, channels, pixels, pixels), about -1 for black, 1 for white, not clipped.

    `blocks` are run one after another: the first makes maps of 4 x 4 pixels, each of the others doubles their size. The
    output of the first ones allows a prediction before the image is finished.
    """

    def __init__(self, pixels: int, channels: int, width: int) -> None:
        """Raises ValueError unless `pixels` is 4 times a power of 2, at least 8."""
        super().__init__()
        widths = _widths(pixels, width)
        self.start = nn.Linear(LATENT_COMPONENTS, widths[0] * _START**2)
        nn.init.kaiming_normal_(self.start.weight, nonlinearity="linear")
        nn.init.zeros_(self.start.bias)
        self.blocks = nn.ModuleList(
            _grown(before, after) for before, after in zip([widths[0], *widths], widths, strict=False)
        )
        self.image = _convolution(widths[-1], channels, 1)
        with torch.no_grad():
            self.image.weight.mul_(_FAINT)

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        """Return the images of `latents`."""
        return deque(self.stages(latents), maxlen=1).pop()

    def stages(self, latents: torch.Tensor) -> Iterator[torch.Tensor]:
        """Yield the maps of each of `blocks`, one after another, and finally the images of `latents`.

        Nothing is computed before it is requested, so that the caller can stop early.
        """
        maps = self.start(latents / _LATENT_DEVIATION).unflatten(1, (-1, _START, _START))
        for number, block in enumerate(self.blocks):
            maps = block(interpolate(maps, scale_factor=2, mode="bilinear") if number else maps)
            yield maps
        yield self.image(leaky_relu(maps, _SLOPE))


class ClippedImages(nn.Module):
    """A generator whose images are clipped to [-1, 1] and, if requested, resized."""

    def __init__(self, generator: nn.Module, pixels: int | None = None) -> None:
        super().__init__()
        self.generator, self.pixels = generator, pixels

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        """Return the images of `latents` (n, 128); larger ones by bicubic interpolation, smaller ones by area
        averaging."""
        images: torch.Tensor = self.generator(latents)
        if self.pixels and self.pixels > images.shape[-1]:
            images = interpolate(images, size=self.pixels, mode="bicubic")
        elif self.pixels and self.pixels < images.shape[-1]:
            images = interpolate(images, size=self.pixels, mode="area")
        return images.clamp(LOWEST, 1)


def generator_of(card: Mapping[str, Any]) -> ResidualGenerator:
    """Rebuild the network that a `card` describes by `pixels`, `channels` and `width`, with random weights.

    Raises KeyError, TypeError or ValueError if it does not describe one.
    """
    return ResidualGenerator(whole(card, "pixels", 8, 4096), whole(card, "channels", 1, 3), whole(card, "width"))


def _widths(pixels: int, width: int) -> list[int]:
    """Channels of the maps of 4, 8, ... `pixels` pixels. Raises ValueError if doubling 4 never gives `pixels`."""
    halvings = (pixels // _START).bit_length() - 1
    if halvings < 1 or _START << halvings != pixels:
        raise ValueError(f"{pixels} pixels are not 4 times a power of 2, at least 8")
    return [width * min(2**halving, _MAXIMUM) for halving in range(halvings, -1, -1)]


def _grown(before: int, after: int) -> nn.Module:
    block = ResidualBlock(after)
    return block if before == after else nn.Sequential(_convolution(before, after, 1), block)


def _convolution(before: int, after: int, kernel: int) -> nn.Conv2d:
    """A convolution that preserves height and width, and the variance of its input."""
    layer = nn.Conv2d(before, after, kernel, padding=kernel // 2)
    nn.init.kaiming_normal_(
        layer.weight, _SLOPE if kernel > 1 else 0, nonlinearity="leaky_relu" if kernel > 1 else "linear"
    )
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer
