import numpy as np
import pytest

from radsieve.phantoms.noise import clouds


@pytest.mark.parametrize("knots", [20, 60])
def test_clouds_are_about_standard_normal(knots):
    draws = np.stack([clouds(128, knots, np.random.default_rng(seed)) for seed in range(20)])
    assert draws.dtype == np.float32
    assert abs(draws.mean()) < 0.05
    assert draws.std() == pytest.approx(1, abs=0.05)


def test_few_knots_vary_slowly():
    slow, fast = (clouds(256, knots, np.random.default_rng(1)) for knots in (4, 64))
    assert np.abs(np.diff(slow, axis=0)).max() < 0.1 < np.abs(np.diff(fast, axis=0)).max()


def test_the_same_knots_at_any_resolution():
    small, large = (clouds(pixels, 8, np.random.default_rng(2)) for pixels in (51, 101))
    assert large[::2, ::2] == pytest.approx(small, abs=1e-5)
