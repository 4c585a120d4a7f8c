"""Films of a group of a pack."""

import numpy as np
import pytest
from grouped_packs import write_groups

from radsieve import tables
from radsieve.errors import InputError
from radsieve.generation.grouped_films import read_group
from radsieve.imaging.packs import read_pack
from radsieve.tables.films import FILMS


@pytest.fixture
def folder(tmp_path):
    write_groups(tmp_path)
    return tmp_path


def read(folder, group="a", pixels=16):
    return read_group(folder / "films", folder / "films.csv", group, pixels)


def test_parts_of_a_group(folder):
    films = read(folder)
    assert {part: len(of_part) for part, of_part in films.films.items()} == {"train": 10, "validation": 5, "test": 5}
    assert films.names["train"][:3] == ["000.png", "004.png", "008.png"]
    assert films.held_back_names == films.names["validation"] + films.names["test"]
    assert films.held_back.shape == (10, 1, 16, 16)
    whole = read(folder, pixels=32)
    assert np.array_equal(whole.films["train"][1], read_pack(folder / "films").films[4])
    blocks = whole.films["train"].reshape(10, 1, 16, 2, 16, 2).mean(axis=(3, 5))
    assert np.corrcoef(films.films["train"].ravel(), blocks.ravel())[0, 1] > 0.95


def test_the_digest_tells_films_apart(folder):
    assert read(folder).digest() == read(folder).digest()
    assert len({read(folder).digest(), read(folder, "b").digest(), read(folder, pixels=32).digest()}) == 3


def test_what_a_user_can_get_wrong(folder):
    with pytest.raises(InputError, match=r"0 films of group 'c' in part train, .*; its groups are 'a', 'b'; see gen"):
        read(folder, "c")
    with pytest.raises(InputError, match=r"films of 32 pixels, but train_gan\.pixels = 64; lower it or raise pack_f"):
        read(folder, pixels=64)
    table = tables.read(FILMS, folder / "films.csv")
    few = table["group"].mask(table["part"].eq("test") & table["film"].gt("010"), "b")
    tables.write(FILMS, table.assign(group=few), folder / "films.csv")
    with pytest.raises(InputError, match=r"1 films of group 'a' in part test, but 3 are needed"):
        read(folder)
    tables.write(FILMS, table.iloc[::-1], folder / "films.csv")
    with pytest.raises(InputError, match=r"films\.csv: its films are not those of .*films, row by row; run pack_films"):
        read(folder)
