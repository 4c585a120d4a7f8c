"""Adam for small networks."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.optim.adam import adam

_BETAS, _EPSILON = (0.9, 0.999), 1e-8


class Adam:
    """Adam (Kingma and Ba 2015) on all parameters as one vector; each step is PyTorch's own.

    The same numbers as torch.optim.Adam gives, whose first use imports PyTorch's compiler: three to five seconds,
    longer than a small training takes, and a step on one vector also halves the time of that.
    """

    def __init__(self, parameters: list[nn.Parameter], learning_rate: float) -> None:
        self._vector = torch.cat([part.data.flatten() for part in parameters])
        self._gradient, self._mean, self._square = (torch.zeros_like(self._vector) for _ in range(3))
        self.learning_rate, self._steps = learning_rate, torch.zeros(())
        start = 0
        for part in parameters:
            stop = start + part.numel()
            part.data, part.grad = (whole[start:stop].view_as(part) for whole in (self._vector, self._gradient))
            start = stop

    def step(self) -> None:
        """Take a step against the gradients accumulated since the last one, and clear them."""
        adam(
            [self._vector], [self._gradient], [self._mean], [self._square], [], [self._steps],
            foreach=False, amsgrad=False, beta1=_BETAS[0], beta2=_BETAS[1], lr=self.learning_rate, weight_decay=0.0,
            eps=_EPSILON, maximize=False,
        )  # fmt: skip
        self._gradient.zero_()

    def clip(self, norm: float) -> None:
        """Scale the gradients down to a Euclidean `norm` of all of them, if theirs is greater (Pascanu et al. 2013)."""
        self._gradient.mul_((norm / self._gradient.norm().clamp(min=1e-12)).clamp(max=1.0))

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """All parameters as one vector, as an optimizer of PyTorch names them."""
        return [{"params": [self._vector]}]

    def state_dict(self) -> dict[str, Any]:
        """What continues the optimization, as an optimizer of PyTorch gives it."""
        return {
            "state": {0: {"mean": self._mean, "square": self._square, "steps": self._steps}},
            "param_groups": [{"params": [0]}],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue from what `state_dict` gave; the parameters themselves are the network's."""
        stored = state_dict["state"][0]
        for own, name in ((self._mean, "mean"), (self._square, "square"), (self._steps, "steps")):
            own.copy_(stored[name])
