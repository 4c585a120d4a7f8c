"""The share of all latents that a model accepts from a threshold, which needs no image to be known.

A threshold on the scale of the probability does not carry over from one fitted model to another: the same rows, fewer
or more of them, spread the probabilities differently. The share of latents that it accepts does.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, expit

from radsieve.generators.distributions import UNIFORM, LatentDistribution
from radsieve.prefilter.classifiers.logistic import Latents, LogisticModel
from radsieve.prefilter.thresholds.threshold_rules import ACCEPT_ALL

Floats = npt.NDArray[np.float64]

SAMPLED = 65_536  # latents by which a stored threshold is set: its acceptance is known to some thousandths
SAMPLED_IN_FOLDS = 16_384  # by which models of folds are put on one scale

_SEED = 20_231_103


@dataclass(frozen=True)
class Acceptance:
    """What a model accepts: its `margins` (n,), ascending, of n latents drawn from their distribution."""

    margins: Floats

    @classmethod
    def of(cls, model: LogisticModel, sampled: int, distribution: LatentDistribution = UNIFORM) -> "Acceptance":
        """Evaluate `sampled` latents of `distribution` by `model`, the same ones for all models."""
        return cls(np.sort(model.margins(_drawn(distribution, sampled, len(model.weights)))))

    def rank(self, margins: Floats) -> Floats:
        """The share (n,) of all latents below each of `margins` (n,): what accepts from there accepts the rest."""
        return np.searchsorted(self.margins, margins, side="left") / len(self.margins)

    def threshold(self, share: float) -> float:
        """The probability from which about `share` of all latents are accepted, at least one; 0 for all."""
        if share >= 1:
            return ACCEPT_ALL
        return float(expit(self.margins[-max(round(share * len(self.margins)), 1)]))

    def accepted(self, share: float, confidence: float) -> tuple[float, float, float]:
        """The share that `threshold` accepts: among the latents that set it, and the bounds of that among all latents.

        Of n latents the k-th highest cuts off a share that has the distribution Beta(k, n + 1 - k), whatever the
        distribution of the margins (Wilks 1941, doi:10.1214/aoms/1177731788).
        """
        count = len(self.margins)
        kept = int((self.margins >= self.margins[-max(round(min(share, 1) * count), 1)]).sum())
        lower, upper = betaincinv(kept, count + 1 - kept, [(1 - confidence) / 2, (1 + confidence) / 2])
        return kept / count, float(lower), 1.0 if kept == count else float(upper)


@lru_cache(maxsize=2)
def _drawn(distribution: LatentDistribution, count: int, components: int) -> Latents:
    """Latents (count, components) that no stage samples; SFC64 is that of sieves, the seed of none."""
    return distribution.draw(np.random.default_rng(_SEED), count, components)
