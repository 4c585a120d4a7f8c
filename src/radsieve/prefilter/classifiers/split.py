"""What a model of the prefilter is given: the rows of a fold to learn from, and latents to score."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Latents = npt.NDArray[np.float32]
Flags = npt.NDArray[np.int8]


@dataclass(frozen=True)
class FoldData:
    """One fold.

    latents: (n, d) to learn from; target: (n,) 0 or 1, both of which occur; scores: (n, s) continuous, all above 0 just
    where the target is 1; held_out: (m, d) latents to score; seed: of whatever is random in a model.
    """

    latents: Latents
    target: Flags
    scores: Floats
    held_out: Latents
    seed: int


# Fits the models named, those of one family, and scores the latents held out (m,): the probability of a good image, or
# for support vector machines the distance from the boundary.
Family = Callable[[FoldData, tuple[str, ...]], Mapping[str, Floats]]
