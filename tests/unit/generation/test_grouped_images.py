"""Images of a group of a pack."""

import numpy as np
import pytest
from grouped_packs import write_groups

from radsieve import tables
from radsieve.errors import InputError
from radsieve.generation.grouped_images import read_group
from radsieve.imaging.packs import read_pack
from radsieve.tables.images import PACKED_IMAGES


@pytest.fixture
def folder(tmp_path):
    write_groups(tmp_path)
    return tmp_path


def read(folder, group="a", pixels=16):
    return read_group(folder / "images", folder / "images.csv", group, pixels)


def test_parts_of_a_group(folder):
    images = read(folder)
    assert {split: len(of_split) for split, of_split in images.images.items()} == {
        "train": 10,
        "validation": 5,
        "test": 5,
    }
    assert images.names["train"][:3] == ["000.png", "004.png", "008.png"]
    table = tables.read(PACKED_IMAGES, folder / "images.csv").set_index("image")["unit"]
    for split, numbers in images.units.items():
        assert len(set(zip(numbers, table[images.names[split]], strict=True))) == len(set(numbers))
    assert images.held_out_names == images.names["test"]  # validation chose the round of the generator
    assert np.array_equal(images.held_out, images.images["test"])
    whole = read(folder, pixels=32)
    assert np.array_equal(whole.images["train"][1], read_pack(folder / "images").images[4])
    blocks = whole.images["train"].reshape(10, 1, 16, 2, 16, 2).mean(axis=(3, 5))
    assert np.corrcoef(images.images["train"].ravel(), blocks.ravel())[0, 1] > 0.95


def test_the_digest_tells_images_apart(folder):
    assert read(folder).digest() == read(folder).digest()
    assert len({read(folder).digest(), read(folder, "b").digest(), read(folder, pixels=32).digest()}) == 3


def test_what_a_user_can_get_wrong(folder):
    with pytest.raises(
        InputError, match=r"0 images of group 'c' in the train split, .*; its groups are 'a', 'b'; see gen"
    ):
        read(folder, "c")
    with pytest.raises(InputError, match=r"32 pixels, but train_gan\.pixels = 64; lower it or raise pack_images"):
        read(folder, pixels=64)
    table = tables.read(PACKED_IMAGES, folder / "images.csv")
    few = table["group"].mask(table["split"].eq("test") & table["image"].gt("010"), "b")
    tables.write(PACKED_IMAGES, table.assign(group=few), folder / "images.csv")
    with pytest.raises(InputError, match=r"1 images of group 'a' in the test split, but 3 are needed"):
        read(folder)
    tables.write(PACKED_IMAGES, table.iloc[::-1], folder / "images.csv")
    with pytest.raises(
        InputError, match=r"images\.csv: its images are not those of .*images, row by row; run pack_images"
    ):
        read(folder)
