"""Pixels as PNG, and a form of PNG that Pillow cannot read in full."""

import zlib
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


_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = slice(12, 29)  # type and data of IHDR, which is always the first chunk; its checksum follows
_DEEP_GREY_ALPHA, _RGBA = bytes([16, 4]), bytes([8, 6])  # bit depth and colour type


def is_deep_grey_alpha(content: bytes) -> bool:
    """Whether the file `content` is a PNG of 16-bit grey with alpha, of which Pillow reads 8 bits."""
    return content.startswith(_SIGNATURE) and content[24:26] == _DEEP_GREY_ALPHA


def as_bytes(content: bytes) -> bytes:
    """Return such a PNG as one of RGBA of 8 bits, of which the channels are the bytes of grey and of alpha.

    Its pixels take four bytes either way, and PNG's filters and interlacing go by bytes: only the header changes.
    """
    header = content[_HEADER][:12] + _RGBA + content[_HEADER][14:]
    return content[:12] + header + zlib.crc32(header).to_bytes(4, "big") + content[33:]
