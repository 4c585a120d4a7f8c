"""Pixels as PNG."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def png_of(pixels: NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.bool_], compress_level: int = 6) -> bytes:
    """Return `pixels`, (H, W) grey of 8 or 16 bits or (H, W, 3) RGB of 8, as a PNG; flags (H, W) become 0 and 255."""
    buffer = BytesIO()
    values = pixels.astype(np.uint8) * 255 if pixels.dtype == np.bool_ else pixels
    Image.fromarray(values).save(buffer, format="PNG", compress_level=compress_level)
    return buffer.getvalue()
