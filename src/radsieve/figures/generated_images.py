"""Grids of generated images."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radsieve.figures.grids import Tile, image_grid
from radsieve.figures.overlays import outlined

_WIDTH = 384  # pixels of an image on the grid
_DIGEST, _SHOWN_OF_DIGEST = re.compile("[0-9a-f]{64}"), 12


def caption_of(name: str) -> str:
    """Return the name of an image as figures show it: of a SHA-256, which names an image by its latent, the start."""
    return name[:_SHOWN_OF_DIGEST] if _DIGEST.fullmatch(name) else name


def first_images(
    labels: Iterable[str], names: Iterable[str], images: NDArray[np.uint8], maximum: int, title: str
) -> Figure:
    """Show at most `maximum` of the `images` (n, channels, H, W) of each label, the first ones, as they came."""
    grid = ImageGrid(maximum)
    for label, name, image in zip(labels, names, images, strict=True):
        grid.add(label, caption_of(name), image)
    return grid.plot(title)


@dataclass
class ImageGrid:
    """Collects images for a grid while they are generated: at most `maximum` in a row, a row for each label."""

    maximum: int
    rows: dict[str, list[Tile]] = field(default_factory=dict)

    def add(
        self, label: str, caption: str, image: NDArray[np.uint8], outlines: Sequence[tuple[NDArray[np.bool_], str]] = ()
    ) -> None:
        """Show `image` (channels, H, W) with the outlines of masks (H, W) in their colours, if its row has room."""
        row = self.rows.setdefault(label, [])
        if len(row) < self.maximum:
            row.append(Tile(outlined(image, outlines, _WIDTH), caption))

    def plot(self, title: str) -> Figure:
        """Show the grid, rows in the order of their labels."""
        return image_grid(sorted(self.rows.items()), title)
