"""A generator whose first block tells which images are good while the latent does not, and what evaluates its images.

An image is good if the first component of its latent is far from 0, on either side: no linear function of the latent
tells, but the first block has its absolute value.
"""

from typing import Any

import numpy as np
import pandas as pd
import torch
from defaults import COMPUTE, settings

from radsieve.generation.sieving.costs import GeneratorCosts
from radsieve.generation.sieving.early_exit import StagedGenerator
from radsieve.generation.sieving.exit_choice import Learned
from radsieve.generation.sieving.study import Bench, Learning
from radsieve.generators.interface import sample_latents
from radsieve.generators.residual import ResidualGenerator
from radsieve.networks.device import choose_device
from radsieve.screening.scores.image_scorer import ScoredImages
from radsieve.screening.tables import SCORES

SETTINGS = settings(
    "compare_sieving", thresholds={"min_accepted": 10}, images=120, moved_images=40, unseen_latents=200, strength=0.1,
    moving={"steps": 20, "pull": 0.05, "targets": [0, 2]},
    reweighting={"images": 60, "steps": 5, "critic_steps": 1, "batch": 16},
    bootstrap=100, seed=1,
)  # fmt: skip
FAR = 0.7  # from 0 is the first component of a good image's latent


class Sieve:
    """Accepts every latent."""

    def __init__(self) -> None:
        self.card: dict[str, Any] = {"reason": "nothing learnt"}

    def accept(self, latents: Any) -> Any:
        """All of them."""
        return np.ones(len(latents), dtype=bool)


def network() -> ResidualGenerator:
    """Channels 0 and 1 of the start are the first component and its opposite, channel 2 gets their rectified sum."""
    torch.manual_seed(0)
    found = ResidualGenerator(16, 1, 2)
    with torch.no_grad():
        found.start.weight.mul_(0.2)
        start = found.start.weight.view(8, 16, 128)
        start[:3] = 0
        start[0, :, 0], start[1, :, 0] = 1, -1
        block = found.blocks[0]
        block.first.weight.zero_()
        block.first.weight[[0, 1], [0, 1], 1, 1] = 1
        block.second.weight[2, [0, 1], 1, 1] = 1
    return found


def bench(batch: int, always: int | None = None) -> Bench:
    """Samples the latents themselves as images; all of them are good or bad if `always` is 1 or 0."""

    def score(images: Any) -> ScoredImages:
        far = np.abs(images[:, 0, 0, 0] / 127.5 - 1) - FAR
        score = far if always is None else np.full(len(images), always - 0.5)
        return ScoredImages(pd.DataFrame({"valid": (score > 0).astype(int), **dict.fromkeys(SCORES, score)}), {})

    staged = StagedGenerator(network(), choose_device(COMPUTE))
    costs = GeneratorCosts(0.03, 1e-6, staged.multiply_adds[-1], 9 * staged.multiply_adds[-1])
    return Bench(
        staged,
        _generate,
        score,
        lambda images: images[:, 0, :, :4].reshape(len(images), -1).astype(float),
        costs,
        batch,
    )


def learning(always: int | None = None, reason: str = "") -> Learning:
    """So many latents whose images are known, and real images that look like good ones."""
    latents = sample_latents(400, 5, "planted")
    good = np.abs(latents[:, 0]) > FAR if always is None else np.full(400, always)
    look = bench(32).look
    learned = Learned(good.astype(int), np.arange(400) % 3, reason)
    return Learning(
        latents, learned, look(_generate(latents[:60])), look(_generate(latents[np.abs(latents[:, 0]) > FAR])), Sieve()
    )


def _generate(latents: Any) -> Any:
    """Images (n, 1, 8, 16): the first component first."""
    return np.rint((latents.reshape(-1, 1, 8, 16) + 1) * 127.5).astype(np.uint8)
