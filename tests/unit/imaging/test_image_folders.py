"""Folders of image files as images of one form: radsieve.imaging.image_folders."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from radsieve.errors import InputError
from radsieve.imaging.image_folders import FormedImage, Rejected, read_images, to_image, to_mask

GRADIENT = np.repeat(np.arange(0, 256, 4, dtype=np.uint8)[None], 64, axis=0)


def test_every_mode_of_one_picture_is_the_same_image(tmp_path):
    grey = Image.fromarray(GRADIENT)
    grey.save(tmp_path / "a.png")
    grey.convert("RGB").save(tmp_path / "b.bmp")
    grey.convert("RGBA").save(tmp_path / "c.tif")
    grey.convert("P").save(tmp_path / "d.png")
    Image.fromarray(GRADIENT.astype(np.uint16) * 257).save(tmp_path / "e.png")
    images = list(read_images(tmp_path, 32, 1))
    assert [image.name for image in images] == ["a.png", "b.bmp", "c.tif", "d.png", "e.png"]
    for image in images:
        assert isinstance(image, FormedImage) and image.original_size == (64, 64)
        assert image.pixels.shape == (1, 32, 32) and image.pixels.dtype == np.uint8
        np.testing.assert_array_equal(image.pixels, images[0].pixels)


def test_16_bits_are_scaled_by_their_full_scale_and_not_clipped():
    image = np.full((4, 4), 30_000, dtype=np.uint16)
    image[:, 2:] = 65_535
    np.testing.assert_array_equal(to_image(image, 4, 1)[0, 0], [117, 117, 255, 255])  # 30,000 / 257 = 116.7


def test_an_image_that_is_not_square_is_squashed():
    image = np.zeros((10, 40), dtype=np.uint8)
    image[:, 20:] = 200
    squashed = to_image(image, 4, 1)
    assert squashed.shape == (1, 4, 4)
    assert (squashed[0, :, 0] == 0).all() and (squashed[0, :, 3] == 200).all()


def test_shrinking_skips_no_pixel():
    stripes = np.zeros((64, 64), dtype=np.uint8)
    stripes[:, ::2] = 200
    for image in (stripes, stripes.astype(np.uint16) * 257 + 1):  # + 1: not an 8-bit image in 16 bits
        assert (to_image(image, 16, 1)[:, :, 1:-1] == 100).all()


def test_channels():
    colours = np.zeros((8, 8, 3), dtype=np.uint8)
    colours[..., 1] = 100
    assert to_image(colours, 8, 3)[:, 0, 0].tolist() == [0, 100, 0]
    assert to_image(colours, 8, 1)[:, 0, 0].tolist() == [59]  # 0.587 of 100
    assert to_image(colours[..., 1], 8, 3)[:, 0, 0].tolist() == [100, 100, 100]


@given(image=arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))), pixels=st.integers(1, 12))
def test_an_image_keeps_within_its_levels(image, pixels):
    resized = to_image(image, pixels, 1)
    assert resized.min() >= image.min() and resized.max() <= image.max()


@given(mask=arrays.arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9))), pixels=st.integers(1, 12))
def test_masks_are_0_and_1_and_stay_what_they_are_at_their_own_size(mask, pixels):
    resized = to_mask(mask, pixels)
    assert resized.shape == (1, pixels, pixels) and resized.max() <= 1
    assert resized.any() <= mask.any() and mask.all() <= resized.all()
    if mask.shape == (pixels, pixels):
        np.testing.assert_array_equal(resized[0], mask)


def test_masks_keep_what_is_half_covered():
    mask = np.zeros((4, 4), dtype=bool)
    mask[:2, :2], mask[2:, 3] = True, True
    np.testing.assert_array_equal(to_mask(mask, 4)[0], mask)
    assert to_mask(np.kron(mask, np.ones((8, 8), dtype=bool)), 4)[0].tolist() == mask.astype(int).tolist()


def test_what_is_no_image_is_rejected_with_a_reason(tmp_path):
    outside = tmp_path / "outside.png"
    Image.fromarray(GRADIENT).save(outside)
    folder = tmp_path / "images"
    (folder / "deep").mkdir(parents=True)
    Image.fromarray(GRADIENT).save(folder / "deep" / "good.png")
    (folder / "cut.png").write_bytes(outside.read_bytes()[:-40])
    (folder / "empty.png").touch()
    (folder / "line\nbreak.png").write_bytes(outside.read_bytes())
    (folder / "link.png").symlink_to(outside)
    (folder / "notes.txt").write_text("no image")
    (folder / ".hidden.png").write_bytes(b"")
    (folder / "inside.png").symlink_to(folder / "deep" / "good.png")
    found = {image.name: image for image in read_images(folder, 16, 1, max_pixels=64 * 64)}
    assert list(found) == sorted(found)
    reasons = {name: image.reason for name, image in found.items() if isinstance(image, Rejected)}
    assert reasons == {
        "cut.png": "broken image",
        "empty.png": "empty object",
        "line\\nbreak.png": "unsafe key",
        "link.png": "link out of the folder",
        "notes.txt": "no image",
    }
    assert {name for name, image in found.items() if isinstance(image, FormedImage)} == {"deep/good.png", "inside.png"}
    assert {image.reason for image in read_images(folder / "deep", 16, 1, max_pixels=4095)} == {"too many pixels"}


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="missing"):
        read_images(tmp_path / "missing", 16, 1)
