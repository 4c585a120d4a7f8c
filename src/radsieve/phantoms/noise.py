"""Random variations over an image."""

import numpy as np
import numpy.typing as npt


def clouds(pixels: int, knots: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return smooth variations (pixels, pixels), about standard normal, with `knots` random knots across the image.

    They are a quadratic B-spline, computed for one axis after the other.
    """
    noise = rng.standard_normal((knots + 3, knots + 3), dtype=np.float32)
    at = np.linspace(0, knots, pixels, dtype=np.float32)
    first = at.astype(np.intp)
    t = (at - first.astype(np.float32))[:, None]
    weights = 0.5 * (1 - t) ** 2, 0.5 + t * (1 - t), 0.5 * t**2
    for _ in range(2):
        sums = weights[0] * noise[first] + weights[1] * noise[first + 1] + weights[2] * noise[first + 2]
        noise = sums.T * np.float32(1 / 0.742)  # the root of the mean of the sum of the squared weights
    return noise
