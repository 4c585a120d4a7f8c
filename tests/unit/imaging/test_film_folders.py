"""Folders of image files as films of one form: radsieve.imaging.film_folders."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from radsieve.errors import InputError
from radsieve.imaging.film_folders import FormedImage, Rejected, read_films, to_film, to_mask

GRADIENT = np.repeat(np.arange(0, 256, 4, dtype=np.uint8)[None], 64, axis=0)


def test_every_mode_of_one_picture_is_the_same_film(tmp_path):
    grey = Image.fromarray(GRADIENT)
    grey.save(tmp_path / "a.png")
    grey.convert("RGB").save(tmp_path / "b.bmp")
    grey.convert("RGBA").save(tmp_path / "c.tif")
    grey.convert("P").save(tmp_path / "d.png")
    Image.fromarray(GRADIENT.astype(np.uint16) * 257).save(tmp_path / "e.png")
    films = list(read_films(tmp_path, 32, 1))
    assert [film.name for film in films] == ["a.png", "b.bmp", "c.tif", "d.png", "e.png"]
    for film in films:
        assert isinstance(film, FormedImage) and film.original_size == (64, 64)
        assert film.pixels.shape == (1, 32, 32) and film.pixels.dtype == np.uint8
        np.testing.assert_array_equal(film.pixels, films[0].pixels)


def test_16_bits_are_scaled_by_their_full_scale_and_not_clipped():
    film = np.full((4, 4), 30_000, dtype=np.uint16)
    film[:, 2:] = 65_535
    np.testing.assert_array_equal(to_film(film, 4, 1)[0, 0], [117, 117, 255, 255])  # 30,000 / 257 = 116.7


def test_a_film_that_is_not_square_is_squashed():
    film = np.zeros((10, 40), dtype=np.uint8)
    film[:, 20:] = 200
    squashed = to_film(film, 4, 1)
    assert squashed.shape == (1, 4, 4)
    assert (squashed[0, :, 0] == 0).all() and (squashed[0, :, 3] == 200).all()


def test_shrinking_skips_no_pixel():
    stripes = np.zeros((64, 64), dtype=np.uint8)
    stripes[:, ::2] = 200
    for film in (stripes, stripes.astype(np.uint16) * 257 + 1):  # + 1: not an 8-bit film in 16 bits
        assert (to_film(film, 16, 1)[:, :, 1:-1] == 100).all()


def test_channels():
    colours = np.zeros((8, 8, 3), dtype=np.uint8)
    colours[..., 1] = 100
    assert to_film(colours, 8, 3)[:, 0, 0].tolist() == [0, 100, 0]
    assert to_film(colours, 8, 1)[:, 0, 0].tolist() == [59]  # 0.587 of 100
    assert to_film(colours[..., 1], 8, 3)[:, 0, 0].tolist() == [100, 100, 100]


@given(film=arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))), pixels=st.integers(1, 12))
def test_a_film_keeps_within_its_levels(film, pixels):
    resized = to_film(film, pixels, 1)
    assert resized.min() >= film.min() and resized.max() <= film.max()


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


def test_what_is_no_film_is_rejected_with_a_reason(tmp_path):
    outside = tmp_path / "outside.png"
    Image.fromarray(GRADIENT).save(outside)
    folder = tmp_path / "films"
    (folder / "deep").mkdir(parents=True)
    Image.fromarray(GRADIENT).save(folder / "deep" / "good.png")
    (folder / "cut.png").write_bytes(outside.read_bytes()[:-40])
    (folder / "empty.png").touch()
    (folder / "line\nbreak.png").write_bytes(outside.read_bytes())
    (folder / "link.png").symlink_to(outside)
    (folder / "notes.txt").write_text("no film")
    (folder / ".hidden.png").write_bytes(b"")
    (folder / "inside.png").symlink_to(folder / "deep" / "good.png")
    found = {film.name: film for film in read_films(folder, 16, 1, max_pixels=64 * 64)}
    assert list(found) == sorted(found)
    reasons = {name: film.reason for name, film in found.items() if isinstance(film, Rejected)}
    assert reasons == {
        "cut.png": "broken image",
        "empty.png": "empty object",
        "line\\nbreak.png": "unsafe key",
        "link.png": "link out of the folder",
        "notes.txt": "no image",
    }
    assert {name for name, film in found.items() if isinstance(film, FormedImage)} == {"deep/good.png", "inside.png"}
    assert {film.reason for film in read_films(folder / "deep", 16, 1, max_pixels=4095)} == {"too many pixels"}


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="missing"):
        read_films(tmp_path / "missing", 16, 1)
