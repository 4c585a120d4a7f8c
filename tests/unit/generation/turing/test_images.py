"""Which images a visual Turing test shows, and in which form."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from radsieve.errors import InputError
from radsieve.generation.turing.images import chosen_rows, common_pixels, image_files, shown_image, shuffled_kinds
from radsieve.imaging.packs import Pack


def pack(images, side=4):
    names = [f"f{number}" for number in range(images)]
    return Pack(np.zeros((images, 1, side, side), dtype=np.uint8), None, names, [None] * images)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "images.csv"
    path.write_text("image,group,split\nf0,F,test\nf1,F,train\nf2,M,test\nf3,F,test\nabsent,F,test\n")
    return path


def test_only_images_with_the_wanted_values_are_drawn(table):
    rows = chosen_rows(pack(6), table, {"group": "F", "split": "test"}, 2, np.random.default_rng(1))
    assert rows.tolist() == [0, 3]
    assert sorted(chosen_rows(pack(6), table, {}, 4, np.random.default_rng(1))) == [0, 1, 2, 3]


def test_another_seed_draws_other_images(table):
    generated = {tuple(chosen_rows(pack(6), table, {}, 2, np.random.default_rng(seed))) for seed in range(60)}
    assert len(generated) == 6


def test_tables_that_do_not_serve(table, tmp_path):
    random = np.random.default_rng(1)
    with pytest.raises(InputError, match=r"2 images of the pack \(group = F, split = test\), but .* asks for 3"):
        chosen_rows(pack(6), table, {"group": "F", "split": "test"}, 3, random)
    with pytest.raises(InputError, match="no column sex; it has image, group, split"):
        chosen_rows(pack(6), table, {"sex": "F"}, 1, random)
    with pytest.raises(InputError, match="not found"):
        chosen_rows(pack(6), tmp_path / "none.csv", {}, 1, random)
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(InputError, match="cannot be read as a table"):
        chosen_rows(pack(6), tmp_path / "empty.csv", {}, 1, random)


def test_all_images_are_as_small_as_the_smaller_kind():
    assert common_pixels([pack(1, 64), pack(1, 256)], 512) == 64
    assert common_pixels([pack(1, 64), pack(1, 256)], 32) == 32


def test_the_window_of_an_image():
    image = np.array([[[10, 20], [30, 60]]], dtype=np.uint8)
    assert shown_image(image, 2, 0).tolist() == [[0, 51], [102, 255]]
    assert shown_image(np.full((1, 2, 2), 200, dtype=np.uint8), 2, 0).tolist() == [[0, 0], [0, 0]]
    ramp = np.arange(101, dtype=np.uint8)[None, None].repeat(101, axis=1)
    shown = shown_image(ramp, 101, 0.1)[0]
    assert (shown[:11] == 0).all()
    assert (shown[90:] == 255).all()
    assert shown[50] in (127, 128)


def test_brightness_and_contrast_of_a_kind_leave_no_trace():
    image = np.random.default_rng(1).integers(0, 100, (1, 32, 32)).astype(np.uint8)
    assert np.array_equal(shown_image(image, 32, 0.01), shown_image(image * 2 + 30, 32, 0.01))


def test_colour_and_size_are_brought_together():
    image = np.random.default_rng(1).integers(0, 256, (1, 32, 32)).astype(np.uint8)
    large = image.repeat(2, axis=1).repeat(2, axis=2).repeat(3, axis=0)
    assert shown_image(large, 32, 0).shape == (32, 32)
    assert np.array_equal(shown_image(image.repeat(3, axis=0), 32, 0), shown_image(image, 32, 0))


def test_every_image_is_mixed_in_once():
    names = {"real": [f"r{n}" for n in range(20)], "synthetic": [f"s{n}" for n in range(20)]}
    key = shuffled_kinds(names, np.random.default_rng(1))
    assert [names[kind][row] for kind, row in zip(key["kind"], key["row"], strict=True)] == key["image"].tolist()
    assert sorted(key["image"]) == sorted(names["real"] + names["synthetic"])
    assert 5 < (key["kind"].iloc[:20] == "real").sum() < 15
    assert not key.equals(shuffled_kinds(names, np.random.default_rng(2)))
    assert key.equals(shuffled_kinds(names, np.random.default_rng(1)))


def test_the_name_of_a_test_is_that_of_its_images_in_their_order():
    one, other = (np.full((4, 4), value, dtype=np.uint8) for value in (10, 20))
    contents, name = image_files([one, other])
    assert len(name) == 12
    assert name == image_files([one, other])[1] != image_files([other, one])[1]
    with Image.open(BytesIO(contents[1])) as image:
        assert (image.format, image.mode, image.info) == ("PNG", "L", {})
        assert np.array_equal(np.asarray(image), other)
