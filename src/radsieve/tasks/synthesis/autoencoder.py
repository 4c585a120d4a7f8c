"""A variational autoencoder of rows (Kingma and Welling 2014, doi:10.48550/arXiv.1312.6114) as a generator.

Numbers go in as their normal scores and come out as normal variables with a standard deviation for each column; codes,
numbers of few values, and whether a number is missing, come out as probabilities of their levels.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from radsieve.networks.adam import Adam
from radsieve.networks.device import choose_device
from radsieve.settings import Compute
from radsieve.tasks.synthesis.frames import Floats, Frame
from radsieve.tasks.synthesis.latent_variables import Latent, latents_of, rows_of

_LATENTS, _WIDTH = 16, 64
_FEW = 10  # values of a number at most for levels: no normal variable has their shares
# least standard deviation of a number, as TVAE has one (Xu et al. 2019, arXiv 1907.00503): without it the likelihood of
# what follows from other columns has no bound, and takes the place of all else
_LEAST_SPREAD = 0.1
_EPOCHS, _BATCH, _LEARNING_RATE = 200, 128, 0.002


@dataclass(frozen=True)
class _Column:
    """A variable as the network has it: a number in one place, or the levels of a code in several."""

    latent: Latent
    number: bool
    places: slice

    def entered(self) -> Floats:
        """What goes in (n, places), 0 where it is missing."""
        place = self.latent.place
        if self.number:
            return np.where(place >= 0, self.latent.scores[np.maximum(place, 0)], 0)[:, None]
        return np.eye(len(self.latent.levels))[place] * (place >= 0)[:, None]

    def loss(
        self, given: torch.Tensor, spread: torch.Tensor, entered: torch.Tensor, known: torch.Tensor
    ) -> torch.Tensor:
        """The sum over rows of the negative logarithm of the likelihood of what was `entered`, if it is `known`."""
        if self.number:
            deviation = spread[self.places]
            squares = ((entered[:, self.places] - given[:, self.places]) / deviation.exp()) ** 2 / 2
            return ((squares + deviation)[:, 0] * known).sum()
        return cross_entropy(given[:, self.places], entered[:, self.places], reduction="sum")

    def drawn(self, given: Floats, spread: Floats, random: np.random.Generator) -> np.ndarray:
        """Values (n,) by what the decoder gave."""
        part = given[:, self.places]
        if self.number:
            normal = part[:, 0] + np.exp(spread[self.places]) * random.standard_normal(len(part))
            return self.latent.drawn(normal)
        share = np.exp(part - part.max(axis=1, keepdims=True)).cumsum(axis=1)
        level = (share < share[:, -1:] * random.random((len(part), 1))).sum(axis=1)
        return np.asarray(self.latent.levels[level], dtype=object)


class _Network(nn.Module):
    def __init__(self, places: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(places, _WIDTH), nn.ReLU(), nn.Linear(_WIDTH, _WIDTH), nn.ReLU(), nn.Linear(_WIDTH, 2 * _LATENTS)
        )
        self.decoder = nn.Sequential(
            nn.Linear(_LATENTS, _WIDTH), nn.ReLU(), nn.Linear(_WIDTH, _WIDTH), nn.ReLU(), nn.Linear(_WIDTH, places)
        )
        self._spread = nn.Parameter(torch.zeros(places))

    @property
    def spread(self) -> torch.Tensor:
        """Logarithms of the standard deviations of numbers."""
        return torch.log(_LEAST_SPREAD + self._spread.exp())

    def loss(self, rows: torch.Tensor, known: torch.Tensor, columns: Sequence[_Column]) -> torch.Tensor:
        """The negative evidence lower bound of a mean row, in nats; `known` (n, columns) says which values are."""
        middle, deviation = self.encoder(rows).chunk(2, dim=1)
        latent = middle + deviation.exp() * torch.randn_like(middle)
        given = self.decoder(latent)
        apart = (middle**2 + (2 * deviation).exp() - 1 - 2 * deviation).sum() / 2
        spread = self.spread
        told = [each.loss(given, spread, rows, known[:, place]) for place, each in enumerate(columns)]
        loss: torch.Tensor = (apart + torch.stack(told).sum()) / len(rows)
        return loss


def fitted(real: Frame, seed: int, compute: Compute) -> Callable[[np.random.Generator], pd.DataFrame]:
    """Fit the autoencoder to the rows of `real`; what is returned draws as many."""
    latents = latents_of(real)
    columns = _columns(latents, real)
    device = choose_device(compute).device
    rows = torch.from_numpy(np.hstack([each.entered() for each in columns]).astype(np.float32)).to(device)
    known = torch.from_numpy(np.column_stack([each.latent.place >= 0 for each in columns])).to(device)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _Network(rows.shape[1]).to(device)
        optimizer = Adam(list(network.parameters()), _LEARNING_RATE)
        for _ in range(_EPOCHS):
            for batch in torch.split(torch.randperm(len(rows)), _BATCH):
                network.loss(rows[batch], known[batch], columns).backward()  # type: ignore[no-untyped-call]
                optimizer.step()
    spread = network.spread.detach().cpu().numpy().astype(np.float64)

    def draw(random: np.random.Generator) -> pd.DataFrame:
        latent = torch.from_numpy(random.standard_normal((len(real.rows), _LATENTS)).astype(np.float32)).to(device)
        with torch.no_grad():
            given = network.decoder(latent).cpu().numpy().astype(np.float64)
        return rows_of(
            {name: each.drawn(given, spread, random) for name, each in zip(latents, columns, strict=True)}, real
        )

    return draw


def _columns(latents: Mapping[object, Latent], real: Frame) -> list[_Column]:
    columns, start = [], 0
    for name, latent in latents.items():
        number = name in real.numbers and len(latent.levels) > _FEW
        stop = start + (1 if number else len(latent.levels))
        columns.append(_Column(latent, number, slice(start, stop)))
        start = stop
    return columns
