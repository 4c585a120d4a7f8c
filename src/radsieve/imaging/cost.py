"""What it takes to decode a file, told from its header: memory, and work that its size does not show.

Refused is what takes far more than files of its size do; what is taken waits until there is room for it beside what
other threads decode.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image

from radsieve.imaging import file_structure
from radsieve.parallel import Budget

IN_FLIGHT = 1_500_000_000  # bytes that all threads hold for the images they decode, or one image, if it takes more
MAX_BYTES = 200_000_000  # of the decoded pixels of a file: 100 megapixels of 16 bits, 66 in colours
MAX_WORK = 2_000_000_000  # pixels that the scans of a JPEG go over; ten scans of 100 megapixels are half of it
MAX_INTERLACED = 30_000_000  # pixels: each of seven passes goes over the rows
MAX_RUNS = 25_000_000  # pixels of a run-length bitmap, which Pillow decodes in Python

_BYTES = {"1": 1, "L": 1, "P": 3, "LA": 2, "PA": 4, "I;16": 2, "I;16B": 2, "I;16L": 2, "RGB": 3, "YCbCr": 3}
_BYTES_A_PIXEL = 2
_PER_PIXEL = 16  # bytes: as decoded, as an array, as grey values in single precision, and what is made of these
_INTERLACED = 28  # offset in a PNG
_RUN_LENGTHS = (1, 2)  # compressions of a bitmap
_ROOM = Budget(IN_FLIGHT)
_ROWS, _COLUMNS = b"\x28\0\x10\0", b"\x28\0\x11\0"  # tags of DICOM, little endian


@contextmanager
def room(content: bytes) -> Iterator[None]:
    """Wait until there is room to decode the file `content` and to work on its pixels, and keep it during the block."""
    with _ROOM.holding(_PER_PIXEL * _pixels(content)):
        yield


def refused(content: bytes, header: Image.Image, max_pixels: int) -> str:
    """Why a file takes too much memory or work to decode, by its opened `header`; empty if it does not."""
    pixels = header.width * header.height
    if pixels * _BYTES.get(header.mode, 4) > max(MAX_BYTES, _BYTES_A_PIXEL * max_pixels):
        return f"{header.width} x {header.height} in {header.mode}, more than {MAX_BYTES} bytes"
    if content.startswith(file_structure.JPEG) and content.count(file_structure.SCAN) * pixels > MAX_WORK:
        return f"scans that go over more than {MAX_WORK} pixels"
    if header.format == "PNG" and pixels > MAX_INTERLACED and content[_INTERLACED : _INTERLACED + 1] == b"\1":
        return f"interlaced, more than {MAX_INTERLACED} pixels"
    if header.format == "BMP" and pixels > MAX_RUNS and content[30:31] and content[30] in _RUN_LENGTHS:
        return f"in run lengths, more than {MAX_RUNS} pixels"
    return ""


def _pixels(content: bytes) -> int:
    """The number of pixels that the header says; 0 if it cannot be read, since it is then refused at once."""
    if content.startswith(file_structure.PNG):
        return _product(content[16:24])
    if file_structure.is_dicom(content):
        return max(_value(content, _ROWS) * _value(content, _COLUMNS), len(content) // 2)
    try:
        with Image.open(BytesIO(content)) as header:
            return header.width * header.height
    except Exception:  # hostile bytes make readers of headers raise anything
        return 0


def _product(sides: bytes) -> int:
    if len(sides) < 8:
        return 0
    width, height = struct.unpack(">II", sides)
    return int(width * height)


def _value(content: bytes, tag: bytes) -> int:
    place = content.find(tag)
    return int.from_bytes(content[place + 8 : place + 10], "little") if place >= 0 else 0
