"""A faster way to the pixels of the plainest PNG files, which most exports of radiographs are.

Plain is grey of 8 or 16 bits or RGB of 8, not interlaced, without transparency, and with no chunks besides but a few
that change no pixel. Read are only files without any fault; all others are `radsieve.imaging.decode`'s to judge.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from radsieve.imaging import cost, file_structure

_KINDS = {(8, 0): ("L", 1), (16, 0): ("I;16", 2), (8, 2): ("RGB", 3)}  # bits and colour type; Pillow's mode, bytes
_HARMLESS = {b"tIME": 7, b"pHYs": 9, b"gAMA": 4, b"sRGB": 1, b"cHRM": 32}  # with their lengths
_SHORTEST = 57  # bytes: signature, header, an empty chunk of pixels, end
_HEADER = b"\0\0\0\rIHDR"


@dataclass(frozen=True)
class PlainPng:
    """Pixels as stored, (H, W) uint8 or uint16 or (H, W, 3) uint8; RGB of equal channels is (H, W). `mode` is
    Pillow's."""

    pixels: npt.NDArray[Any]
    mode: str


def read(content: bytes, max_pixels: int, max_side: int) -> PlainPng | None:
    """Return the image of the file `content`; None if it is not plain, has a fault or is beyond a limit."""
    if (
        not content.startswith(file_structure.PNG + _HEADER)
        or len(content) < _SHORTEST
        or file_structure.fault(content)
    ):
        return None
    width, height, bits, colour, *rest = struct.unpack(">IIBBBBB", content[16:29])
    if (bits, colour) not in _KINDS or any(rest) or not (0 < width <= max_side and 0 < height <= max_side):
        return None
    mode, step = _KINDS[bits, colour]
    if width * height > max_pixels or width * height * step > cost.MAX_BYTES:
        return None
    data = _data(content)
    if data is None:
        return None
    filtered = _inflated(data, height, 1 + width * step)
    return None if filtered is None else _unfiltered(filtered, mode, step)


def _data(content: bytes) -> bytes | None:
    """The compressed pixels, if all chunks are whole and plain."""
    parts, after = [], False
    for name, body in _chunks(content):
        if name == b"IDAT" and not after:
            parts.append(body)
        elif name == b"IEND":
            return b"".join(parts) if parts and not body else None
        elif len(body) == _HARMLESS.get(name, -1):
            after = bool(parts)
        else:
            return None
    return None


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and bodies of those after the header, as long as their checksums are right."""
    view = memoryview(content)
    place = len(file_structure.PNG)
    for number in range(file_structure.MAX_CHUNKS):
        if place + 12 > len(content):
            return
        end = place + 8 + int.from_bytes(content[place : place + 4], "big")
        if end + 4 > len(content) or zlib.crc32(view[place + 4 : end]) != int.from_bytes(content[end : end + 4], "big"):
            return
        if number:
            yield content[place + 4 : place + 8], content[place + 8 : end]
        place = end + 4


def _inflated(data: bytes, height: int, length: int) -> npt.NDArray[np.uint8] | None:
    """Rows of `length` bytes, if these, with the right checksum, are all that there is."""
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(data, height * length + 1)
    except zlib.error:
        return None
    if len(found) != height * length or not stream.eof or stream.unused_data:
        return None
    return np.frombuffer(found, dtype=np.uint8).reshape(height, length)


def _unfiltered(filtered: npt.NDArray[np.uint8], mode: str, step: int) -> PlainPng | None:
    from radsieve.imaging.png_filters import one_channel, unfilter

    height, width = len(filtered), (filtered.shape[1] - 1) // step
    if mode == "RGB":
        one = np.empty((height, 1 + width), dtype=np.uint8)
        if one_channel(filtered, step, one):
            filtered, step = one, 1
            filtered.flags.writeable = False
    rows = np.empty((height, width * step), dtype=np.uint8)
    if not unfilter(filtered, step, rows):
        return None
    if mode == "I;16":
        return PlainPng(rows.view(">u2").astype("<u2"), mode)
    return PlainPng(rows.reshape(height, width, step) if step > 1 else rows, mode)
