"""The texture of a chest radiograph: the vessels of the lungs, and the noise of the detector."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from radsieve.phantoms.chest_frame import Array, Frame, Lung, Points, Side

_BRANCHES = (13, 5, 3)  # of the hilum, and of each branch of the generation before
_LENGTHS = (0.62, 0.26, 0.12)
_THICKNESSES = (0.85, 0.5, 0.3)
_BREADTHS = (0.013, 0.005)  # of the stems and of the branches
_GRADIENT, _MIDDLE = 4.4, 0.56  # of the characteristic curve of an image


def vessels(frame: Frame, sides: Sequence[Side], rng: np.random.Generator) -> Array:
    """The shadows of the vessels of the lungs, 0 to about 1, for the whole image: trees that grow from the hila.

    Every branch is a row of points, each with the cross-section that the vessel has left there; a pixel holds the sum
    of its points, blurred as broad as the vessels of its generation are.
    """
    sums = np.zeros((2, frame.pixels**2))  # of the stems, which are broad, and of their branches
    for side in sides:
        for generation, (x, y, weight) in enumerate(_tree(side.lung, frame.pixels, rng)):
            row, column = frame.pixel_of(side.sign * x, y)
            on_image = (np.minimum(row, column) >= 0) & (np.maximum(row, column) < frame.pixels)
            at_pixel = (row * frame.pixels + column)[on_image]
            sums[min(generation, 1)] += np.bincount(at_pixel, weight[on_image], minlength=frame.pixels**2)
    maps = sums.astype(np.float32).reshape(2, frame.pixels, frame.pixels) * (frame.pixels / 2)
    shadow = np.zeros((frame.pixels, frame.pixels), dtype=np.float32)
    for points, breadth in zip(maps, _BREADTHS, strict=True):
        sigma = frame.pixels * breadth / 2
        shadow += gaussian_filter(points, sigma, truncate=2.5) * (2.5 * sigma)  # a row of ones has the peak 1
    return np.asarray(np.minimum(shadow, 1))


def _tree(lung: Lung, pixels: int, rng: np.random.Generator) -> Iterator[tuple[Points, Points, Points]]:
    """Yield for each generation of branches, (branches, points), the places (s, v) and the weights of its points."""
    x, y = np.full(1, 0.14), np.full(1, lung.top + 0.57 * (lung.base - lung.top))
    heading, weight = np.zeros(1), np.ones(1)
    for generation, (count, length, thickness) in enumerate(zip(_BRANCHES, _LENGTHS, _THICKNESSES, strict=True)):
        x, y, heading, weight = (np.repeat(part, count) for part in (x, y, heading, weight))
        n, many = len(x), max(int(0.7 * pixels * length), 6)
        if generation == 0:
            heading = np.linspace(-1.7, 1.7, n) + rng.normal(0, 0.15, n)
            y = y + 0.09 * np.sin(heading) + rng.normal(0, 0.02, n)
        else:
            heading = heading + rng.choice([-1, 1], n) * rng.uniform(0.35, 0.9, n)
        along = np.linspace(0, 1, many)
        course = heading[:, None] + rng.normal(0, 0.5, (n, 1)) * along
        course += 0.18 * np.sin(along * rng.uniform(4, 9, (n, 1)) + rng.uniform(0, 6, (n, 1)))
        step = length * rng.uniform(0.55, 1, (n, 1)) / many
        xs, ys = x[:, None] + np.cumsum(np.cos(course) * step, 1), y[:, None] + np.cumsum(np.sin(course) * step, 1)
        left = (1 - 0.9 * along) ** 1.3 * rng.uniform(0.6, 1.1, (n, 1)) * (thickness * weight[:, None])
        yield xs, ys, left * step
        fork = np.arange(n), rng.integers(many // 6, many * 4 // 5, n)
        x, y, heading, weight = xs[fork], ys[fork], course[fork], np.sqrt(left[fork])


def expose(attenuation: Array, exposure: float, noise: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """What the detector shows of an attenuation, 0 for air and about 1 for the densest parts, in 8 bits.

    Blur, quantum noise (more where less radiation passes), and the characteristic curve of an image.
    """
    pixels = len(attenuation)
    shown = gaussian_filter(attenuation, pixels / 560, truncate=2.5)
    grain = rng.standard_normal(attenuation.shape, dtype=np.float32)
    shown += (0.011 * noise) * np.exp(0.9 * shown - 0.4) * grain
    grey = 1 / (1 + np.exp(-_GRADIENT * exposure * (shown - _MIDDLE)))
    low = 1 / (1 + math.exp(_GRADIENT * exposure * _MIDDLE))  # the value of air, which shall be black
    return np.asarray(np.rint(np.clip((grey - low) / (1 - low), 0, 1) * 255), dtype=np.uint8)
