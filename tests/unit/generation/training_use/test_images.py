"""Which images a classifier learns from: labels and screening of generated images, and how many are taken."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsieve.errors import InputError
from radsieve.generation.generated_groups import GeneratedGroup
from radsieve.generation.tables import TrainingArm
from radsieve.generation.training_use.images import choose_pools, label_generated, prepared, real_set, rows_of_each
from radsieve.networks.classifier import Preprocessing


def group(name, count, value):
    names = [f"{name}-{number}" for number in range(count)]
    return GeneratedGroup(name, names, np.full((count, 1, 8, 8), value, np.uint8), np.zeros((count, 128), np.float32))


GROUPS = [group("healthy", 12, 10), group("bacteria", 10, 20), group("virus", 6, 30)]
DISEASED = ["bacteria", "virus"]


def generated(passed):
    """The images of GROUPS, of which the first `passed` of each pass, with the scores in another order."""
    rows = [
        (name, int(number < good))
        for one, good in zip(GROUPS, passed, strict=True)
        for number, name in enumerate(one.names)
    ]
    return label_generated(GROUPS, DISEASED, pd.DataFrame(rows[::-1], columns=["image", "valid"]), Path("scores.csv"))


def test_images_get_the_label_of_their_group_and_the_verdict_of_their_name():
    images = generated((3, 1, 2))
    assert images.labels.tolist() == [0] * 12 + [1] * 16
    assert np.flatnonzero(images.valid).tolist() == [0, 1, 2, 12, 22, 23]
    assert images.images[22][0, 0, 0] == 30


@pytest.mark.parametrize("diseased", [[], ["healthy", "bacteria", "virus"], ["another"]])
def test_groups_of_one_label(diseased):
    with pytest.raises(InputError, match=r"generation.diseased = .*: of the groups healthy, bacteria, virus some must"):
        label_generated(GROUPS, diseased, pd.DataFrame({"image": [], "valid": []}), Path("scores.csv"))


def test_images_without_scores():
    scored = pd.DataFrame({"image": GROUPS[0].names, "valid": 1})
    with pytest.raises(
        InputError, match=r"scores.csv: no scores of 16 generated images, such as bacteria-0; run score_samples"
    ):
        label_generated(GROUPS, DISEASED, scored, Path("scores.csv"))


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
def test_all_arms_take_as_many_synthetic_images_as_the_screening_leaves(passed, asked, count, screened):
    pools = choose_pools(generated(passed), asked, 8, 1, seed=1)
    assert pools.count == count
    assert pools.left_out == {}
    assert tuple(np.bincount(pools.screened.labels)) == screened
    assert tuple(np.bincount(pools.synthetic.labels)) == (min(asked, 12), min(asked, 16))
    assert len(set(pools.screened.units)) == len(pools.screened.labels)
    of_label = {0: {10}, 1: {20, 30}}
    for pool in (pools.synthetic, pools.screened):
        assert all(image[0, 0, 0] in of_label[label] for image, label in zip(pool.images, pool.labels, strict=True))


@pytest.mark.parametrize(("passed", "few"), [((12, 3, 0), 3), ((0, 10, 6), 0)])
def test_without_screened_images_of_a_label_their_arm_is_left_out(passed, few):
    pools = choose_pools(generated(passed), 20, 8, 1, seed=1)
    assert pools.screened is None
    assert pools.count == 20
    assert list(pools.left_out) == [TrainingArm.WITH_SCREENED]
    assert pools.left_out[TrainingArm.WITH_SCREENED].startswith(f"{few} generated images of one label passed")


def test_hardly_any_generated_images():
    groups = [group("healthy", 12, 10), group("virus", 3, 30)]
    scored = pd.DataFrame({"image": [name for one in groups for name in one.names], "valid": 1})
    images = label_generated(groups, ["virus"], scored, Path("scores.csv"))
    with pytest.raises(
        InputError, match=r"3 generated images of one label, but 4 of each are needed; raise generate_samples.images"
    ):
        choose_pools(images, 20, 8, 1, seed=1)


@given(st.lists(st.integers(0, 1), max_size=40), st.integers(0, 10), st.integers(0, 99))
def test_rows_of_each_label_are_different_and_as_many_as_can_be(labels, maximum, seed):
    labels = np.array(labels, dtype=np.int64)
    rows = rows_of_each(labels, maximum, np.random.default_rng(seed))
    assert len(set(rows.tolist())) == len(rows)
    for label in (0, 1):
        assert (labels[rows] == label).sum() == min(maximum, (labels == label).sum())


def test_real_images_are_brought_to_the_pixels_of_the_generated_ones():
    images = np.random.default_rng(1).integers(0, 256, (5, 1, 32, 32), dtype=np.uint8)
    rows, labels, units = np.array([4, 0]), np.array([1, 0]), np.array([0, 1])
    found = real_set(images, rows, labels, units, 8, Path("images"))
    assert found.images.shape == (2, 1, 8, 8)
    assert found.images[1].mean() == pytest.approx(images[0].mean(), abs=1)
    assert (found.labels.tolist(), found.units.tolist(), found.fewest) == ([1, 0], [0, 1], 1)
    assert np.array_equal(found.take(np.array([1])).images[0], found.images[1])
    with pytest.raises(InputError, match=r"images: images of 32 pixels, but generation.pixels = 64"):
        real_set(images, rows, labels, units, 64, Path("images"))


def test_prepared_images_have_the_size_that_the_network_takes():
    images = np.tile(np.array([0, 255], np.uint8).repeat(8), (3, 1, 16, 1))
    found = prepared(images, Preprocessing(32, 0.0, "whole", 0.0))
    assert (found.shape, found.dtype) == ((3, 1, 32, 32), np.uint8)
    assert (found[..., 0] == 0).all()
    assert (found[..., -1] == 255).all()
