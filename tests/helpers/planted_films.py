"""A generator whose first block tells which films are good while the latent does not, and what judges its films.

A film is good if the first component of its latent is far from 0, on either side: no linear function of the latent
tells, but the first block has its absolute value.
"""

from typing import Any

import numpy as np
import pandas as pd
import torch

from radsieve.generation.early_exit import StagedGenerator
from radsieve.generation.exit_choice import Learned
from radsieve.generation.sieving_costs import GeneratorCosts
from radsieve.generation.sieving_study import Bench, Learning
from radsieve.generators.interface import draw_latents
from radsieve.generators.residual import ResidualGenerator
from radsieve.networks.device import choose_device
from radsieve.screening.film_scorer import ScoredFilms
from radsieve.screening_tables import SCORES

SETTINGS: dict[str, Any] = {
    "thresholds": {"least_accepted": 10}, "films": 120, "moved_films": 40, "unseen_latents": 200, "components": 128,
    "strength": 0.1, "least_acceptance": 0.05,
    "moving": {"steps": 20, "stride": 0.3, "pull": 0.05, "targets": [0, 2]},
    "reweighting": {"films": 60, "steps": 5, "critic_steps": 1, "batch": 16, "learning_rate": 0.001, "most_weight": 3},
    "bootstrap": 100, "confidence": 0.95, "seed": 1,
}  # fmt: skip
FAR = 0.7  # from 0 is the first component of a good film's latent


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
    """Draws the latents themselves as films; all of them are good or bad if `always` is 1 or 0."""

    def score(films: Any) -> ScoredFilms:
        far = np.abs(films[:, 0, 0, 0] / 127.5 - 1) - FAR
        score = far if always is None else np.full(len(films), always - 0.5)
        return ScoredFilms(pd.DataFrame({"valid": (score > 0).astype(int), **dict.fromkeys(SCORES, score)}), {})

    staged = StagedGenerator(network(), choose_device({"device": "cpu", "precision": "float32", "threads": 1}))
    costs = GeneratorCosts(0.03, 1e-6, staged.multiply_adds[-1], 9 * staged.multiply_adds[-1])
    return Bench(
        staged, _draw, score, lambda films: films[:, 0, :, :4].reshape(len(films), -1).astype(float), costs, batch
    )


def learning(always: int | None = None, reason: str = "") -> Learning:
    """So many latents whose films are known, and real films that look like good ones."""
    latents = draw_latents(400, 5, "planted")
    good = np.abs(latents[:, 0]) > FAR if always is None else np.full(400, always)
    look = bench(32).look
    learned = Learned(good.astype(int), np.arange(400) % 3, reason)
    return Learning(
        latents, learned, look(_draw(latents[:60])), look(_draw(latents[np.abs(latents[:, 0]) > FAR])), Sieve()
    )


def _draw(latents: Any) -> Any:
    """Films (n, 1, 8, 16): the first component first."""
    return np.rint((latents.reshape(-1, 1, 8, 16) + 1) * 127.5).astype(np.uint8)
