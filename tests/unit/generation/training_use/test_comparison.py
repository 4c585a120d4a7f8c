"""How useful synthetic images are: points of two classes in the plane, and a fit by their means."""

import numpy as np
import pandas as pd
import pytest

from radsieve.errors import InputError
from radsieve.generation.tables import TrainingArm
from radsieve.generation.training_use.comparison import (
    COMPARED,
    LabelledFeatures,
    Sources,
    compare_arms,
    real_rows,
    train_arms,
)

GENERATION = {"resamples": 300, "confidence": 0.95, "seed": 1}


def fit(features, labels):
    """Project on the line between the means of the two classes."""
    direction = features[labels == 1].mean(axis=0) - features[labels == 0].mean(axis=0)
    return lambda some: some @ direction


def points(count, distance, seed, dimensions=20):
    """Two classes whose means are `distance` apart along the first axis; two images a patient."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) // 2 % 2
    features = random.normal(0, 1, (count, dimensions))
    features[:, 0] += distance * labels
    return LabelledFeatures(features, labels, np.arange(count) // 2)


def sources(synthetic_distance=2.0, screened_distance=2.0):
    real = points(120, 2, 1)
    copies = [real.features + np.random.default_rng(seed).normal(0, 0.1, real.features.shape) for seed in (5, 6)]
    return Sources(real, points(200, synthetic_distance, 2), points(160, screened_distance, 3), copies)


TEST = points(200, 2, 4)


def test_draws_of_real_images_keep_patients_whole_and_hold_both_labels():
    real = points(120, 2, 1)
    for seed in range(20):
        few = real_rows(real, 3, np.random.default_rng(seed))
        many = real_rows(real, 30, np.random.default_rng(seed))
        assert len(few) == 4
        assert set(real.labels[few]) == {0, 1}
        assert many[: len(few)].tolist() == few.tolist()
        assert len(many) == len(set(many)) == 30
        assert set(np.unique(real.units[many], return_counts=True)[1]) == {2}
    assert len({tuple(real_rows(real, 3, np.random.default_rng(seed))) for seed in range(20)}) > 10


def test_a_draw_holds_both_labels_where_one_patient_has_as_many_images_as_are_asked_for():
    real = LabelledFeatures(np.zeros((6, 1)), np.array([0, 0, 0, 1, 1, 0]), np.array([0, 0, 0, 1, 1, 2]))
    for seed in range(10):
        few, more = (real_rows(real, count, np.random.default_rng(seed)) for count in (2, 6))
        assert set(real.labels[few]) == {0, 1}
        assert more[: len(few)].tolist() == few.tolist()


def test_every_arm_gets_what_its_name_says():
    seen = []

    def spy(features, labels):
        seen.append((features, labels))
        return lambda some: some[:, 0]

    given = sources()
    trained = train_arms(given, TEST.features, [8, 40], [1], 20, spy)
    assert list(zip(trained["arm"], trained["real_images"], trained["training_images"], strict=True)) == [
        (TrainingArm.SYNTHETIC, 0, 20),
        (TrainingArm.REAL, 8, 8),
        (TrainingArm.WITH_SYNTHETIC, 8, 28),
        (TrainingArm.WITH_SCREENED, 8, 28),
        (TrainingArm.WITH_COPIES, 8, 24),
        (TrainingArm.REAL, 40, 40),
        (TrainingArm.WITH_SYNTHETIC, 40, 60),
        (TrainingArm.WITH_SCREENED, 40, 60),
        (TrainingArm.WITH_COPIES, 40, 120),
    ]
    assert [len(labels) for _, labels in seen] == trained["training_images"].tolist()
    pools = {"synthetic": given.synthetic, "screened": given.screened}
    for place, pool in ((0, "synthetic"), (2, "synthetic"), (3, "screened")):
        features, labels = seen[place]
        known = {tuple(row): label for row, label in zip(pools[pool].features, pools[pool].labels, strict=True)}
        assert [known[tuple(row)] for row in features[-20:]] == labels[-20:].tolist()
        assert labels[-20:].sum() == 10
    real, copied = seen[1], seen[4]
    np.testing.assert_array_equal(copied[0][:8], real[0])
    np.testing.assert_array_equal(copied[1], np.tile(real[1], 3))
    np.testing.assert_allclose(copied[0][8:16], real[0], atol=0.6)


def test_good_synthetic_images_help_where_real_ones_are_few_and_bad_ones_harm():
    trained = train_arms(sources(screened_distance=-2), TEST.features, [8, 120], [1, 2, 3, 4], 100, fit)
    found = compare_arms(trained, TEST.labels, TEST.units, **GENERATION)
    assert list(found) == COMPARED
    rows = found.set_index(["arm", "real_images"])
    helped = rows.loc[(TrainingArm.WITH_SYNTHETIC, 8)]
    assert helped["gain_lower"] > 0
    assert helped["p_value"] < 0.05
    harmed = rows.loc[(TrainingArm.WITH_SCREENED, 8)]
    assert harmed["gain_upper"] < 0
    assert harmed["p_value"] < 0.05
    assert abs(rows.loc[(TrainingArm.WITH_SYNTHETIC, 120), "gain"]) < 0.05
    assert rows.loc[(TrainingArm.REAL, 120), "roc_auc"] > rows.loc[(TrainingArm.REAL, 8), "roc_auc"]
    assert rows.loc[TrainingArm.REAL, ["gain", "p_value"]].isna().all(axis=None)
    assert set(found["arm"]) == set(TrainingArm)


def test_areas_and_gains_by_hand():
    """Four test images, two seeds: REAL ranks them right and then half right, SYNTHETIC the other way round."""
    right, half = np.array([0.1, 0.2, 0.8, 0.9]), np.array([0.8, 0.1, 0.2, 0.9])
    trained = pd.DataFrame(
        [
            (TrainingArm.REAL, 4, 1, 4, right),
            (TrainingArm.REAL, 4, 2, 4, half),
            (TrainingArm.SYNTHETIC, 0, 1, 4, half),
            (TrainingArm.SYNTHETIC, 0, 2, 4, half),
        ],
        columns=["arm", "real_images", "seed", "training_images", "score"],
    )
    labels = np.array([0, 0, 1, 1])
    rows = compare_arms(trained, labels, np.arange(4), **GENERATION).set_index("arm")
    assert rows.loc[TrainingArm.REAL, "roc_auc"] == pytest.approx((1 + 0.75) / 2)
    assert rows.loc[TrainingArm.SYNTHETIC, "roc_auc"] == pytest.approx(0.75)
    assert rows.loc[TrainingArm.SYNTHETIC, "gain"] == pytest.approx(-0.125)
    assert rows.loc[TrainingArm.SYNTHETIC, "gain_upper"] == 0


def test_a_perfect_ranking_of_few_images_has_an_interval():
    labels = np.repeat([0, 1], 8)
    trained = pd.DataFrame(
        [(TrainingArm.REAL, 4, 1, 4, labels.astype(float))],
        columns=["arm", "real_images", "seed", "training_images", "score"],
    )
    row = compare_arms(trained, labels, np.arange(16), **GENERATION).iloc[0]
    assert row["roc_auc"] == row["roc_auc_upper"] == 1
    assert 0.5 < row["roc_auc_lower"] < 0.95


def test_an_arm_that_is_as_good_gains_nothing():
    score = np.random.default_rng(1).random(200)
    trained = pd.DataFrame(
        [(arm, 8, seed, 8, score) for arm in (TrainingArm.REAL, TrainingArm.WITH_COPIES) for seed in (1, 2)],
        columns=["arm", "real_images", "seed", "training_images", "score"],
    )
    row = compare_arms(trained, TEST.labels, TEST.units, **GENERATION).set_index("arm").loc[TrainingArm.WITH_COPIES]
    assert row[["gain", "gain_lower", "gain_upper", "p_value"]].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("sizes", "synthetic_images", "message"),
    [
        ([8, 121], 20, "121 real images are requested, but there are 120"),
        ([8], 180, "180 screened synthetic images are requested, half of each label, but there are 80"),
        ([8], 202, "202 synthetic images are requested"),
        ([8], 1, "1 synthetic images are requested"),
    ],
)
def test_too_few_images(sizes, synthetic_images, message):
    with pytest.raises(InputError, match=message):
        train_arms(sources(), TEST.features, sizes, [1], synthetic_images, fit)


def test_real_images_of_one_label():
    given = sources()
    one_label = Sources(given.real.take(np.flatnonzero(given.real.labels == 1)), given.synthetic, given.screened, [])
    with pytest.raises(InputError, match="the real images have one label only"):
        train_arms(one_label, TEST.features, [8], [1], 20, fit)


def test_without_screened_images_their_arm_is_left_out():
    given = sources()
    without = Sources(given.real, given.synthetic, None, given.copies)
    arms = train_arms(without, TEST.features, [8], [1], 20, fit)["arm"].tolist()
    assert arms == [TrainingArm.SYNTHETIC, TrainingArm.REAL, TrainingArm.WITH_SYNTHETIC, TrainingArm.WITH_COPIES]
