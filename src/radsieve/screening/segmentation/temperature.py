"""How sure a segmenter is of its pixels, brought to how often it is right: temperature scaling (Guo et al. 2017).

Training ends when masks overlap well, long before probabilities are right: after a few epochs they lie close to 0.5
even where the mask is never wrong. One number, by which the logits are divided, mends that and moves no outline.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

_PIXELS = 500_000  # at most, of all images together: one number is fitted
_NEAREST = 1e-6  # of a probability to 0 and 1
_LARGEST = 50.0  # temperature, and the inverse of the smallest

Floats = npt.NDArray[np.floating]


def fit_temperature(probability: Floats, truth: npt.NDArray[np.integer]) -> float:
    """Return the temperature T that makes the mean log likelihood of masks `truth` (n, 1, H, W; 0 and 1) greatest.

    `probability` (n, 1, H, W) are the network's on images that it has not learnt from. Below 1 they are not sure
    enough, above 1 too sure.
    """
    step = -(-probability.size // _PIXELS)
    logits = logit(np.clip(probability.ravel()[::step].astype(np.float64), _NEAREST, 1 - _NEAREST))
    signed = np.where(truth.ravel()[::step] > 0, logits, -logits)

    def loss(log_temperature: float) -> float:
        return float(np.logaddexp(0, -signed / np.exp(log_temperature)).mean())

    limit = np.log(_LARGEST)
    return float(np.exp(minimize_scalar(loss, bounds=(-limit, limit), method="bounded").x))


def tempered(card: dict[str, Any], temperature: float) -> dict[str, Any]:
    """Return a segmenter's `card` with a `temperature`, and the threshold that gives the same masks with it."""
    return card | {"temperature": temperature, "threshold": float(expit(logit(card["threshold"]) / temperature))}
