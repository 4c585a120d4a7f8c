"""Forms of PNG that Pillow cannot read in full, and those that it reads without a word."""

import struct
import zlib
from io import BytesIO

import hostile_images
import numpy as np
import pytest
from PIL import Image

from radsieve.imaging.decode import canonical, decode
from radsieve.imaging.png import png_of, quick_png_of
from radsieve.imaging.unreadable import UnreadableImageError

LIMIT = 10_000
GRAY_16 = np.linspace(0, 65535, 40 * 60).astype(np.uint16).reshape(40, 60)


@pytest.mark.parametrize("filtered", [0, 1, 2], ids=["none", "left", "above"])
def test_grey_of_16_bits_with_alpha_keeps_them(filtered):
    """As the same film without alpha where it is opaque, and over black where it is not."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def png(alpha: np.ndarray) -> bytes:
        rows = np.stack([GRAY_16, alpha], axis=-1).astype(">u2").view(np.uint8).reshape(40, 240)
        before = np.zeros_like(rows)
        if filtered == 1:
            before[:, 4:] = rows[:, :-4]
        elif filtered == 2:
            before[1:] = rows[:-1]
        lines = b"".join(bytes([filtered]) + row.tobytes() for row in rows - before)
        header = struct.pack(">IIBBBBB", 60, 40, 16, 4, 0, 0, 0)
        parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)

    plain = BytesIO()
    Image.fromarray(GRAY_16).save(plain, "PNG")
    opaque = np.full_like(GRAY_16, 65535)
    whole = decode(png(opaque), LIMIT)
    assert whole.format == "PNG" and whole.mode == "I;16"
    assert np.array_equal(canonical(whole), canonical(decode(plain.getvalue(), LIMIT)))
    half = opaque.copy()
    half[:20] = 0
    shown = canonical(decode(png(half), LIMIT))
    assert not shown[:20].any() and np.array_equal(shown[20:], GRAY_16[20:])
    broken = png(opaque)
    with pytest.raises(UnreadableImageError):
        decode(broken[:-20], LIMIT)


@pytest.mark.parametrize("shape", [(1, 1), (7, 1), (1, 9), (40, 61), (40, 61, 3)], ids=str)
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_quick_png_has_the_pixels_of_any_other(shape, depth):
    if depth == np.uint16 and len(shape) == 3:
        pytest.skip("RGB has 8 bits")
    pixels = np.random.default_rng(0).integers(0, np.iinfo(depth).max + 1, shape).astype(depth)
    pixels[..., -1:] = np.iinfo(depth).max
    found = decode(quick_png_of(pixels), LIMIT)  # which checks every checksum
    assert np.array_equal(np.asarray(found), pixels)
    assert found.mode == decode(png_of(pixels), LIMIT).mode


def test_a_quick_png_of_a_film_is_about_as_long():
    noise = np.random.default_rng(0).normal(0, 8, (300, 400))
    film = (16 * (np.add.outer(np.arange(300) * 3, np.arange(400) * 5) + noise).clip(0, 4095)).astype(np.uint16)
    assert len(quick_png_of(film)) <= 1.2 * len(png_of(film, 1))
    part = film[:, ::-1][:, 10:90]  # not in one piece of memory
    assert np.array_equal(np.asarray(decode(quick_png_of(part), 100_000)), part)


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    return hostile_images.PNG + b"".join(hostile_images.chunk(*each) for each in chunks)


def refused(content: bytes) -> UnreadableImageError:
    with pytest.raises(UnreadableImageError) as caught:
        decode(content, LIMIT)
    return caught.value


def png_with_bytes(count: int, width: int, height: int, depth: int, colour: int, interlaced: int) -> bytes:
    palette = [(b"PLTE", bytes(3))] if colour == 3 else []
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return png((b"IHDR", header), *palette, (b"IDAT", zlib.compress(bytes(count))), (b"IEND", b""))


def test_a_png_begins_with_its_header():
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    text, pixels = (b"tEXt", b"a\0b"), (b"IDAT", zlib.compress(bytes(2)))
    assert decode(png((b"IHDR", header), text, pixels, (b"IEND", b"")), LIMIT).size == (1, 1)
    assert refused(png(text, (b"IHDR", header), pixels, (b"IEND", b""))).reason == "broken image"


@pytest.mark.parametrize("interlaced", [0, 1])
@pytest.mark.parametrize(
    ("depth", "colour"),
    [(1, 0), (2, 0), (4, 0), (8, 0), (16, 0), (8, 2), (16, 2), (4, 3), (8, 3), (8, 4), (16, 4), (8, 6), (16, 6)],
)
def test_a_png_that_lacks_a_byte_of_its_rows_is_refused(depth, colour, interlaced):
    """Pillow leaves missing rows black. Adam7's pixels are counted here by the pass in which each of a square is."""
    passes = np.array([
        [1, 6, 4, 6, 2, 6, 4, 6], [7] * 8, [5, 6] * 4, [7] * 8, [3, 6, 4, 6] * 2, [7] * 8, [5, 6] * 4, [7] * 8
    ])  # fmt: skip
    for width, height in ((1, 1), (2, 5), (3, 2), (9, 17), (37, 23)):
        of = np.tile(passes, (3, 5))[:height, :width] if interlaced else np.ones((height, width), dtype=int)
        rows = [(row == one).sum() for row in of for one in set(row.tolist())]
        count = sum(1 + -(-pixels * depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour] // 8) for pixels in rows)
        whole = png_with_bytes(count, width, height, depth, colour, interlaced)
        assert decode(whole, LIMIT).size == (width, height)
        for less in {*range(1, min(count, 40)), count}:
            part = png_with_bytes(count - less, width, height, depth, colour, interlaced)
            assert refused(part).reason == "broken image"
