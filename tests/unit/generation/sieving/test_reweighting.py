"""reweighting.py on a mixture of two modes, of which real images show one only."""

import numpy as np
import pytest
from defaults import changed, settings

from radsieve.generation.sieving.reweighting import learn_weights
from radsieve.generators.interface import sample_latents

SETTINGS = settings("compare_sieving.reweighting", steps=120, critic_steps=2, learning_rate=0.003)


@pytest.fixture(scope="module")
def mixture():
    """Latents, features of their images (mode A where the first component is positive), and features of mode A."""
    random = np.random.default_rng(0)
    latents = sample_latents(600, 1, "mixture")
    images = random.normal(size=(600, 5)) + np.where(latents[:, :1] > 0, 3, -3)
    return latents, images, random.normal(size=(300, 5)) + 3


def test_latents_of_the_real_mode_are_generated_more_often(mixture):
    weights = learn_weights(*mixture, SETTINGS, 1)
    fresh = sample_latents(2000, 2, "fresh")
    found = weights.weights(fresh)
    assert found.min() >= 0 and found.max() <= 3
    assert found.mean() == pytest.approx(1, abs=0.35)
    accepted = weights.accepts(fresh, 3, "generate")
    assert accepted.mean() == pytest.approx(found.mean() / 3, abs=0.04)
    assert (fresh[accepted, 0] > 0).mean() > 0.8
    assert weights.multiply_adds == 128 * 64 + 64 * 64 + 64


def test_the_same_seed_gives_the_same_weights(mixture):
    few = changed(SETTINGS, steps=3)
    one, again, other = (learn_weights(*mixture, few, seed).weights(mixture[0][:50]) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0


def test_constant_features_are_no_trouble(mixture):
    latents, images, real = mixture
    images, real = images.copy(), real.copy()
    images[:, 0] = real[:, 0] = 7
    assert np.isfinite(learn_weights(latents, images, real, changed(SETTINGS, steps=3), 1).weights(latents)).all()
