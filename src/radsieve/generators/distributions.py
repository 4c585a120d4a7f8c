"""The distributions from which the components of latents are drawn, each independent of the others."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class LatentDistribution:
    """A distribution of a component.

    name: as parameters have it; words: the same for people; limit: the largest absolute value that is taken for one of
    it; mean_square: the expected square of a component; square_variance: the variance of its square.
    """

    name: str
    words: str
    limit: float
    mean_square: float
    square_variance: float

    def draw(self, rng: np.random.Generator, count: int, components: int) -> npt.NDArray[np.float32]:
        """Draw latents (count, components)."""
        if self.name == UNIFORM.name:
            return rng.random((count, components), dtype=np.float32) * 2 - 1
        return rng.standard_normal((count, components), dtype=np.float32)

    def within(self, latents: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
        """Which of `latents` (n, d) have values that the distribution can have, and numbers only: (n,)."""
        return np.asarray((np.abs(latents) <= self.limit).all(axis=1))


UNIFORM = LatentDistribution("uniform", "uniform in [-1, 1]", 1.0, 1 / 3, 4 / 45)
# Beyond the limit lies one component in 10^15: no table or sample is so large.
NORMAL = LatentDistribution("normal", "standard normal", 8.0, 1.0, 2.0)
DISTRIBUTIONS = {distribution.name: distribution for distribution in (UNIFORM, NORMAL)}
