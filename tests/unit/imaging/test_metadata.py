"""Metadata of PNG on which no pixel depends, and what a TIFF says of its bits."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import ExifTags, Image

from radsieve.imaging.decode import canonical, decode

GRAY = np.arange(40 * 60, dtype=np.uint32).reshape(40, 60).astype(np.uint8)
IMAGE = Image.fromarray(GRAY)


def encoded(image: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def read(content: bytes) -> np.ndarray:
    return canonical(decode(content, 10_000))


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@pytest.mark.parametrize(
    "damaged",
    [
        png_chunk(b"tEXt", b"a\0b")[:-1] + b"\0",
        png_chunk(b"prVt", b"ab")[:-1] + b"\0",
        png_chunk(b"pHYs", b"12"),
        png_chunk(b"gAMA", b"1"),
        png_chunk(b"cHRM", b"1"),
        png_chunk(b"sRGB", b""),
        png_chunk(b"iCCP", b"x"),
        png_chunk(b"zTXt", b"abc\0\5xx"),
        png_chunk(b"eXIf", b"II*\0")[:-1] + b"\0",
    ],
)
def test_damaged_metadata_of_a_png_do_not_matter(damaged):
    content = encoded(IMAGE)
    assert np.array_equal(read(content[:33] + damaged + content[33:]), GRAY)


def test_an_orientation_beside_damaged_metadata_of_a_png_counts():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    content = encoded(IMAGE, exif=exif)
    damaged = content[:33] + png_chunk(b"gAMA", b"1") + content[33:]
    assert np.array_equal(read(damaged), read(content))
    assert read(damaged).shape == (60, 40)


def test_12_bits_of_a_tiff_that_says_so_are_the_whole_scale():
    values = np.array([[0, 1, 2048, 4095]], dtype=np.uint16)
    content = bytearray(encoded(Image.fromarray(values), "TIFF"))
    place = content.index(struct.pack("<HHI", 258, 3, 1)) + 8  # BitsPerSample
    assert content[place] == 16
    bits = "".join(f"{value:012b}" for value in values[0])
    start = struct.unpack("<I", content[content.index(struct.pack("<HHI", 273, 4, 1)) + 8 :][:4])[0]
    content[place] = 12
    content[start : start + 6] = int(bits, 2).to_bytes(6, "big")
    assert read(bytes(content)).tolist() == [[0, 16, 32776, 65535]]
