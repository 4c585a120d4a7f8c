"""Generated images beside their nearest real ones."""

import numpy as np
import pytest

from radsieve import tables
from radsieve.generation.gan.copies import closeness, nearest_images, nearest_table, upper_limit
from radsieve.generation.tables import NEAREST_IMAGES

RANDOM = np.random.default_rng(0)
TRAIN = RANDOM.integers(0, 256, (5, 1, 8, 8), dtype=np.uint8)
POINTS = np.array([[0.0, 0], [10, 0], [20, 0], [30, 0], [40, 0]])
NAMES = ["a", "b", "c", "d", "e"]


def test_the_nearest_image_by_features_and_by_pixels():
    brighter = np.minimum(TRAIN[[4, 2]], 245) + np.uint8(10)
    found = nearest_images(np.array([[13.0, 4], [0, 0]]), brighter, POINTS, TRAIN, NAMES)
    assert found["feature_image"].tolist() == ["b", "a"] and found["feature_distance"].tolist() == [5, 0]
    assert found["pixel_image"].tolist() == ["e", "c"]
    expected = np.sqrt(np.mean(((brighter[0] - TRAIN[4].astype(float)) / 255) ** 2))
    assert found["pixel_distance"][0] == pytest.approx(expected, rel=1e-5)


def table(generated, held_out):
    """A table of images with these distances by features, and by pixels a tenth of them."""
    parts = []
    for distances in (generated, held_out):
        images = np.repeat(TRAIN[:1], len(distances), axis=0)
        part = nearest_images(np.zeros((len(distances), 2)), images, POINTS, TRAIN, NAMES)
        parts.append(part.assign(feature_distance=distances, pixel_distance=np.asarray(distances) / 10))
    return nearest_table(*parts, [f"real {row}" for row in range(len(held_out))])


def test_the_table_passes_its_schema(tmp_path):
    written = table([1.0] * 11, [2.0, 3.0])
    tables.write(NEAREST_IMAGES, written, tmp_path / "nearest.csv")
    assert tables.read(NEAREST_IMAGES, tmp_path / "nearest.csv")["image"].tolist() == [
        *(f"generated {row:02}" for row in range(11)), "real 0", "real 1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("generated", "held_out", "closer", "copies"),
    [
        ([0.0, 0.0, 0.1], [1.0, 2.0, 3.0], 1, 3),
        ([4.0, 5.0], [1.0, 2.0, 3.0], 0, 0),
        ([1.0, 1.0], [1.0, 1.0, 1.0], 0.5, 0),
        ([1.5, 2.5], [1.0, 2.0, 3.0], 0.5, 0),
        ([0.5, 2.0], [1.0, 2.0], 0.625, 1),  # 0.5 is closer than both, 2 than none, with one tie: (2 + 0.5) / 4
    ],
)
def test_closeness_by_hand(generated, held_out, closer, copies):
    found = closeness(table(generated, held_out), np.arange(len(held_out)), 200, 0.95, 1)
    for kind in ("feature", "pixel"):
        assert found[f"{kind}_closer"] == pytest.approx(closer)
        assert found[f"{kind}_copies"] == copies
        assert found[f"{kind}_copies_share"] == copies / len(generated)
        assert found[f"{kind}_closer_lower"] <= closer <= found[f"{kind}_closer_upper"]
        assert found[f"{kind}_closer_lower"] < found[f"{kind}_closer_upper"]  # even where no resample can differ


def test_none_found_among_few_leaves_some_possible():
    """Clopper and Pearson: 1 - 0.05^(1/64) of the images may be copies if none of 64 is; 5.96% if one of 77 is."""
    assert upper_limit(0, 64, 0.95) == pytest.approx(1 - 0.05 ** (1 / 64))
    assert upper_limit(1, 77, 0.95) == pytest.approx(0.0602, abs=0.001)
    assert upper_limit(5, 5, 0.95) == 1


def test_a_generator_that_repeats_itself_has_few_nearest_images():
    same = np.repeat(TRAIN[:1], 3, axis=0)
    part = nearest_images(np.array([[0.0, 0], [1, 0], [2, 0]]), same, POINTS, TRAIN, NAMES)
    other = nearest_images(POINTS[[1, 2]] + 1, TRAIN[[1, 2]], POINTS, TRAIN, NAMES)
    found = closeness(nearest_table(part, other, ["x", "y"]), np.arange(2), 20, 0.95, 1)
    assert (found["feature_nearest"], found["feature_nearest_real"]) == (1, 2)


def test_the_interval_holds_even_chances():
    found = closeness(table(RANDOM.gamma(2, 1, 200), RANDOM.gamma(2, 1, 150)), np.arange(150), 300, 0.99, 1)
    assert found["feature_closer_lower"] < 0.5 < found["feature_closer_upper"]
    assert found["feature_closer_upper"] - found["feature_closer_lower"] < 0.2


@pytest.mark.parametrize("separate", [False, True])
def test_images_of_one_patient_tell_no_more_than_one_of_them(separate):
    """Four equal images of each patient, or one: the same area with the same interval, but for the draws."""
    random = np.random.default_rng(3)
    generated, patients = random.gamma(2, 1, 60), random.gamma(2, 1, 40) + 10 * separate
    once = closeness(table(generated, patients), np.arange(40), 2000, 0.95, 1)
    often = closeness(table(generated, np.repeat(patients, 4)), np.repeat(np.arange(40), 4), 2000, 0.95, 1)
    for kind in ("feature", "pixel"):
        assert often[f"{kind}_closer"] == pytest.approx(once[f"{kind}_closer"])
        for bound in ("lower", "upper"):
            assert often[f"{kind}_closer_{bound}"] == pytest.approx(once[f"{kind}_closer_{bound}"], abs=1e-6)
