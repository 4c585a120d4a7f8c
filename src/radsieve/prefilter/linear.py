"""A linear model of latents: what a logistic regression is once it is fitted."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

Floats = npt.NDArray[np.float64]
Latents = npt.NDArray[np.float32]

_BLOCK = 1024  # latents at a time: they stay in the cache


@dataclass(frozen=True)
class LogisticModel:
    """The probability of a good film is the logistic function of `weights` (d,) times the latent, plus `intercept`."""

    weights: Floats
    intercept: float

    @classmethod
    def of_rate(cls, good: int, rows: int, components: int) -> "LogisticModel":
        """One probability for all latents: (good + 1) / (rows + 2), Laplace's rule of succession, never 0 nor 1."""
        return cls(np.zeros(components), float(logit((good + 1) / (rows + 2))))

    def margins(self, latents: npt.NDArray[np.floating]) -> Floats:
        """Return the logits (n,) of `latents` (n, d), in double precision.

        A row's value does not depend on the rows beside it, which a product of BLAS would not warrant.
        """
        found = np.empty(len(latents))
        for start in range(0, len(latents), _BLOCK):
            block = slice(start, start + _BLOCK)
            np.einsum("nd,d->n", latents[block], self.weights, out=found[block])
        return found + self.intercept

    def probability(self, latents: npt.NDArray[np.floating]) -> Floats:
        """Return the probabilities (n,) of `latents` (n, d)."""
        return np.asarray(expit(self.margins(latents)))
