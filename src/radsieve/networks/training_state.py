"""How far a training has come, kept on disk after every epoch, so that it goes on where it was stopped.

Random numbers are not kept: those of an epoch come from `seed_of_epoch`. A training that was stopped and goes on
therefore ends with the same bytes as one that was not.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from radsieve import files
from radsieve.errors import InputError
from radsieve.networks.checkpoints import Tensors, load_weights, read_checkpoint, write_checkpoint
from radsieve.storage.cache import default_folder

KIND = "training state"
_LAYOUT = 1  # raise when the way of training changes, so that no state of an earlier way is gone on with
_NETWORK, _BEST, _OPTIMIZER = "network.", "best.", "optimizer."


def state_path(stage: str, settings: Mapping[str, Any], sources: Sequence[Path]) -> Path:
    """Return where the state of long work lies: below the cache, named by all that its result depends on.

    That is `settings` (JSON) and the content of the files `sources`, so that no training goes on with another's state.
    """
    content = {"layout": _LAYOUT, "torch": str(torch.__version__), "settings": settings}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
    for source in sources:
        digest.update(files.sha256(source).encode())
    return default_folder() / stage / digest.hexdigest()[:32] / "state.safetensors"


def seed_of_epoch(seed: int, epoch: int) -> int:
    """Return the seed of an epoch's random numbers (epoch 0: the first weights), unrelated to that of any other."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0])


class TrainingState:
    """A network, its optimizer and the schedule of its learning rate, with what is known of the epochs behind them.

    history: one mapping of numbers per finished epoch, in the caller's terms; best: the weights that the caller took
    for the best so far.
    """

    def __init__(
        self,
        path: Path,
        network: torch.nn.Module,
        optimizer: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
    ) -> None:
        self._path, self._network, self._optimizer, self._schedule = path, network, optimizer, schedule
        self.history: list[dict[str, float]] = []
        self.best: Tensors = {}

    def keep_best(self) -> None:
        """Take the network's present weights for the best."""
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
            "schedule": self._schedule.state_dict(),
        }
        write_checkpoint(self._path, tensors, card)

    def restore(self) -> None:
        """Go back to what was last saved; if nothing was, or it is damaged, all stays as it is."""
        try:
            tensors, card = read_checkpoint(self._path, KIND)
            load_weights(self._network, _part(tensors, _NETWORK), self._path)
        except InputError:
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
        self._schedule.load_state_dict(card["schedule"])
        self.history, self.best = card["history"], _part(tensors, _BEST)


def remove_state(path: Path) -> None:
    """Delete a state whose training is over, and its folder."""
    path.unlink(missing_ok=True)
    if path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()


def _part(tensors: Mapping[str, torch.Tensor], prefix: str) -> Tensors:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
