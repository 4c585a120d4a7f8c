"""Folders of mask images."""

import numpy as np
import pytest
from PIL import Image

from radsieve.errors import InputError
from radsieve.imaging.image_folders import Rejected, read_masks

HALF = np.zeros((4, 6), np.uint8)
HALF[:, :3] = 255


def test_masks_of_any_size_and_mode_and_what_is_none(tmp_path):
    (tmp_path / "a").mkdir()
    Image.fromarray(HALF).save(tmp_path / "a/grey.png")
    Image.fromarray(HALF > 0).save(tmp_path / "bits.png")
    Image.fromarray(np.stack([HALF] * 3, axis=2)).save(tmp_path / "equal channels.png")
    Image.fromarray(np.stack([HALF, HALF, 0 * HALF], axis=2)).save(tmp_path / "coloured.png")
    Image.fromarray(np.minimum(HALF, 254)).save(tmp_path / "other values.png")
    (tmp_path / "text.png").write_text("no image")
    found = list(read_masks(tmp_path))
    masks = {one.name: one.pixels for one in found if not isinstance(one, Rejected)}
    assert list(masks) == ["a/grey.png", "bits.png", "equal channels.png"]
    assert all((mask == (HALF > 0)).all() for mask in masks.values())
    assert [vars(one) for one in found if isinstance(one, Rejected)] == [
        {"name": "coloured.png", "reason": "mask with other values", "detail": "coloured"},
        {
            "name": "other values.png",
            "reason": "mask with other values",
            "detail": "12 of 24 pixels are neither 0 nor 255",
        },
        {"name": "text.png", "reason": "no image", "detail": "none of PNG, JPEG, TIFF, BMP, WEBP, DICOM"},
    ]


def test_no_such_folder(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        list(read_masks(tmp_path / "nowhere"))
