"""The progress of a training, stored on disk after every epoch, so that it resumes where it was interrupted.

The state of random numbers is not stored: those of an epoch follow from `seed_of_epoch`. A training that was
interrupted and resumed therefore ends with the same bytes as one that was not.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from radsieve.errors import InputError
from radsieve.networks.checkpoints import Tensors, load_weights, read_sealed, write_sealed

FILE = "state.safetensors"  # in the folder of the state
KIND = "training state"
_NETWORK, _BEST, _OPTIMIZER = "network.", "best.", "optimizer."

log = logging.getLogger(__name__)


def seed_of_epoch(seed: int, epoch: int) -> int:
    """Return the seed of an epoch's random numbers (epoch 0: the first weights), unrelated to that of any other."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0])


class Optimizer(Protocol):
    """What is stored of an optimizer: those of PyTorch, and `radsieve.networks.adam.Adam`."""

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The parameters, in groups."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """What continues the optimization: `state`, tensors by the number of the parameter, and `param_groups`."""
        ...

    def load_state_dict(self, state_dict: dict[str, Any], /) -> None:
        """Continue from it."""
        ...


class TrainingState:
    """A network, its optimizer and the schedule of its learning rate, with what is known of the finished epochs.

    history: one mapping of numbers per finished epoch, in the caller's terms; best: the weights that the caller
    considers the best so far.
    """

    def __init__(
        self,
        path: Path,
        network: torch.nn.Module,
        optimizer: torch.optim.Optimizer | Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler | None = None,
    ) -> None:
        """Without a `schedule` the learning rate follows from the epoch alone."""
        self._path, self._network, self._optimizer, self._schedule = path, network, optimizer, schedule
        self.history: list[dict[str, float]] = []
        self.best: Tensors = {}

    def keep_best(self) -> None:
        """Record the network's current weights as the best."""
        self.best = {name: tensor.detach().cpu().clone() for name, tensor in self._network.state_dict().items()}

    def save(self) -> None:
        """Write everything to disk, atomically."""
        found = self._optimizer.state_dict()
        tensors = {f"{_NETWORK}{name}": tensor for name, tensor in self._network.state_dict().items()}
        tensors |= {f"{_BEST}{name}": tensor for name, tensor in self.best.items()}
        for number, values in found["state"].items():
            tensors |= {f"{_OPTIMIZER}{number}.{name}": value for name, value in values.items()}
        card = {
            "kind": KIND,
            "history": self.history,
            "groups": found["param_groups"],
            "schedule": self._schedule.state_dict() if self._schedule else {},
        }
        write_sealed(self._path, tensors, card)

    def restore(self) -> None:
        """Restore what was last saved, and log it; if nothing was, or it is damaged, nothing changes.

        The log says which file is damaged.
        """
        if not self._path.exists():
            return
        try:
            tensors, card = read_sealed(self._path, KIND)
            load_weights(self._network, _part(tensors, _NETWORK), self._path)
        except InputError as error:
            log.warning("the state of an earlier run cannot be read, and the training starts again: %s", error)
            return
        state: dict[int, dict[str, torch.Tensor]] = {}
        parameters = [parameter for group in self._optimizer.param_groups for parameter in group["params"]]
        for key, tensor in _part(tensors, _OPTIMIZER).items():
            number, _, name = key.partition(".")
            like = parameters[int(number)]
            if tensor.shape == like.shape:  # the layout in memory decides how sums are rounded
                tensor = torch.empty_like(like, dtype=tensor.dtype).copy_(tensor)
            state.setdefault(int(number), {})[name] = tensor
        self._optimizer.load_state_dict({"state": state, "param_groups": card["groups"]})
        if self._schedule:
            self._schedule.load_state_dict(card["schedule"])
        self.history, self.best = card["history"], _part(tensors, _BEST)
        last = self.history[-1] if self.history else {}
        behind = ", ".join(f"{name} {value}" for name, value in last.items() if isinstance(value, int))
        log.info("the training resumes after %s, from the state in %s", behind or "nothing", self._path)


def _part(tensors: Mapping[str, torch.Tensor], prefix: str) -> Tensors:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
