"""How stored values become grey, and images the form of networks: radsieve.imaging.rendering."""

import numpy as np
import pytest
from dicoms import dataset, stored
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from radsieve.errors import InputError
from radsieve.imaging.rendering import InputForm, Rendering, fill_scale, to_image, uses_little


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


def test_of_12_bits_in_16_those_that_are_used_become_the_full_scale_dark_or_bright():
    dark = np.array([[0, 1000, 4095]], dtype=np.uint16)
    assert fill_scale(dark).tolist() == [[0, 16004, 65535]]  # 1000 / 4095 of the scale
    assert fill_scale(65535 - dark).tolist() == [[65535, 49531, 0]]  # as of white as 0
    middle = np.array([[20000, 40000]], dtype=np.uint16)
    assert fill_scale(middle).tolist() == middle.tolist(), "uses all bits"
    assert fill_scale(np.array([[65535]], dtype=np.uint16)).tolist() == [[65535]]


def test_little_of_the_scale_is_used_wherever_the_values_lie():
    for low, width, little in ((0, 2**14, False), (0, 2**14 - 1, True), (2**15, 2**14 - 1, True), (9, 50_000, False)):
        assert uses_little(np.array([[low, low + width]], dtype=np.uint16)) == little
        assert not uses_little(np.array([[0, 9]], dtype=np.uint8)), "8 bits"


def test_letters_and_broken_pixels_do_not_hide_that_little_is_used():
    image = np.tile(np.arange(4096, dtype=np.uint16), (4, 1))
    image[0, :40] = 65535  # a quarter of a percent
    assert uses_little(image)
    image[0, :400] = 65535  # more than 2%
    assert not uses_little(image)


@pytest.mark.parametrize(
    ("rendering", "grey"),
    [
        (Rendering(), [0, 64, 255]),  # by the window: 1000 to 2000
        (Rendering(window="stored"), [62, 78, 255]),  # of 4095
        (Rendering(window="range"), [0, 21, 255]),  # 1000 to 4095
    ],
)
def test_dicom_is_shown_in_the_window_of_the_form(rendering, grey):
    found = dataset(np.array([[1000, 1250, 4095]], dtype=np.uint16), bits=12)
    found.WindowCenter, found.WindowWidth = 1500.5, 1001
    decoded = rendering.decoded(stored(found), 100)
    assert InputForm(1, 1, rendering).image(decoded[:, 1:2]) == [[[grey[1]]]]
    assert [int(InputForm(1, 1, rendering).image(decoded[:, [n]])[0, 0, 0]) for n in (0, 2)] == [grey[0], grey[2]]


def test_a_rendering_comes_back_from_its_card_and_older_cards_have_the_default():
    for one in (Rendering(), Rendering("stored", 3), Rendering("full", "range")):
        assert Rendering.of({"kind": "any", **one.card()}) == one
    assert Rendering.of({}) == Rendering()


@pytest.mark.parametrize(
    "card", [{"bits": "12"}, {"bits": ["stored"]}, {"window": 0}, {"window": True}, {"window": "x"}, {"window": {}}]
)
def test_a_card_with_another_rendering_is_refused(card):
    with pytest.raises(ValueError, match="no such rendering"):
        Rendering.of(card)


@pytest.mark.parametrize("changes", [{"bits": "12"}, {"window": 0}, {"pixels": None}])
def test_the_form_of_a_network_is_in_its_card(changes):
    card = {"pixels": 8, "channels": 3, "bits": "stored", "window": "range"}
    assert InputForm.of(card, "w.safetensors") == InputForm(8, 3, Rendering("stored", "range"))
    with pytest.raises(InputError, match=r"w\.safetensors: its card does not say what images it takes"):
        InputForm.of(card | changes, "w.safetensors")
