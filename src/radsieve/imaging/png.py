"""Pixels as PNG, and a form of PNG that Pillow cannot read in full."""

import struct
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


def quick_png_of(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """Return `pixels`, (H, W) grey of 8 or 16 bits or (H, W, 3) RGB of 8, as a PNG in half the time of `png_of` at its
    fastest, and of about the same length: each value less that of the pixel on its left, in runs of equal bytes."""
    height, width = pixels.shape[:2]
    step = pixels.dtype.itemsize if pixels.ndim == 2 else pixels.shape[2]
    big = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder(">"))
    values = big.view(np.uint8).reshape(height, width * step)
    rows = np.empty((height, 1 + width * step), dtype=np.uint8)
    rows[:, 0] = _SUB
    rows[:, 1 : 1 + step] = values[:, :step]
    np.subtract(values[:, step:], values[:, :-step], out=rows[:, 1 + step :])
    packer = zlib.compressobj(1, strategy=zlib.Z_RLE)
    data = packer.compress(rows.data) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8 * pixels.dtype.itemsize, 0 if pixels.ndim == 2 else 2, 0, 0, 0)
    return _SIGNATURE + b"".join(map(_chunk, (b"IHDR", b"IDAT", b"IEND"), (header, data, b"")))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


_SUB = 1  # the filter of that name (ISO/IEC 15948:2004, chapter 9)
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
