"""Training of a writer: on an author's training works, with the best epoch chosen on the validation works."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, log, pi
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from radsieve.networks.adam import Adam
from radsieve.networks.device import Device
from radsieve.networks.training_state import TrainingState, seed_of_epoch
from radsieve.progress import track
from radsieve.tasks.texts.network import State, WriterNetwork
from radsieve.tasks.texts.ngrams import BOUNDARY, Codes, Floats, NGram
from radsieve.tasks.texts.settings import TrainWriter
from radsieve.tasks.texts.signs import Signs
from radsieve.tasks.texts.tables import WRITER_CURVES
from radsieve.tasks.texts.writer import Writer

_OWN = 0.5  # weight of the network's own loss, without which counts that know more than it does keep it from learning
_CLIP = 1.0  # greatest norm of the gradient
_LAST = 0.05  # of the learning rate at the end, as a share of the greatest
_WARM_UP = 0.02  # share of the steps in which it rises


@dataclass(frozen=True)
class WriterTraining:
    """The writer with the weights of the best epoch, and WRITER_CURVES."""

    writer: Writer
    curves: pd.DataFrame

    @property
    def best_epoch(self) -> int:
        """The first epoch with the fewest bits on validation works."""
        return int(self.curves["epoch"].iloc[self.curves["validation_bits"].to_numpy().argmin()])


def train(
    train: Sequence[str], validation: Sequence[str], signs: Signs, settings: TrainWriter, device: Device,
    state_path: Path,
) -> WriterTraining:  # fmt: skip
    """Train by Adam, errors sent back through `stretch` signs, and keep the epoch that is best on `validation`.

    The works of an epoch follow one another in a random order, and are read at `batch` places at once. Counts that are
    mixed in are of the same works; in training each place is left out of those that predict it. The state at
    `state_path` is written after every epoch, and training resumes from it; the caller removes it. The same input gives
    the same weights on the same kind of processor, interrupted or not.
    """
    card = settings.model_dump()
    with torch.random.fork_rng():
        torch.manual_seed(seed_of_epoch(settings.seed, 0))
        network = WriterNetwork(card, signs.count).to(device.device)
    optimizer = Adam(list(network.parameters()), settings.learning_rate)
    state = TrainingState(state_path, network, optimizer)
    state.restore()
    works, held_out = ([signs.codes(text) for text in texts] for texts in (train, validation))
    counts = NGram.of(works, settings.counts, signs.count) if settings.counts else None
    writer = Writer(network, signs, counts, card)
    counted = [counts.probabilities(work, left_out=True) if counts else np.ones(len(work)) for work in works]
    spelled, spelled_in_train = (sum(float(signs.spelling(text).sum()) for text in of) for of in (validation, train))
    for epoch in track(range(len(state.history) + 1, settings.epochs + 1), "training", unit="epoch"):
        with torch.random.fork_rng():
            torch.manual_seed(seed_of_epoch(settings.seed, epoch))
            loss = _epoch(network, optimizer, works, counted, settings, epoch)
        bits = sum(float(of.sum()) for of in writer.bits(held_out))
        found = (bits + spelled) / sum(map(len, validation))
        if all(found < past["validation_bits"] for past in state.history):
            state.keep_best()
        state.history.append(
            {
                "epoch": epoch,
                "train_bits": (loss * sum(map(len, works)) / log(2) + spelled_in_train) / sum(map(len, train)),
                "validation_bits": found,
                "learning_rate": optimizer.learning_rate,
            }
        )
        state.save()
    network.load_state_dict(state.best)
    return WriterTraining(writer, pd.DataFrame(state.history, columns=list(WRITER_CURVES.columns)))


def _epoch(
    network: WriterNetwork, optimizer: Adam, works: Sequence[Codes], counted: Sequence[Floats], settings: TrainWriter,
    epoch: int,
) -> float:  # fmt: skip
    """Read all works once; the mean loss in nats per sign."""
    network.train()
    device = next(network.parameters()).device
    inputs, targets, known = _streams(works, counted, settings)
    steps = -(-len(inputs) // settings.stretch)
    state: State = None
    losses = []
    for step in track(range(steps), f"epoch {epoch}", unit="batch"):
        part = slice(step * settings.stretch, (step + 1) * settings.stretch)
        optimizer.learning_rate = _rate(settings, (epoch - 1 + step / steps) / settings.epochs)
        outputs, state = network(inputs[part].to(device), state)
        state = _detached(state)
        target = targets[part].flatten().to(device)
        found = network.losses(outputs.flatten(0, 1), target, known[part].flatten().to(device))
        loss = found[target != BOUNDARY].mean()
        (loss + _OWN * network.own_loss(outputs.flatten(0, 1), target)).backward()  # type: ignore[no-untyped-call]
        optimizer.clip(_CLIP)
        optimizer.step()
        losses.append(loss.item())
    return float(np.mean(losses))


def _detached(state: State) -> State:
    """The state without what led to it, through which no error is sent back any more."""
    if isinstance(state, tuple):
        return state[0].detach(), state[1].detach()
    return None if state is None else state.detach()


def _streams(
    works: Sequence[Codes], counted: Sequence[Floats], settings: TrainWriter
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The works in a random order, each behind a boundary, at `batch` places at once (n, batch).

    They are the inputs, the targets, and the probabilities of these by counts.
    """
    order = torch.randperm(len(works)).tolist()
    joined = np.concatenate([part for place in order for part in ([BOUNDARY], works[place])])
    known = np.concatenate([part for place in order for part in ([1.0], counted[place])]).astype(np.float32)
    batch = max(min(settings.batch, (len(joined) - 1) // settings.stretch), 1)
    length = (len(joined) - 1) // batch

    def arranged(values: npt.NDArray[Any], start: int) -> torch.Tensor:
        return torch.from_numpy(values[start : start + batch * length].reshape(batch, length).T.copy())

    return arranged(joined, 0), arranged(joined, 1), arranged(known, 1)


def _rate(settings: TrainWriter, done: float) -> float:
    """The learning rate when a share `done` of all steps is done."""
    falling = _LAST + (1 - _LAST) * (1 + cos(pi * done)) / 2
    return settings.learning_rate * min(falling, (done + 1e-3) / _WARM_UP)
