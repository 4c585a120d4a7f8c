"""Which films a classifier learns from: labels and screening of drawn films, and how many are taken."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsieve.errors import InputError
from radsieve.generation.drawn_groups import DrawnGroup
from radsieve.generation.training_films import choose_pools, label_drawn, prepared, real_pictures, rows_of_each
from radsieve.generation_tables import TrainingArm
from radsieve.networks.classifier import Preprocessing


def group(name, count, value):
    names = [f"{name}-{number}" for number in range(count)]
    return DrawnGroup(name, names, np.full((count, 1, 8, 8), value, np.uint8), np.zeros((count, 128), np.float32))


GROUPS = [group("healthy", 12, 10), group("bacteria", 10, 20), group("virus", 6, 30)]
DISEASED = ["bacteria", "virus"]


def drawn(passed):
    """The films of GROUPS, of which the first `passed` of each pass, with the scores in another order."""
    rows = [
        (name, int(number < good))
        for one, good in zip(GROUPS, passed, strict=True)
        for number, name in enumerate(one.names)
    ]
    return label_drawn(GROUPS, DISEASED, pd.DataFrame(rows[::-1], columns=["film", "valid"]), Path("scores.csv"))


def test_films_get_the_label_of_their_group_and_the_verdict_of_their_name():
    films = drawn((3, 1, 2))
    assert films.labels.tolist() == [0] * 12 + [1] * 16
    assert np.flatnonzero(films.valid).tolist() == [0, 1, 2, 12, 22, 23]
    assert films.films[22][0, 0, 0] == 30


@pytest.mark.parametrize("diseased", [[], ["healthy", "bacteria", "virus"], ["another"]])
def test_groups_of_one_label(diseased):
    with pytest.raises(InputError, match=r"generation.diseased = .*: of the groups healthy, bacteria, virus some must"):
        label_drawn(GROUPS, diseased, pd.DataFrame({"film": [], "valid": []}), Path("scores.csv"))


def test_films_without_scores():
    scored = pd.DataFrame({"film": GROUPS[0].names, "valid": 1})
    with pytest.raises(
        InputError, match=r"scores.csv: no scores of 16 drawn films, such as bacteria-0; run score_drawn"
    ):
        label_drawn(GROUPS, DISEASED, scored, Path("scores.csv"))


@pytest.mark.parametrize(
    ("passed", "asked", "count", "screened"),
    [
        ((12, 10, 6), 8, 8, (8, 8)),
        ((12, 10, 6), 9, 8, (9, 9)),
        ((5, 10, 6), 20, 10, (5, 16)),
        ((12, 10, 6), 100, 24, (12, 16)),
        ((12, 4, 0), 100, 8, (12, 4)),
    ],
)
def test_all_arms_take_as_many_synthetic_films_as_the_screening_leaves(passed, asked, count, screened):
    pools = choose_pools(drawn(passed), asked, 8, 1, seed=1)
    assert pools.count == count
    assert pools.left_out == {}
    assert tuple(np.bincount(pools.screened.labels)) == screened
    assert tuple(np.bincount(pools.synthetic.labels)) == (min(asked, 12), min(asked, 16))
    assert len(set(pools.screened.units)) == len(pools.screened.labels)
    of_label = {0: {10}, 1: {20, 30}}
    for pool in (pools.synthetic, pools.screened):
        assert all(film[0, 0, 0] in of_label[label] for film, label in zip(pool.films, pool.labels, strict=True))


@pytest.mark.parametrize(("passed", "few"), [((12, 3, 0), 3), ((0, 10, 6), 0)])
def test_without_screened_films_of_a_label_their_arm_is_left_out(passed, few):
    pools = choose_pools(drawn(passed), 20, 8, 1, seed=1)
    assert pools.screened is None
    assert pools.count == 20
    assert list(pools.left_out) == [TrainingArm.WITH_SCREENED]
    assert pools.left_out[TrainingArm.WITH_SCREENED].startswith(f"{few} drawn films of one label passed")


def test_hardly_any_drawn_films():
    groups = [group("healthy", 12, 10), group("virus", 3, 30)]
    scored = pd.DataFrame({"film": [name for one in groups for name in one.names], "valid": 1})
    films = label_drawn(groups, ["virus"], scored, Path("scores.csv"))
    with pytest.raises(
        InputError, match=r"3 drawn films of one label, but 4 of each are needed; raise draw_images.films"
    ):
        choose_pools(films, 20, 8, 1, seed=1)


@given(st.lists(st.integers(0, 1), max_size=40), st.integers(0, 10), st.integers(0, 99))
def test_rows_of_each_label_are_different_and_as_many_as_can_be(labels, most, seed):
    labels = np.array(labels, dtype=np.int64)
    rows = rows_of_each(labels, most, np.random.default_rng(seed))
    assert len(set(rows.tolist())) == len(rows)
    for label in (0, 1):
        assert (labels[rows] == label).sum() == min(most, (labels == label).sum())


def test_real_films_are_brought_to_the_pixels_of_the_drawn_ones():
    films = np.random.default_rng(1).integers(0, 256, (5, 1, 32, 32), dtype=np.uint8)
    rows, labels, units = np.array([4, 0]), np.array([1, 0]), np.array([0, 1])
    found = real_pictures(films, rows, labels, units, 8, Path("films"))
    assert found.films.shape == (2, 1, 8, 8)
    assert found.films[1].mean() == pytest.approx(films[0].mean(), abs=1)
    assert (found.labels.tolist(), found.units.tolist(), found.fewest) == ([1, 0], [0, 1], 1)
    assert np.array_equal(found.take(np.array([1])).films[0], found.films[1])
    with pytest.raises(InputError, match=r"films: films of 32 pixels, but generation.pixels = 64"):
        real_pictures(films, rows, labels, units, 64, Path("films"))


def test_prepared_films_have_the_size_that_the_network_takes():
    films = np.tile(np.array([0, 255], np.uint8).repeat(8), (3, 1, 16, 1))
    found = prepared(films, Preprocessing(32, 0.0, "whole", 0.0))
    assert (found.shape, found.dtype) == ((3, 1, 32, 32), np.uint8)
    assert (found[..., 0] == 0).all()
    assert (found[..., -1] == 255).all()
