"""Files of several images: which are read as one, and which are refused."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

from radsieve.imaging.decode import canonical, decode
from radsieve.imaging.unreadable import UnreadableImageError

LIMIT = 10_000
GRAY = np.arange(40 * 60, dtype=np.uint32).reshape(40, 60).astype(np.uint8)
IMAGE = Image.fromarray(GRAY)


def encoded(image: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def read(content: bytes) -> np.ndarray:
    return canonical(decode(content, LIMIT))


def refused(content: bytes) -> UnreadableImageError:
    with pytest.raises(UnreadableImageError) as caught:
        decode(content, LIMIT)
    return caught.value


@pytest.mark.parametrize("file_format", ["TIFF", "WEBP", "PNG"])
def test_several_frames_are_refused(file_format):
    """None of them stands for the others; a file of the same kind with one is read."""
    lossless = {"lossless": True} if file_format == "WEBP" else {}
    one = encoded(IMAGE, file_format, save_all=True, append_images=[], **lossless)
    assert np.array_equal(read(one), GRAY)
    inverse = Image.fromarray(255 - GRAY)
    error = refused(encoded(IMAGE, file_format, save_all=True, append_images=[inverse], **lossless))
    assert (error.reason, file_format in error.detail) == ("unsupported mode", True)


SMALLER = IMAGE.resize((15, 10))
COPY, OLD_COPY, PAGE, MASK = {254: 1}, {255: 2}, {254: 2}, {254: 4}


def tiff_of(*pages):
    """A TIFF of pages, each an image and its tags."""
    buffer = BytesIO()
    with AppendingTiffWriter(buffer, new=True) as writer:
        for image, tags in pages:
            image.save(writer, "TIFF", tiffinfo=tags)
            writer.newFrame()
    return buffer.getvalue()


@pytest.mark.parametrize("tags", [[COPY], [OLD_COPY], [COPY, COPY, {254: 5}], [COPY] * 32])
def test_smaller_copies_in_a_tiff_are_left_out_and_this_is_said(tags):
    content = tiff_of((IMAGE, {}), *((SMALLER, each) for each in tags))
    assert np.array_equal(read(content), GRAY)
    assert decode(content, LIMIT).info["decoding"].startswith(str(len(tags)))


@pytest.mark.parametrize(
    "pages",
    [
        [(IMAGE, {}), (SMALLER, PAGE)],
        [(IMAGE, {}), (SMALLER, MASK)],
        [(IMAGE, {}), (SMALLER, COPY), (IMAGE, {})],
        [(SMALLER, COPY), (IMAGE, {})],
        [(IMAGE, {}), *[(SMALLER, COPY)] * 33],
    ],
)
def test_a_tiff_of_other_pages_is_refused(pages):
    assert refused(tiff_of(*pages)).reason == "unsupported mode"


def test_a_single_page_is_an_image_whatever_it_says_of_itself():
    assert np.array_equal(read(tiff_of((IMAGE, COPY))), GRAY)


def test_a_jpeg_with_further_pictures_is_a_jpeg():
    image = Image.new("RGB", (16, 16), (90, 90, 90))
    smaller = Image.new("RGB", (8, 8), (10, 10, 10))
    content = encoded(image, "MPO", save_all=True, append_images=[smaller])
    for each in (content, content[:-100]):  # the second picture may break off
        decoded = decode(each, LIMIT)
        assert (decoded.format, decoded.size, decoded.getpixel((3, 3))) == ("JPEG", (16, 16), (90, 90, 90))
        assert "MPO" in decoded.info["decoding"]
