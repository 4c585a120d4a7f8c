"""exit_choice.py and linear_predictor.py."""

import numpy as np
import pytest
from defaults import settings
from scipy.special import expit
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radsieve.generation.sieving.costs import GeneratorCosts
from radsieve.generation.sieving.exit_choice import Learned, learn_exits, min_seconds
from radsieve.generation.sieving.linear_predictor import Learner, fit_predictor, held_out_ranks

COSTS = GeneratorCosts(generate_seconds=1, predict_seconds=0, generator=50, scorer=50)
SETTINGS = settings(
    "compare_sieving", components=16, strength=0.1, min_acceptance=0.1, thresholds={"min_accepted": 20},
    bootstrap=100, seed=1,
)  # fmt: skip


def planted(rows=300, seed=0):
    """Points (rows, 6), whose third column tells, and labels."""
    random = np.random.default_rng(seed)
    points = random.normal(size=(rows, 6)) * [1, 5, 2, 0.1, 1, 1] + [0, 3, -1, 0, 2, 0]
    return points.astype(np.float32), (random.uniform(size=rows) < expit(1.5 * points[:, 2])).astype(int)


def test_a_predictor_is_the_pipeline_as_one_linear_function():
    points, good = planted()
    found = fit_predictor(points, good, Learner(4, 0.5))
    pipeline = make_pipeline(StandardScaler(), PCA(4, svd_solver="covariance_eigh"), LogisticRegression(max_iter=1000))
    unit = pipeline[1].fit(pipeline[0].fit_transform(points.astype(float))).explained_variance_.mean()
    pipeline[2].C = 0.5 / unit  # a smaller unit and a stronger penalty are the same
    np.testing.assert_allclose(found.scores(points), pipeline.fit(points, good).decision_function(points), atol=0.02)


def test_constant_columns_and_equal_rows_are_no_trouble():
    points, good = planted(40)
    points[:, 1] = 3
    assert np.isfinite(fit_predictor(points, good, Learner(128, 0.1)).scores(points)).all()
    assert fit_predictor(np.ones((10, 3)), np.arange(10) % 2, Learner(128, 0.1)).weights.tolist() == [0, 0, 0]


def test_ranks_come_from_rows_that_were_held_out():
    random = np.random.default_rng(3)
    points, good, fold = random.normal(size=(90, 80)), random.integers(0, 2, 90), np.arange(90) % 3
    ranks = held_out_ranks(points, good, fold, Learner(128, 1.0))
    assert abs(roc_auc_score(good, ranks) - 0.5) < 0.2  # in-sample it would be 1: there are 80 columns of noise
    for number in range(3):
        assert sorted(ranks[fold == number]) == pytest.approx(np.arange(1, 31) / 30)


def test_the_least_seconds_by_hand():
    good, ranks = np.array([1, 0, 1, 0]), np.array([1.0, 0.5, 0.75, 0.25])
    # 0.1 for each of four, and 0.9 for each that is accepted: 1.3 for one, 1.1 for two, 1.55 for three
    assert min_seconds(good, ranks, 10, COSTS, 1) == pytest.approx((0.5, 1.1))
    assert min_seconds(good, ranks, 10, COSTS, 3) == pytest.approx((0.75, 1.55))
    assert min_seconds(good, ranks, 50, COSTS, 1) == pytest.approx((0.5, (4 * 0.5 + 2 * 0.5) / 2))
    assert min_seconds(np.zeros(4, int), ranks, 10, COSTS, 1) == (1, np.inf)
    assert min_seconds(good, ranks, 10, COSTS, 9) == (1, np.inf)


def test_thresholds_accept_the_chosen_share_of_unseen_points():
    points, good = planted()
    unseen, _ = planted(1000, 1)
    (found,) = learn_exits([points], [unseen], [4], Learned(good, np.arange(300) % 3), COSTS, SETTINGS, 0.95)
    assert found.accepts(unseen).mean() == pytest.approx(found.share, abs=0.002)
    assert found.multiply_adds == 4 + 6
    assert found.share >= 0.1 and not found.reason
    value, lower, upper = found.roc_auc
    assert lower < value < upper and value > 0.85
    assert found.seconds < 1 / good.mean()


def test_without_images_to_learn_from_everything_is_accepted():
    points, _ = planted(30)
    learned = Learned(np.zeros(30, int), np.zeros(30, int), "no good image among 30 rows; 4 are needed")
    (found,) = learn_exits([points], [points], [4], learned, COSTS, SETTINGS, 0.95)
    assert found.accepts(points).all()
    assert found.reason == learned.reason
    assert np.isnan([*found.roc_auc, found.seconds]).all()
