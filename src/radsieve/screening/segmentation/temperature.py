"""How sure a segmenter is of its pixels, brought to how often it is right: temperature scaling (Guo et al. 2017).

Training ends when masks overlap well, long before probabilities are right: after a few epochs they lie close to 0.5
even where the mask is never wrong. One number, by which the logits are divided, mends that and moves no outline.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

_PIXELS = 500_000  # at most, of all images together: one number is fitted
_NEAREST = 1e-6  # of a probability to 0 and 1
_LARGEST = 50.0  # temperature, and the inverse of the smallest

Floats = npt.NDArray[np.floating]
Flags = npt.NDArray[np.integer]


def sampled_pixels(batches: Iterable[tuple[Floats, Flags]], images: int, seed: int) -> tuple[Floats, Flags]:
    """Return probabilities and masks of pixels (m,) of `batches`, (n, 1, H, W) each, of `images` images altogether.

    As many pixels of each image, 500,000 of all (at least one of each), drawn by `seed` without replacement: every
    n-th pixel could be of one column only.
    """
    random, each = np.random.default_rng(seed), max(_PIXELS // max(images, 1), 1)
    drawn = []
    for probability, truth in batches:
        for one, mask in zip(probability, truth, strict=True):
            chosen = random.choice(one.size, min(each, one.size), replace=False, shuffle=False)
            drawn.append((one.ravel()[chosen], mask.ravel()[chosen]))
    found, true = zip(*drawn, strict=True)
    return np.concatenate(found), np.concatenate(true)


def fit_temperature(probability: Floats, truth: Flags) -> float:
    """Return the temperature T that makes the mean log likelihood of masks `truth` (any shape; 0 and 1) greatest.

    `probability` (of the same shape) are the network's on images that it has not learnt from. Below 1 they are not sure
    enough, above 1 too sure.
    """
    logits = logit(np.clip(probability.astype(np.float64), _NEAREST, 1 - _NEAREST))
    signed = np.where(truth > 0, logits, -logits)

    def loss(log_temperature: float) -> float:
        return float(np.logaddexp(0, -signed / np.exp(log_temperature)).mean())

    limit = np.log(_LARGEST)
    return float(np.exp(minimize_scalar(loss, bounds=(-limit, limit), method="bounded").x))


def tempered(card: dict[str, Any], temperature: float) -> dict[str, Any]:
    """Return a segmenter's `card` with a `temperature`, and the threshold that gives the same masks with it."""
    return card | {"temperature": temperature, "threshold": float(expit(logit(card["threshold"]) / temperature))}
