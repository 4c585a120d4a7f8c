"""Convolutional networks of blocks, as VGG has them (Simonyan and Zisserman 2015, arXiv:1409.1556), told by a text."""

from dataclasses import dataclass
from itertools import pairwise

import torch

BATCH_NORM, LEAKY, NO_POOLING, AVERAGE = "batch_norm", "leaky_relu", "no_pooling", "average"
_SLOPE = 0.01  # of the leaky rectifier below 0


@dataclass(frozen=True)
class Blocks:
    """Filters and number of 3 x 3 convolutions of each block, and what differs from VGG."""

    layers: tuple[tuple[int, int], ...]
    batch_norm: bool
    leaky: bool
    pooling: bool
    average: bool

    @classmethod
    def of(cls, text: str) -> "Blocks":
        """Read a text such as `32x1 64x2 batch_norm`.

        >>> Blocks.of("32x1 64x2 average").layers
        ((32, 1), (64, 2))
        """
        words = text.split()
        layers = tuple(tuple(map(int, word.split("x"))) for word in words if word[0].isdigit())
        pairs = tuple((filters, convolutions) for filters, convolutions in layers)
        return cls(pairs, BATCH_NORM in words, LEAKY in words, NO_POOLING not in words, AVERAGE in words)

    def side(self, pixels: int) -> int:
        """The side of the last maps of images of `pixels`. Raises ValueError if these are too small to be halved."""
        found = pixels >> len(self.layers) if self.pooling else pixels
        if not found:
            raise ValueError(f"images of {pixels} pixels cannot be halved {len(self.layers)} times")
        return found


class BlockNetwork(torch.nn.Module):
    """Blocks of convolutions, each halved by pooling, then a dense layer, or the mean of the last maps, and classes.

    Images (n, channels, p, p) become logits (n, classes). Raises ValueError if the images are too small to be halved.
    """

    def __init__(self, blocks: Blocks, channels: int, pixels: int, classes: int, dense: int, dropout: float) -> None:
        super().__init__()
        side = blocks.side(pixels)
        parts: list[torch.nn.Module] = []
        widths = [channels, *(filters for filters, convolutions in blocks.layers for _ in range(convolutions))]
        ends = {sum(count for _, count in blocks.layers[: place + 1]) for place in range(len(blocks.layers))}
        for place, (before, after) in enumerate(pairwise(widths), start=1):
            parts.append(torch.nn.Conv2d(before, after, 3, padding=1))
            parts += [torch.nn.BatchNorm2d(after)] if blocks.batch_norm else []
            parts.append(torch.nn.LeakyReLU(_SLOPE) if blocks.leaky else torch.nn.ReLU())
            if place in ends and blocks.pooling:
                parts.append(torch.nn.MaxPool2d(2))
        self.body = torch.nn.Sequential(*parts)
        width = widths[-1] if blocks.average else widths[-1] * side**2
        hidden = [] if blocks.average else [torch.nn.Linear(width, dense), torch.nn.ReLU()]
        last = torch.nn.Linear(width if blocks.average else dense, classes)
        self.average = blocks.average
        self.head = torch.nn.Sequential(*hidden, torch.nn.Dropout(dropout), last)

    def maps(self, images: torch.Tensor) -> torch.Tensor:
        """The last maps (n, k, h, w)."""
        found: torch.Tensor = self.body(images)
        return found

    def answer(self, maps: torch.Tensor) -> torch.Tensor:
        """The logits (n, classes) of the last maps."""
        logits: torch.Tensor = self.head(maps.mean(dim=(2, 3)) if self.average else maps.flatten(1))
        return logits

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The logits (n, classes) of `images` in the range that it was trained on."""
        return self.answer(self.maps(images))


class TunedBackbone(torch.nn.Module):
    """EfficientNet-Lite0 from ImageNet, of which the last blocks are trained, and a linear layer on its mean maps."""

    def __init__(self, backbone: torch.nn.Module, channels: int, unfrozen: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = torch.nn.Sequential(torch.nn.Dropout(dropout), torch.nn.Linear(channels, classes))
        blocks = backbone.network._blocks  # type: ignore[union-attr]
        self.frozen = max(len(blocks) - unfrozen, 0)  # type: ignore[arg-type]
        kept = blocks[: self.frozen]  # type: ignore[index]
        stem = [backbone.network._conv_stem, backbone.network._bn0]  # type: ignore[union-attr]
        self._still: list[torch.nn.Module] = [*kept, *stem] if self.frozen else []  # type: ignore[list-item]
        for part in self._still:
            part.requires_grad_(False)

    def train(self, mode: bool = True) -> "TunedBackbone":
        """Set what is trained to training; what is frozen keeps the statistics that it came with."""
        super().train(mode)
        for part in self._still:
            part.eval()
        return self

    def maps(self, images: torch.Tensor) -> torch.Tensor:
        """The last maps (n, k, h, w) of `images` in [0, 1]."""
        found: torch.Tensor = self.backbone(images)
        return found

    def answer(self, maps: torch.Tensor) -> torch.Tensor:
        """The logits (n, classes) of the last maps."""
        logits: torch.Tensor = self.head(maps.mean(dim=(2, 3)))
        return logits

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The logits (n, classes) of `images` (n, 1 or 3, H, W) in [0, 1]."""
        return self.answer(self.maps(images))
