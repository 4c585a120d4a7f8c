"""Pixels as PNG."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def png_of(pixels: NDArray[np.uint8] | NDArray[np.bool_]) -> bytes:
    """Return `pixels`, (H, W) grey or (H, W, 3) RGB of 8 bits, as a PNG; flags (H, W) become 0 and 255."""
    buffer = BytesIO()
    values = pixels.astype(np.uint8) * 255 if pixels.dtype == np.bool_ else pixels
    Image.fromarray(values).save(buffer, format="PNG")
    return buffer.getvalue()
