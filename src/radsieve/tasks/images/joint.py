"""A joint network of image and table: a small branch of each, joined, and trained with one of them left out at times.

Joint fusion learns from both at once (Baltrušaitis et al. 2019, doi:10.1109/TPAMI.2018.2798607); leaving out a modality
of some rows in each step keeps the network from relying on one alone, and teaches it what to do without the other
(ModDrop: Neverova et al. 2016, doi:10.1109/TPAMI.2015.2461544).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from radsieve.networks.adam import Adam
from radsieve.tasks.images.settings import CONCAT, PRODUCT, JointSettings

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Parts = Sequence[tuple[Integers, Integers]]

MODALITIES = 2  # image and table


class JointNetwork(nn.Module):
    """Branches of `columns` features each, one layer of `width` units, joined by `join`, and one unit at the end.

    `concat` puts the units of both side by side, `sum` adds them, `product` multiplies 1 plus each. What is absent is a
    vector that is learnt, and 0 before that. Features are divided by their number, since each step of Adam moves every
    weight as far: else hundreds of features of an image would run ahead of a few columns.
    """

    def __init__(self, columns: Sequence[int], join: str, width: int) -> None:
        super().__init__()
        self.join = join
        self.branches = nn.ModuleList(nn.Sequential(nn.Linear(count, width), nn.Tanh()) for count in columns)
        self.absent = nn.ParameterList(torch.zeros(width) for _ in columns)
        self.last = nn.Linear(width * (len(columns) if join == CONCAT else 1), 1)

    def forward(self, inputs: Sequence[torch.Tensor], there: torch.Tensor) -> torch.Tensor:
        """The log-odds (n,) of rows with features (n, f) of each modality, where `there` (n, modalities) says so."""
        parts = [
            torch.where(there[:, place, None], branch(features / features.shape[1]), absent)
            for place, (branch, features, absent) in enumerate(zip(self.branches, inputs, self.absent, strict=True))
        ]
        if self.join == CONCAT:
            joined = torch.cat(parts, dim=1)
        else:
            stacked = torch.stack(parts)
            joined = (1 + stacked).prod(dim=0) if self.join == PRODUCT else stacked.sum(dim=0)
        found: torch.Tensor = self.last(joined)
        return found[:, 0]


def fit_joint(
    inputs: Sequence[Floats], truth: Integers, parts: Parts, join: str, settings: JointSettings, seed: int
) -> JointNetwork:
    """A network fitted to rows with features (n, f) of image and table and classes `truth` (n,) by cross-entropy.

    It is trained for as many epochs as have the least loss on the held-out rows of all `parts` (learnt, held out)
    together, each by a network of its own. On one thread (see `choose_device`), and on the CPU: it is small.
    """
    losses = np.zeros(settings.epochs)
    for learnt, held_out in parts:
        unseen = [_tensor(one[held_out]) for one in inputs]
        labels, there = _tensor(truth[held_out]), torch.ones(len(held_out), MODALITIES, dtype=torch.bool)
        networks = _epochs([one[learnt] for one in inputs], truth[learnt], join, settings, seed)
        for epoch, network in enumerate(networks):
            with torch.no_grad():
                loss = binary_cross_entropy_with_logits(network(unseen, there), labels, reduction="sum")
            losses[epoch] += float(loss)
    *_, found = _epochs(inputs, truth, join, settings, seed, 1 + int(losses.argmin()))
    return found


def joint_logits(network: JointNetwork, inputs: Sequence[Floats], there: Flags) -> Floats:
    """The log-odds (n,) of rows with features (n, f) of each modality, of which those `there` (modalities,) are."""
    flags = torch.from_numpy(there).expand(len(inputs[0]), MODALITIES)
    with torch.no_grad():
        return np.asarray(network([_tensor(one) for one in inputs], flags).numpy(), dtype=np.float64)


def left_out(rows: int, share: float, random: torch.Generator) -> torch.Tensor:
    """Which modalities (rows, 2) take part: each is left out of a `share` of the rows, at most 0.5, never both."""
    drawn = torch.rand(rows, generator=random)
    return torch.stack([drawn >= share, drawn < 1 - share], dim=1)


def _epochs(
    inputs: Sequence[Floats], truth: Integers, join: str, settings: JointSettings, seed: int, epochs: int | None = None
) -> Iterator[JointNetwork]:
    """The same network after each of its epochs."""
    features, labels = [_tensor(one) for one in inputs], _tensor(truth)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = JointNetwork([one.shape[1] for one in inputs], join, settings.width)
    random = torch.Generator().manual_seed(seed)
    optimizer = Adam(list(network.parameters()), settings.learning_rate)
    for _ in range(epochs or settings.epochs):
        order = torch.randperm(len(labels), generator=random)
        for start in range(0, len(order), settings.batch):
            rows = order[start : start + settings.batch]
            there = left_out(len(rows), settings.modality_dropout, random)
            logits = network([one[rows] for one in features], there)
            loss = binary_cross_entropy_with_logits(logits, labels[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        yield network


def _tensor(values: npt.NDArray[np.generic]) -> torch.Tensor:
    return torch.from_numpy(np.asarray(values, dtype=np.float32))
