"""Temperature scaling of a segmenter's pixels."""

import numpy as np
import pytest
from scipy.special import expit, logit

from radsieve.screening.segmentation.segmented_images import mean_entropy
from radsieve.screening.segmentation.temperature import fit_temperature, sampled_pixels, tempered


def pixels(temperature):
    """Masks drawn by probabilities, and the probabilities of a network whose logits are too near to 0 (or too far)."""
    random = np.random.default_rng(5)
    logits = random.normal(0, 4, (8, 1, 64, 64))
    masks = (random.random(logits.shape) < expit(logits)).astype(np.uint8)
    return expit(logits * temperature).astype(np.float32), masks


@pytest.mark.parametrize("temperature", [0.2, 1, 2])
def test_the_temperature_is_found(temperature):
    assert fit_temperature(*pixels(temperature)) == pytest.approx(temperature, rel=0.05)


def test_a_network_that_is_not_sure_enough_becomes_as_sure_as_it_is_right():
    probability, masks = pixels(0.2)
    found = expit(logit(probability) / fit_temperature(probability, masks))
    assert mean_entropy(probability[0]) > 0.8
    assert mean_entropy(found[0]) < 0.5


def test_no_mask_changes():
    probability = np.linspace(0.01, 0.99, 99)
    for threshold in (0.3, 0.5):
        card = tempered({"threshold": threshold, "width": 8}, 0.25)
        assert card["width"] == 8
        scaled = expit(logit(probability) / card["temperature"])
        away = np.abs(probability - threshold) > 1e-9
        assert ((scaled >= card["threshold"]) == (probability >= threshold))[away].all()


def test_a_network_that_is_never_wrong_has_a_bounded_temperature():
    masks = np.zeros((2, 1, 8, 8), np.uint8)
    masks[:, :, :4] = 1
    assert 0.01 < fit_temperature(np.where(masks > 0, 0.6, 0.4), masks) < 0.1


def test_pixels_are_of_every_column_and_the_same_in_any_batches():
    """1,950 images of 256 x 256: every 256th pixel, of 500,000 altogether, would be of the first column only."""
    column = np.broadcast_to(np.arange(256) / 256, (65, 1, 256, 256)).astype(np.float32)
    masks = (column >= 0.5).astype(np.uint8)
    probability, truth = sampled_pixels(((column, masks) for _ in range(30)), 1950, seed=3)
    assert len(probability) == len(truth) == 256 * 1950
    assert np.unique(probability).size == 256
    assert ((probability >= 0.5) == truth).all()
    few, few_truth = column[:4, :, :64], masks[:4, :, :64]
    whole = sampled_pixels([(few, few_truth)], 4, 3)[0]
    halves = sampled_pixels([(few[:2], few_truth[:2]), (few[2:], few_truth[2:])], 4, 3)[0]
    assert np.array_equal(whole, halves)
    assert np.array_equal(np.sort(whole), np.sort(few.ravel()))  # each pixel once
