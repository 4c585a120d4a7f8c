"""Films with the outlines of masks drawn over them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

FOUND, DRAWN = "#ff9f1c", "#2ec4ff"  # orange and blue stay apart for colour-blind eyes, and from grey films
_WIDTH = 512  # pixels of the picture: the outline of a small mask stays a thin line


def outlined(
    film: NDArray[np.uint8], outlines: Sequence[tuple[NDArray[np.bool_], str]], width: int = _WIDTH
) -> NDArray[np.float32]:
    """Return `film` (channels, H, W) as a picture (height, width, 3) in [0, 1] with the outlines of masks.

    `outlines` are masks (H, W) and their colours, like `#ff9f1c`; later ones lie over earlier ones.
    """
    height = max(round(width * film.shape[1] / film.shape[2]), 1)
    image = Image.fromarray(film[0] if len(film) == 1 else np.ascontiguousarray(film.transpose(1, 2, 0)))
    picture = np.asarray(
        image.convert("RGB").resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32
    ) / np.float32(255)
    for mask, colour in outlines:
        grown = Image.fromarray(mask.astype(np.uint8) * np.uint8(255)).resize((width, height), Image.Resampling.BICUBIC)
        inside = np.asarray(grown) >= 128
        line = inside & ~ndimage.binary_erosion(inside, iterations=2)  # the edge of the film bounds a mask, too
        picture[line] = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    return picture
