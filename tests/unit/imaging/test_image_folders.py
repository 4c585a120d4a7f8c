"""Folders of image files as images of one form: radsieve.imaging.image_folders."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from radsieve.errors import InputError
from radsieve.imaging.image_folders import FormedImage, Rejected, read_images, to_mask
from radsieve.imaging.rendering import InputForm

GRADIENT = np.repeat(np.arange(0, 256, 4, dtype=np.uint8)[None], 64, axis=0)


def test_every_mode_of_one_picture_is_the_same_image(tmp_path):
    grey = Image.fromarray(GRADIENT)
    grey.save(tmp_path / "a.png")
    grey.convert("RGB").save(tmp_path / "b.bmp")
    grey.convert("RGBA").save(tmp_path / "c.tif")
    grey.convert("P").save(tmp_path / "d.png")
    Image.fromarray(GRADIENT.astype(np.uint16) * 257).save(tmp_path / "e.png")
    images = list(read_images(tmp_path, InputForm(32, 1)))
    assert [image.name for image in images] == ["a.png", "b.bmp", "c.tif", "d.png", "e.png"]
    for image in images:
        assert isinstance(image, FormedImage) and image.original_size == (64, 64)
        assert image.pixels.shape == (1, 32, 32) and image.pixels.dtype == np.uint8
        np.testing.assert_array_equal(image.pixels, images[0].pixels)


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
    found = {image.name: image for image in read_images(folder, InputForm(16, 1), max_pixels=64 * 64)}
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
    assert {image.reason for image in read_images(folder / "deep", InputForm(16, 1), max_pixels=4095)} == {
        "too many pixels"
    }


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="missing"):
        read_images(tmp_path / "missing", InputForm(16, 1))
