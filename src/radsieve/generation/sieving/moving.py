"""Move a latent whose image would be rejected, instead of dropping it, and stay close to where it was."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radsieve.generators.interface import Latents
from radsieve.progress import track

Floats = npt.NDArray[np.float64]
Ascend = Callable[[Latents], tuple[Floats, Latents]]  # latents (n, d) to their scores (n,) and gradients (n, d)


@dataclass(frozen=True)
class Path:
    """How latents move: `steps` at most, each `stride` times the gradient, and how strong the `pull` back is."""

    steps: int
    stride: float
    pull: float


@dataclass(frozen=True)
class Moved:
    """Where latents arrived (n, d), which reached the target (n,), and how often each was evaluated (n,)."""

    latents: Latents
    arrived: npt.NDArray[np.bool_]
    evaluations: npt.NDArray[np.int64]


def move(latents: Latents, ascend: Ascend, target: float, spread: float, path: Path) -> Moved:
    """Move `latents` (n, d) in [-1, 1] until their score by `ascend` is at least `target`, or the steps are used up.

    Each step follows the gradient of score / `spread` - pull / 2 * |latent - where it started|^2, and ends within [-1,
    1]. The `spread` is the standard deviation of the score over unsieved latents, 0 if it is constant: then nothing
    moves.
    """
    here = latents.copy()
    arrived, evaluations = np.zeros(len(latents), dtype=bool), np.zeros(len(latents), dtype=np.int64)
    for step in track(range(path.steps + 1), "moving latents", unit="step"):
        rows = np.flatnonzero(~arrived)
        if not len(rows):
            break
        scores, gradients = ascend(here[rows])
        evaluations[rows] += 1
        arrived[rows] = scores >= target
        if step == path.steps or not spread:
            break
        going, upwards = rows[scores < target], gradients[scores < target] / np.float32(spread)
        back = np.float32(path.pull) * (here[going] - latents[going])
        here[going] = np.clip(here[going] + np.float32(path.stride) * (upwards - back), -1, 1)
    return Moved(here, arrived, evaluations)
