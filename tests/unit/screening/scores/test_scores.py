"""The five scores: values by hand, published ranges, and the share of true images that pass."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.covariance import LedoitWolf

from radsieve.screening.scores import scores
from radsieve.screening.tables import SCORES

SHARES = st.floats(0, 1)
THRESHOLDS = st.floats(1e-6, 1 - 1e-6)


def plot_quantities(images, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "shape_distance": rng.chisquare(9, images),
            "probability": rng.beta(2, 9, images),
            "max_heat": rng.gamma(2, 1, images),
            "dice": 1 - rng.beta(2, 20, images),
            "area_ratio": 1 + rng.gamma(2, 0.1, images),
        }
    )


def test_values_worked_out_by_hand():
    assert scores.score_symmetry(np.array([1, 0.9, 0]), 0.9) == pytest.approx([1, 0, -9])
    assert scores.score_left2right(np.array([1, 1.5, 2, 11]), 1.5) == pytest.approx([1, 0, -1, -19])
    assert scores.score_shape(np.array([0, 2, 6]), 2) == pytest.approx([1, 0, -2])
    assert scores.score_maxheat(np.array([0, 1, 3]), 1) == pytest.approx([1, 0, -0.5])
    assert scores.dice_from_iou(np.array([0, 1 / 3, 1])) == pytest.approx([0, 0.5, 1])


@given(SHARES)
def test_abnormal_is_1_minus_2_p_at_a_threshold_of_one_half(probability):
    assert scores.score_abnormal(np.array([probability]), 0.5) == pytest.approx([1 - 2 * probability])


@given(st.floats(1e-6, 1 - 1e-6), THRESHOLDS)
def test_abnormal_is_1_minus_2_sigmoid_of_the_difference_of_logits(probability, threshold):
    logit = np.log(probability / (1 - probability)) - np.log(threshold / (1 - threshold))
    found = scores.score_abnormal(np.array([probability]), threshold)
    assert found == pytest.approx([1 - 2 / (1 + np.exp(-logit))], abs=1e-8)


@given(SHARES, st.floats(0, 1e9), THRESHOLDS, st.floats(1e-6, 1e6))
@example(1.0, 0.0, 0.000448503570083744, 1.0)  # rounded to beyond -1
def test_ranges_are_as_published(probability, heat, low, high):
    assert -1 <= scores.score_abnormal(np.array([probability]), low)[0] <= 1
    assert -1 <= scores.score_maxheat(np.array([heat]), high)[0] <= 1
    assert scores.score_symmetry(np.array([probability]), low)[0] <= 1
    assert scores.score_shape(np.array([heat]), high)[0] <= 1
    assert scores.score_left2right(np.array([1 + heat]), 1 + high)[0] <= 1


@pytest.mark.parametrize("pass_share", [0.8, 0.95])
def test_the_share_asked_for_of_the_true_images_passes_each_score(pass_share):
    quantities = plot_quantities(400)
    found = scores.score_images(quantities, scores.fit_thresholds(quantities, pass_share))
    assert ((found[list(SCORES)] > 0).mean() == pass_share).all()
    assert (found["valid"] == (found[list(SCORES)] > 0).all(axis=1)).all()


def test_worse_quantities_give_lower_scores():
    quantities = plot_quantities(300)
    found = scores.score_images(quantities, scores.fit_thresholds(quantities, 0.95))
    for score, quantity in scores.QUANTITIES.items():
        sign = 1 if quantity == "dice" else -1
        assert (found[score].rank() == (sign * quantities[quantity]).rank()).all()


def test_true_images_without_any_spread_still_pass():
    """All perfect: Dice 1, ratio 1, no probability, no heat, no distance."""
    perfect = pd.DataFrame(0.0, index=range(20), columns=["shape_distance", "probability", "max_heat"]).assign(
        dice=1.0, area_ratio=1.0
    )
    thresholds = scores.fit_thresholds(perfect, 0.95)
    assert (scores.score_images(perfect, thresholds)[list(SCORES)] == 1).all(axis=None)
    sure = scores.score_images(perfect.assign(probability=1.0, max_heat=2.0), thresholds)
    assert sure[["score_abnormal", "score_maxheat"]].to_numpy() == pytest.approx(-1, abs=1e-5)


def test_distances_of_true_images_do_not_depend_on_having_been_fitted():
    """New images of the same kind pass as often as those the threshold was set on, though these are few."""
    rng = np.random.default_rng(1)
    mixing = rng.normal(size=(13, 13))
    true, new = rng.normal(size=(60, 13)) @ mixing, rng.normal(size=(2000, 13)) @ mixing
    held_out = scores.held_out_distances(true, np.full(13, 1e-3), seed=1)
    usual = scores.usual_shape(true, np.full(13, 1e-3))
    assert np.median(held_out) == pytest.approx(np.median(usual.distances(new)), rel=0.1)
    assert np.median(usual.distances(new + 6 * mixing[0])) > 1.3 * np.median(held_out)


def test_a_failed_segmentation_among_the_true_images_moves_no_other_image():
    rng = np.random.default_rng(2)
    true, others = rng.normal(size=(80, 4)), rng.normal(size=(20, 4))
    clean = scores.usual_shape(true, np.full(4, 1e-3)).distances(others)
    true[:2] = 1e4
    spoilt = scores.usual_shape(true, np.full(4, 1e-3)).distances(others)
    np.testing.assert_allclose(spoilt, clean, rtol=0.25)
    assert (scores.held_out_distances(true, np.full(4, 1e-3), seed=1)[:2] > 100 * clean.max()).all()


def test_distances_are_those_of_scikit_learns_covariance():
    rng = np.random.default_rng(3)
    true, others = rng.normal(size=(40, 4)), rng.normal(size=(9, 4))
    usual = scores.usual_shape(true, np.full(4, 1e-3))
    centre, scale = np.median(true, axis=0), 1.4826 * np.median(np.abs(true - np.median(true, axis=0)), axis=0)
    known = LedoitWolf(assume_centered=True).fit(np.clip((true - centre) / scale, -3, 3))
    assert np.array_equal(usual.distances(others), np.sqrt(known.mahalanobis((others - centre) / scale) / 4))
    assert usual.distances(others[:0]).shape == (0,)
