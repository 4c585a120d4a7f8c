"""Images of every mode and format, and files made to harm."""

import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageFile, ImageOps
from PIL.PngImagePlugin import PngInfo

from radsieve.imaging.decode import PILLOW_FORMATS, canonical, decode, grayscale, load_grayscale, pixel_digest
from radsieve.imaging.unreadable import REASONS, UnreadableImageError

LIMIT = 10_000
GRAY = np.arange(40 * 60, dtype=np.uint32).reshape(40, 60).astype(np.uint8)
IMAGE = Image.fromarray(GRAY)
GRAY_16 = np.linspace(0, 65535, 40 * 60).astype(np.uint16).reshape(40, 60)


def encoded(image: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def read(content: bytes) -> np.ndarray:
    return canonical(decode(content, LIMIT))


def refused(content: bytes, limit: int = LIMIT) -> UnreadableImageError:
    with pytest.raises(UnreadableImageError) as caught:
        canonical(decode(content, limit))
    assert caught.value.reason in REASONS
    return caught.value


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    parts = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def tiff_with(tag: int, kind: int, count: int, value: int) -> bytes:
    """IMAGE as TIFF in which one entry of the directory is replaced (kind 3: 16 bits, 4: 32 bits)."""
    content = bytearray(encoded(IMAGE, "TIFF"))
    (start,) = struct.unpack_from("<I", content, 4)
    (entries,) = struct.unpack_from("<H", content, start)
    place = next(
        p for p in range(start + 2, start + 2 + 12 * entries, 12) if content[p : p + 2] == struct.pack("<H", tag)
    )
    struct.pack_into("<HHII", content, place, tag, kind, count, value)
    return bytes(content)


def jpeg_claiming(width: int, height: int) -> bytes:
    content = bytearray(encoded(IMAGE, "JPEG"))
    frame = content.index(b"\xff\xc0")
    struct.pack_into(">HH", content, frame + 5, height, width)
    return bytes(content)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P"])
def test_equal_pictures_in_every_mode(mode):
    assert np.array_equal(read(encoded(IMAGE.convert(mode))), GRAY)


@pytest.mark.parametrize(("mode", "file_format"), [("YCbCr", "TIFF"), ("CMYK", "TIFF"), ("RGBX", "TIFF"), ("L", "BMP")])
def test_equal_pictures_in_other_formats(mode, file_format):
    assert np.array_equal(read(encoded(IMAGE.convert(mode), file_format)), GRAY)


def test_lossy_cmyk_is_not_inverted():
    smooth = Image.fromarray(np.tile(np.linspace(0, 255, 60, dtype=np.uint8), (40, 1)))
    pixels = read(encoded(smooth.convert("CMYK"), "JPEG", quality=95))
    assert np.abs(pixels.astype(int) - np.asarray(smooth)).max() < 10


def test_two_levels():
    assert read(encoded(Image.fromarray(GRAY > 127))).tolist() == np.where(GRAY > 127, 255, 0).tolist()


@pytest.mark.parametrize(("bits", "scale"), [(1, 255), (2, 85), (4, 17)])
def test_gray_of_few_bits_fills_the_range(bits, scale):
    row = bytes([0, 0b00011011])  # filter byte, then eight bits of pixels
    header = struct.pack(">IIBBBBB", 8 // bits, 1, bits, 0, 0, 0, 0)
    pixels = read(png((b"IHDR", header), (b"IDAT", zlib.compress(row)), (b"IEND", b"")))
    expected = [int(f"{0b00011011:08b}"[i : i + bits], 2) * scale for i in range(0, 8, bits)]
    assert pixels.tolist() == [expected]


def test_colours_keep_three_channels():
    colours = np.stack([GRAY, GRAY, 255 - GRAY], axis=-1)
    pixels = read(encoded(Image.fromarray(colours)))
    assert np.array_equal(pixels, colours)


def test_transparent_parts_are_laid_over_black():
    alpha = np.full_like(GRAY, 255)
    alpha[:, :10] = 0
    image = Image.merge("LA", [IMAGE, Image.fromarray(alpha)])
    assert np.array_equal(read(encoded(image)), np.where(alpha == 0, 0, GRAY))


def test_transparent_entry_of_a_palette():
    image = Image.fromarray(np.array([[0, 1, 2]], dtype=np.uint8), mode="P")
    image.putpalette([10, 10, 10, 20, 20, 20, 30, 30, 30])
    assert read(encoded(image, transparency=1)).tolist() == [[10, 0, 30]]


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_16_bits_are_kept(file_format):
    pixels = read(encoded(Image.fromarray(GRAY_16), file_format))
    assert pixels.dtype == np.uint16
    assert np.array_equal(pixels, GRAY_16)


def test_16_bits_in_either_byte_order():
    big_endian = Image.frombytes("I;16B", (60, 40), GRAY_16.astype(">u2").tobytes())
    assert np.array_equal(canonical(big_endian), GRAY_16)


def test_8_bits_stored_in_16_are_the_8_bit_image():
    pixels = read(encoded(Image.fromarray(GRAY.astype(np.uint16) * 257)))
    assert pixels.dtype == np.uint8
    assert np.array_equal(pixels, GRAY)


def test_16_bits_in_which_white_is_zero_are_inverted():
    tag_photometric = 262
    content = encoded(Image.fromarray(GRAY_16), "TIFF", tiffinfo={tag_photometric: 0})
    pixels = read(content)
    assert np.array_equal(pixels, 65535 - GRAY_16)


def test_16_bits_per_colour_are_read_as_their_upper_8():
    row = np.array([[0x1234, 0x5678, 0x9ABC]], dtype=">u2").tobytes()
    header = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)
    pixels = read(png((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" + row)), (b"IEND", b"")))
    assert pixels.tolist() == [[[0x12, 0x56, 0x9A]]]


def test_32_bit_containers_of_16_bit_values():
    assert read(encoded(Image.fromarray(GRAY.astype(np.int32) * 200), "TIFF")).max() == 255 * 200
    assert refused(encoded(Image.fromarray(GRAY.astype(np.int32) * 1000), "TIFF")).reason == "unsupported mode"
    assert refused(encoded(Image.fromarray(GRAY.astype(np.int32) - 1), "TIFF")).reason == "unsupported mode"


def test_grayscale_is_a_share_of_full_scale():
    assert grayscale(np.array([[0, 51, 255]], dtype=np.uint8)).ravel() == pytest.approx([0, 0.2, 1])
    assert grayscale(np.array([[0, 13107, 65535]], dtype=np.uint16)).ravel() == pytest.approx([0, 0.2, 1])
    red_green_blue = np.eye(3, dtype=np.uint8)[None] * 255
    assert grayscale(red_green_blue).ravel() == pytest.approx([0.299, 0.587, 0.114])
    assert grayscale(red_green_blue).dtype == np.float32


def test_load_grayscale(tmp_path):
    (tmp_path / "image").write_bytes(encoded(Image.fromarray(GRAY_16), "TIFF"))
    assert load_grayscale(tmp_path / "image") == pytest.approx(GRAY_16 / 65535, abs=1e-6)


def test_a_text_in_the_file_is_no_step_of_decoding():
    texts = PngInfo()
    texts.add_text("decoding", "somebody's name")
    assert decode(encoded(IMAGE, pnginfo=texts), LIMIT).info["decoding"] == ""


def test_the_limit_is_inclusive():
    assert decode(encoded(IMAGE), GRAY.size).size == (60, 40)
    assert refused(encoded(IMAGE), GRAY.size - 1).reason == "too many pixels"


BOMB = png(
    (b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 0, 0, 0, 0)),
    (b"IDAT", zlib.compress(bytes(9))),
    (b"IEND", b""),
)
BMP_BOMB = b"BM" + struct.pack("<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, 30000, 30000, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(6)


@pytest.mark.parametrize(
    "content",
    [BOMB, BMP_BOMB, jpeg_claiming(60000, 60000), tiff_with(256, 4, 1, 1_000_000)],
    ids=["png", "bmp", "jpeg", "tiff"],
)
def test_bombs_are_refused_before_they_are_decoded(content, monkeypatch):
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("pixels were decoded"))
    assert refused(content, 10_000_000).reason == "too many pixels"


def test_pillows_own_limit_stands_behind_the_callers():
    assert refused(BOMB, 10**12).reason == "too many pixels"


def test_a_bomb_is_kept_within_the_limit_that_was_set():
    assert refused(BOMB, 100_000_000).detail == "more than 100000000"


def test_text_that_swells_is_left_out():
    info = PngInfo()
    info.add_text("note", "x" * 5_000_000, zip=True)
    content = encoded(IMAGE, pnginfo=info)
    assert len(content) < 50_000
    assert np.array_equal(read(content), GRAY)


@pytest.mark.parametrize("file_format", PILLOW_FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_truncated_files_are_refused(file_format, share):
    noise = np.random.default_rng(1).integers(0, 256, (40, 60), dtype=np.uint8)
    content = encoded(Image.fromarray(noise), file_format)
    assert refused(content[: int(len(content) * share)]).reason == "broken image"
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_a_changed_byte_is_found_by_the_checksum_of_png():
    content = bytearray(encoded(IMAGE, compress_level=0))
    content[len(content) // 2] ^= 1
    assert refused(bytes(content)).reason == "broken image"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty object"),
        (b"no image at all", "no image"),
        (b"\0" * 1000, "no image"),
        (encoded(IMAGE, "GIF"), "no image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no image"),
        (b"\x89PNG\r\n\x1a\n", "broken image"),
        (b"II*\0\xff\xff\xff\xff", "broken image"),
        (encoded(Image.fromarray(GRAY.astype(np.float32)), "TIFF"), "unsupported mode"),
        (encoded(IMAGE.convert("RGB").convert("LAB"), "TIFF"), "unsupported mode"),
    ],
)
def test_reasons(content, reason):
    error = refused(content)
    assert error.reason == reason
    assert str(error) == f"{reason}: {error.detail}"
    assert "0x" not in error.detail


def test_metadata_that_pillow_warns_of_refuses_the_image():
    """In a process of its own, because pytest sets the filters of warnings anew for each test."""
    lines = "import sys; from radsieve.imaging.decode import decode; decode(sys.stdin.buffer.read(), 10000)"
    entry_beyond_the_end = tiff_with(284, 3, 1_000_000, 8)
    done = subprocess.run([sys.executable, "-c", lines], input=entry_beyond_the_end, capture_output=True, check=False)
    assert "UnreadableImageError: broken image: UserWarning: Tag data larger than file" in done.stderr.decode()


@settings(max_examples=150, deadline=None)
@given(
    file_format=st.sampled_from(PILLOW_FORMATS),
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.integers(0, 40),
)
def test_damaged_files_are_read_or_refused(file_format, changes, cut):
    content = bytearray(encoded(IMAGE, file_format))
    for place, value in changes:
        content[place % len(content)] = value
    try:
        pixels = read(bytes(content[: len(content) - cut]))
    except UnreadableImageError as error:
        assert error.reason in REASONS
        assert "object at" not in error.detail
    else:
        assert pixels.dtype in (np.uint8, np.uint16)
        assert 0 < pixels.shape[0] * pixels.shape[1] <= LIMIT


def test_threads_read_the_same():
    contents = [encoded(Image.fromarray(np.roll(GRAY, n)), f) for n in range(20) for f in ("PNG", "TIFF", "BMP")]
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(read, contents))
    assert all(np.array_equal(pixels, np.roll(GRAY, n // 3)) for n, pixels in enumerate(results))


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_the_metadata_is_applied_in_every_format(file_format, orientation):
    """A photographed film that a viewer shows upright is upright here, and its width is that on the screen."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    lossless = {"lossless": True} if file_format == "WEBP" else {}
    wide = Image.fromarray(np.repeat(np.repeat(np.array([[0, 80, 160], [40, 120, 240]], np.uint8), 16, 0), 16, 1))
    image = decode(encoded(wide, file_format, exif=exif, **lossless), LIMIT)
    assert image.format == file_format
    shown = canonical(image)[8::16, 8::16].astype(int)
    expected = np.asarray(ImageOps.exif_transpose(_marked(wide, exif)))[8::16, 8::16]
    assert shown.shape == ((3, 2) if orientation > 4 else (2, 3))
    assert np.abs(shown - expected).max() < 6


def _marked(image: Image.Image, exif: Image.Exif) -> Image.Image:
    return Image.open(BytesIO(encoded(image, exif=exif)))


@pytest.mark.parametrize("exif", [b"Exif\0\0II*\0\x08\0\0\0\x02\0\x0f\x01", b"Exif\0\0" + b"\xff" * 40, b"Exif\0\0"])
def test_damaged_metadata_around_whole_pixels(exif):
    """In a process of its own, as for test_metadata_that_pillow_warns_of_refuses_the_image."""
    content = encoded(IMAGE, "JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    for place in (2, 20):  # before JFIF, and after it
        lines = (
            "import sys; from radsieve.imaging.decode import canonical, decode, pixel_digest;"
            "print(pixel_digest(canonical(decode(sys.stdin.buffer.read(), 10000))))"
        )
        damaged = content[:place] + segment + content[place:]
        done = subprocess.run([sys.executable, "-c", lines], input=damaged, capture_output=True, check=True)
        assert done.stdout.decode().strip() == pixel_digest(read(content))


def jpeg_frame(marker: int, bits: int) -> bytes:
    content = bytearray(encoded(IMAGE, "JPEG"))
    place = content.index(b"\xff\xc0")
    content[place + 1], content[place + 4] = marker, bits
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "detail"),
    [(jpeg_frame(0xC1, 12), "JPEG of 12 bits"), (jpeg_frame(0xC3, 16), "lossless JPEG")],
)
def test_kinds_of_jpeg_that_are_not_read_are_named(content, detail):
    error = refused(content)
    assert (error.reason, error.detail) == ("unsupported mode", detail)


def test_files_made_to_waste_time_are_refused_at_once():
    content = encoded(IMAGE, "JPEG")
    scan = content.index(b"\xff\xda")
    many_scans = content[:scan] + content[scan:-2] * 300 + content[-2:]
    many_segments = content[:2] + b"\xff\xe5\0\x02" * 100_000 + content[2:]
    header = (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    many_chunks = png(header, *[(b"teXt", b"")] * 210_000)
    two_headers = png(header, header, (b"IDAT", zlib.compress(bytes(2))), (b"IEND", b""))
    for hostile in (many_scans, many_segments, many_chunks, two_headers):
        start = time.process_time()
        assert refused(hostile).reason == "broken image"
        assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (encoded(IMAGE, "GIF"), "GIF"),
        (encoded(IMAGE, "JPEG2000"), "JPEG 2000"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 20, "HEIC"),
        ((348).to_bytes(4, "little") + b"\0" * 340 + b"n+1\0", "NIfTI"),
        (b"PK\3\4" + b"\0" * 40, "ZIP"),
        (b"\xef\xbb\xbf\n <!DOCTYPE html><title>404</title>", "web page"),
        (b"<HTML><head>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n", "git lfs pull"),
    ],
)
def test_what_is_no_image_is_told_by_its_kind(content, kind):
    with pytest.raises(UnreadableImageError) as caught:
        decode(content, LIMIT)
    assert caught.value.reason == "no image"
    assert kind in caught.value.detail


@pytest.mark.parametrize("shape", [(1, 70_000), (70_000, 1)])
def test_a_side_that_no_image_has(shape):
    error = refused(encoded(Image.fromarray(np.zeros(shape, np.uint8))), 10**6)
    assert (error.reason, "to a side" in error.detail) == ("too many pixels", True)


def test_a_palette_without_the_colour_in_use():
    image = Image.fromarray(np.array([[0, 9]], dtype=np.uint8), mode="P")
    image.putpalette([1, 2, 3])
    image.info["transparency"] = b"\0" * 300
    try:
        assert canonical(image).dtype == np.uint8
    except UnreadableImageError as error:
        assert error.reason == "broken image"
