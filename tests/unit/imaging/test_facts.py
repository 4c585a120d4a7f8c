"""Facts of images: equal for equal pictures, different for others."""

import hashlib
import struct
import zlib
from io import BytesIO

import imagehash
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageOps

from radsieve.imaging.decode import canonical, grayscale, pixel_digest
from radsieve.imaging.facts import _stretched_levels, facts_of, perceptual_hashes
from radsieve.phantoms.knees import render_knee

LIMIT = 1_000_000
images = arrays.arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(0, 3))


def encoded(pixels: np.ndarray | Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    buffer = BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def image() -> Image.Image:
    return Image.fromarray((render_knee(np.random.default_rng(5), 4.0, 161) * 255).astype(np.uint8))


def distance(a: str, b: str) -> int:
    return (int(a, 16) ^ int(b, 16)).bit_count()


def test_facts_of_a_small_image():
    facts = facts_of(encoded(np.array([[0, 51], [102, 255], [0, 102]], dtype=np.uint8)), LIMIT)
    assert (facts.format, facts.width, facts.height, facts.mode, facts.bit_depth) == ("PNG", 2, 3, "L", 8)
    assert facts.mean_brightness == pytest.approx((0.2 + 0.4 + 1 + 0.4) / 6)
    assert facts.pixel_digest == hashlib.sha256(b"(3, 2) |u1" + bytes([0, 51, 102, 255, 0, 102])).hexdigest()


@given(images, images)
def test_digests_are_equal_iff_pixels_are(a, b):
    assert (pixel_digest(a) == pixel_digest(b)) == (a.shape == b.shape and np.array_equal(a, b))


@given(images)
def test_an_image_has_one_digest_however_it_is_stored(pixels):
    image = Image.fromarray(pixels)
    contents = [
        encoded(image, "TIFF"),
        encoded(image.convert("RGB")),
        encoded(image.convert("LA")),
        encoded(image.convert("RGBA"), compress_level=1),
        encoded(pixels.astype(np.uint16) * 257),
    ]
    assert {facts_of(content, LIMIT).pixel_digest for content in contents} == {pixel_digest(pixels)}


def test_digests_tell_8_from_16_bits():
    pixels = np.array([[1, 2]], dtype=np.uint8)
    assert pixel_digest(pixels) != pixel_digest(pixels.astype(np.uint16))


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70))))
def test_the_mirrored_hash_is_the_hash_of_the_mirrored_image(pixels):
    straight, mirrored = (facts_of(encoded(p), LIMIT) for p in (pixels, np.ascontiguousarray(pixels[:, ::-1])))
    assert straight.phash_mirrored == mirrored.phash
    assert straight.phash == mirrored.phash_mirrored


def test_the_hash_of_an_image_of_full_range_is_that_of_imagehash(image):
    full_range = ImageOps.autocontrast(image)
    assert full_range.getextrema() == (0, 255)
    facts = facts_of(encoded(full_range), LIMIT)
    assert facts.phash == str(imagehash.phash(full_range))
    assert facts.phash_mirrored == str(imagehash.phash(ImageOps.mirror(full_range)))
    assert len(facts.phash) == 16


@example(np.array([[238, 175], [0, 0], [0, 0]], dtype=np.uint8))  # of which one is halfway between two levels
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70))))
def test_the_hash_of_any_image_is_that_of_imagehash_for_its_stretched_levels(pixels):
    gray = np.multiply(pixels, 1 / 255, dtype=np.float32)
    scale = np.float32(255 / (gray.max() - gray.min()) if gray.max() > gray.min() else 0)
    stretched = Image.fromarray(((gray - gray.min()) * scale + np.float32(0.5)).astype(np.uint8))
    facts = facts_of(encoded(pixels), LIMIT)
    assert facts.phash == str(imagehash.phash(stretched))
    assert facts.phash_mirrored == str(imagehash.phash(ImageOps.mirror(stretched)))


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70))))
def test_brightness_level_by_level_is_that_of_all_values_to_the_last_bit(pixels):
    assert facts_of(encoded(pixels), LIMIT).mean_brightness == float(grayscale(pixels).mean(dtype=np.float64))


def test_full_range_is_not_stretched():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert perceptual_hashes(grayscale(levels)) == (
        facts_of(encoded(levels), LIMIT).phash,
        facts_of(encoded(levels), LIMIT).phash_mirrored,
    )
    assert _stretched_levels(0, 255) == bytes(range(256))


def test_exposure_and_bit_depth_do_not_change_the_hash(image):
    pixels = np.asarray(image)
    plain = facts_of(encoded(image), LIMIT)
    dim = facts_of(encoded(pixels // 3 + 20), LIMIT)
    sixteen = facts_of(encoded(pixels.astype(np.uint16) * 7 + 3), LIMIT)  # naive conversion clips it to white
    assert distance(plain.phash, dim.phash) <= 4
    assert distance(plain.phash, sixteen.phash) <= 4
    assert distance(plain.phash, plain.phash_mirrored) > 10


def test_a_blank_image():
    facts = facts_of(encoded(np.full((50, 50), 77, dtype=np.uint8)), LIMIT)
    assert facts.phash == facts.phash_mirrored
    assert facts.mean_brightness == pytest.approx(77 / 255)


@pytest.mark.parametrize(
    ("content", "mode", "bits"),
    [
        (encoded(Image.new("1", (4, 4))), "1", 1),
        (encoded(Image.new("1", (4, 4)), "TIFF"), "1", 1),
        (encoded(Image.new("P", (4, 4))), "P", 8),
        (encoded(Image.new("RGB", (4, 4)), "JPEG"), "RGB", 8),
        (encoded(Image.new("CMYK", (4, 4)), "TIFF"), "CMYK", 8),
        (encoded(Image.new("I;16", (4, 4))), "I;16", 16),
        (encoded(Image.new("I;16", (4, 4)), "TIFF"), "I;16", 16),
        (encoded(Image.new("I", (4, 4)), "TIFF"), "I", 32),
        (encoded(Image.new("RGB", (4, 4)), "WEBP"), "RGB", 8),
    ],
)
def test_bit_depth_as_stored(content, mode, bits):
    facts = facts_of(content, LIMIT)
    assert (facts.mode, facts.bit_depth) == (mode, bits)


def test_colours_of_16_bits_are_said_to_be_16_bits_though_8_are_read():
    row = b"\0" + np.array([[0x1234, 0x5678, 0x9ABC]], dtype=">u2").tobytes()
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row)),
        (b"IEND", b""),
    ]
    parts = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    ]
    facts = facts_of(b"\x89PNG\r\n\x1a\n" + b"".join(parts), LIMIT)
    assert (facts.mode, facts.bit_depth) == ("RGB", 16)
    assert facts.pixel_digest == pixel_digest(canonical(Image.new("RGB", (1, 1), (0x12, 0x56, 0x9A))))
