"""Scores of faults against faults planted in drawn knees at three strengths, and what each score means by itself."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from radsieve.imaging.audit.picture_faults import picture_faults, small
from radsieve.imaging.audit.set_faults import SIDE, off_topic, outliers, pose_faults
from radsieve.phantoms.knees import render_knee
from radsieve.phantoms.planted_faults import FAULTS, plant_some

KNEES, PLANTED = 40, 6
# the area under the ROC curve at each strength that drawn knees reach at least; what is weak stays hard to see
REACHED = {
    "blank": (1.0, 1.0, 1.0),
    "clipped": (1.0, 1.0, 1.0),
    "blurred": (0.9, 1.0, 1.0),
    "noisy": (1.0, 1.0, 1.0),
    "cut_off": (0.8, 0.95, 1.0),
    "collage": (0.5, 0.85, 0.95),
    "border": (0.9, 0.95, 0.95),
    "caption": (0.8, 0.75, 0.9),
    "inverted": (1.0, 1.0, 1.0),
    "turned": (0.6, 1.0, 0.9),
    "odd_size": (1.0, 1.0, 1.0),
    "odd_shape": (1.0, 1.0, 1.0),
}


@pytest.fixture(scope="module")
def knees():
    return [render_knee(np.random.default_rng(seed), 4.0, 96).astype(np.float32) for seed in range(KNEES)]


def scores(fault, images):
    match fault:
        case "inverted" | "turned" | "mirrored":
            return pose_faults(np.stack([small(image, SIDE) for image in images]))[fault]
        case "odd_size":
            return outliers(np.log2([image.size for image in images]))
        case "odd_shape":
            return outliers(np.log2([image.shape[1] / image.shape[0] for image in images]))
    return np.array([picture_faults(image)[fault] for image in images])


@pytest.mark.parametrize("fault", REACHED)
def test_planted_faults_stand_out(knees, fault):
    by_itself = fault in picture_faults(knees[0])
    clean = scores(fault, knees) if by_itself else None
    for strength, reached in enumerate(REACHED[fault]):
        planted = plant_some(fault, strength, knees, knees[::-1], PLANTED, seed=1)
        if clean is None:
            found = scores(fault, [planted.get(place, knee) for place, knee in enumerate(knees)])
        else:
            found = clean.copy()
            found[list(planted)] = scores(fault, list(planted.values()))
        area = roc_auc_score([place in planted for place in range(KNEES)], found)
        assert area >= reached, (fault, strength)


def test_every_fault_can_be_planted(knees):
    for fault in FAULTS:
        for strength in range(3):
            planted = plant_some(fault, strength, knees[:3], knees[3:4], 2, seed=1)
            assert len(planted) == 2
            for place, image in planted.items():
                assert image.dtype == np.float32 and 0 <= image.min() <= image.max() <= 1
                assert image.shape != knees[place].shape or not np.array_equal(image, knees[place])


def test_where_left_and_right_occur_nothing_is_mirrored():
    rng = np.random.default_rng(1)
    chests = rng.normal(0, 0.1, (40, SIDE, SIDE)) + np.pad(np.ones((6, 6)), ((6, 4), (8, 2)))  # a heart on one side
    both = np.where(np.arange(40)[:, None, None] % 2, chests[:, :, ::-1], chests)
    assert pose_faults(both)["mirrored"].max() < 0.2
    chests[20] = chests[20, :, ::-1]
    found = pose_faults(chests)["mirrored"]
    assert found.argmax() == 20 and found[20] > 0.5 and np.delete(found, 20).max() < 0


def test_values_that_can_be_known():
    ramp = np.tile(np.linspace(0, 1, 120, dtype=np.float32), (80, 1))
    framed = np.pad(0.2 + 0.6 * ramp, 10, constant_values=1)
    # the share of 100 x 140 pixels that 10 on each side take, each side counted by itself: 20 / 100 + 20 / 140
    assert picture_faults(framed)["border"] == pytest.approx(0.2 + 20 / 140, abs=0.09)
    assert picture_faults(np.full((50, 60), 0.3, dtype=np.float32)) == {
        "blank": 1, "clipped": 0, "blurred": 0, "noisy": 0, "cut_off": 0, "collage": 0, "border": 0, "caption": 0,
    }  # fmt: skip
    grain = 0.5 + np.random.default_rng(1).normal(0, 0.05, (200, 200)).astype(np.float32)
    spread = float(np.ptp(np.quantile(grain, (0.005, 0.995))))
    assert picture_faults(grain)["noisy"] == pytest.approx(0.05 / spread, rel=0.03)
    half = np.concatenate([ramp, 1 - 0.5 * ramp], axis=1)  # no jump in the middle
    apart = np.concatenate([ramp, ramp], axis=1)  # from 1 to 0
    assert picture_faults(apart)["collage"] == 1 and picture_faults(half)["collage"] < 0.1


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (3, 3), (9, 40)])
def test_pictures_of_hardly_any_pixels_have_scores(shape):
    image = np.random.default_rng(1).random(shape, dtype=np.float32)
    assert all(np.isfinite(score) for score in picture_faults(image).values())
    assert small(image, SIDE).shape == (SIDE, SIDE)


def test_outliers_are_far_from_all_but_a_few():
    assert outliers(np.array([0.0, 0, 0, 0, 3, 3, 3, 3, 7])).tolist() == [0] * 8 + [4]
    assert outliers(np.array([1.0])).tolist() == [0] and outliers(np.zeros(0)).tolist() == []


def test_outliers_are_told_by_the_distance_of_a_neighbour():
    """By the distance of the nearest tenth, found in another way: sorted, for each value by itself."""
    values = np.random.default_rng(1).normal(size=200).round(1)
    distance = np.sort(np.abs(values[:, None] - values), axis=1)  # the first is the value itself
    assert outliers(values) == pytest.approx(distance[:, 20])


def test_what_lies_apart_is_off_the_topic():
    rng = np.random.default_rng(1)
    features = rng.normal(0, 0.1, (60, 8)).astype(np.float32) + np.array([1, *[0] * 7], dtype=np.float32)
    features[7] = [0, 1, *[0] * 6]
    found = off_topic(features)
    assert found.argmax() == 7 and found[7] > 2 and np.median(found) == pytest.approx(1)
    assert off_topic(features[:1]).tolist() == [0]


def test_large_sets_are_compared_with_a_sample(knees):
    small_knees = np.stack([small(knee, SIDE) for knee in knees])
    many = np.tile(small_knees, (20, 1, 1))
    many[799] = 1 - many[799]
    found = pose_faults(many)["inverted"]
    assert found.argmax() == 799 and np.delete(found, 799).max() < 0
