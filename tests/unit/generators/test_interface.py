import numpy as np

from radsieve.generators.interface import sample_latents


def test_latents_are_uniform_and_fixed_by_seed_and_group():
    latents = sample_latents(2000, 1, "18_24f")
    assert latents.shape == (2000, 128)
    assert latents.dtype == np.float32
    assert -1 <= latents.min() < -0.999
    assert 0.999 < latents.max() <= 1
    assert abs(latents.var() - 1 / 3) < 0.01
    assert np.array_equal(sample_latents(5, 1, "18_24f"), latents[:5])
    assert not np.array_equal(sample_latents(5, 2, "18_24f"), latents[:5])
    assert not np.array_equal(sample_latents(5, 1, "18_24m"), latents[:5])
