"""A faster way to the pixels of the plainest PNG files, which most exports of radiographs are, to the same values.

Plain is grey of 8 or 16 bits or RGB of 8, not interlaced, without transparency, and with no chunks besides but a few
that change no pixel. Read are only files without any fault; all others are `radsieve.imaging.decode`'s to judge. One
fault isal does not see: codes of which some stand for nothing, in data whose checksums are right.

The filters of PNG act on each channel alone: the rows of RGB of equal channels, as they are filtered, are those of the
grey image three times over, and only these are given to Pillow, which undoes the filters.
"""

import functools
import struct
import zlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from isal import igzip_lib, isal_zlib  # the same bytes as zlib's in half of the time
from PIL import Image

from radsieve.imaging import cost, file_structure

_KINDS = {(8, 0): ("L", "L", 1), (16, 0): ("I;16", "I;16B", 2), (8, 2): ("RGB", "RGB", 3)}
# of bits and colour type: Pillow's mode, its name for how it is stored, and the bytes of a pixel
_HARMLESS = {b"tIME": 7, b"pHYs": 9, b"gAMA": 4, b"sRGB": 1, b"cHRM": 32}  # with their lengths
_SHORTEST = 57  # bytes: signature, header, an empty chunk of pixels, end
_HEADER = b"\0\0\0\rIHDR"
_MAX_FILTER = 4
_MAX_WINDOW = 0x78  # first byte of the compressed pixels: deflate, with a window of 32 kB at most


def read(content: bytes, max_pixels: int, max_side: int) -> tuple[Image.Image, str] | None:
    """Return the image of the file `content`, in mode L if it is RGB of equal channels, and Pillow's mode of the file;
    None if it is not plain, has a fault or is beyond a limit: pixels, and pixels to a side."""
    if not content.startswith(file_structure.PNG + _HEADER) or len(content) < _SHORTEST:
        return None
    width, height, bits, colour, *rest = struct.unpack(">IIBBBBB", content[16:29])
    if (bits, colour) not in _KINDS or any(rest) or not (0 < width <= max_side and 0 < height <= max_side):
        return None
    mode, stored, step = _KINDS[bits, colour]
    if width * height > max_pixels or width * height * step > cost.MAX_BYTES:
        return None
    data = _data(content)
    rows = None if data is None else _inflated(data, height, 1 + width * step)
    if rows is None or rows[:, 0].max() > _MAX_FILTER:
        return None
    if mode == "RGB" and (one := _one_channel(rows)) is not None:
        return _unfiltered(one, "L", "L", width), mode
    return _unfiltered(rows, mode, stored, width), mode


def _data(content: bytes) -> bytes | None:
    """The compressed pixels, if all chunks are whole and plain, and nothing follows."""
    parts, after = [], False
    for name, body, end in _chunks(content):
        if name == b"IDAT" and not after:
            parts.append(body)
        elif name == b"IEND":
            return b"".join(parts) if parts and not len(body) and end == len(content) else None
        elif len(body) == _HARMLESS.get(name, -1):
            after = bool(parts)
        else:
            return None
    return None


def _chunks(content: bytes) -> Iterator[tuple[bytes, memoryview, int]]:
    """Names, bodies and ends of those after the header, as long as their checksums are right."""
    view = memoryview(content)
    place = len(file_structure.PNG)
    for number in range(file_structure.MAX_CHUNKS):
        if place + 12 > len(content):
            return
        end = place + 8 + int.from_bytes(view[place : place + 4], "big")
        if end + 4 > len(content) or isal_zlib.crc32(view[place + 4 : end]) != int.from_bytes(
            view[end : end + 4], "big"
        ):
            return
        if number:
            yield content[place + 4 : place + 8], view[place + 8 : end], end + 4
        place = end + 4


def _inflated(data: bytes, height: int, length: int) -> npt.NDArray[np.uint8] | None:
    """Rows of `length` bytes, if these, with the right checksum, are all that there is."""
    if data[:1] > bytes([_MAX_WINDOW]):  # which isal would take
        return None
    stream = isal_zlib.decompressobj()
    try:
        found = stream.decompress(data, height * length + 1)
    except igzip_lib.IsalError:  # type: ignore[misc]  # which its stubs call an object
        return None
    if len(found) != height * length or not stream.eof or stream.unused_data:
        return None
    return np.frombuffer(found, dtype=np.uint8).reshape(height, length)


def _one_channel(rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8] | None:
    """Of filtered `rows` (H, 1 + 3 W) the types of filter and one channel (H, 1 + W), if all channels are equal."""
    unlike = np.zeros_like(rows)
    values = rows.ravel()  # in one piece, which is faster than row by row
    np.bitwise_xor(values[:-1], values[1:], out=unlike.ravel()[:-1])
    unlike &= _within_pixels(rows.shape[1])
    return None if unlike.any() else np.ascontiguousarray(rows[:, ::3])


@functools.lru_cache(maxsize=16)
def _within_pixels(count: int) -> npt.NDArray[np.uint8]:
    """All bits where one of a row of `count` = 1 + 3 W bytes and the next are of one pixel, none where they are not."""
    return np.resize(np.array([0, 255, 255], dtype=np.uint8), count)


def _unfiltered(rows: npt.NDArray[np.uint8], mode: str, stored: str, width: int) -> Image.Image:
    """Pillow takes rows in a stream alone: it is given one that is not compressed."""
    return Image.frombytes(mode, (width, len(rows)), zlib.compress(rows.data, 0), "zip", stored)
