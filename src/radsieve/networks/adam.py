"""Adam for small networks."""

import torch
from torch import nn

_BETAS, _EPSILON = (0.9, 0.999), 1e-8


class Adam:
    """Adam (Kingma and Ba 2015) on all parameters as one vector.

    The same as torch.optim.Adam, whose first use imports PyTorch's compiler: five seconds, more than small
    trainings take.
    """

    def __init__(self, parameters: list[nn.Parameter], learning_rate: float) -> None:
        self._vector = torch.cat([part.data.flatten() for part in parameters])
        self._gradient, self._mean, self._square = (torch.zeros_like(self._vector) for _ in range(3))
        self._learning_rate, self._steps = learning_rate, 0
        start = 0
        for part in parameters:
            stop = start + part.numel()
            part.data, part.grad = (whole[start:stop].view_as(part) for whole in (self._vector, self._gradient))
            start = stop

    def step(self) -> None:
        """Take a step against the gradients that were added up since the last one, and clear them."""
        self._steps += 1
        self._mean.lerp_(self._gradient, 1 - _BETAS[0])
        self._square.mul_(_BETAS[1]).addcmul_(self._gradient, self._gradient, value=1 - _BETAS[1])
        rate = self._learning_rate / (1 - _BETAS[0] ** self._steps)
        spread = (self._square / (1 - _BETAS[1] ** self._steps)).sqrt_().add_(_EPSILON)
        self._vector.addcdiv_(self._mean, spread, value=-rate)
        self._gradient.zero_()
