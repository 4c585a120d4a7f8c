"""Early exit: run the first blocks of a generator only, and predict from their output how the image will turn out.

Depth 0 is the latent itself, depth d the output of the d-th block, and the last depth the finished image. The
activations of a depth are averaged to maps of at most 4 x 4 pixels, the image to 16 x 16. The idea is that of networks
with branches that answer early (Teerapittayanon, McDanel and Kung 2016, "BranchyNet"), here with a generator that stops
early.
"""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import adaptive_avg_pool2d
from torch.utils.flop_counter import FlopCounterMode

from radsieve.generation.sieving.linear_predictor import Predictor
from radsieve.generators.interface import LATENT_COMPONENTS, Latents, in_blocks
from radsieve.generators.residual import LOWEST, ResidualGenerator
from radsieve.networks.device import Device

Activations = npt.NDArray[np.float32]

_MAP, _IMAGE = 4, 16  # pixels of the averaged maps and images


def multiply_adds(work: Callable[[], object]) -> int:
    """Return the multiply-adds of the convolutions and matrix products in `work`."""
    with FlopCounterMode(display=False) as counter:
        work()
    return int(counter.get_total_flops()) // 2  # two operations each


class StagedGenerator:
    """A generator of stage train_gan that can stop at any of its `depths`: 0, 1, ..., the last one the image.

    `multiply_adds` are those of one latent up to each depth, counted on the network.
    """

    def __init__(self, network: ResidualGenerator, device: Device) -> None:
        self._network, self._device = network, device
        for parameter in network.parameters():
            parameter.requires_grad_(False)
        self.depths = range(len(network.blocks) + 2)
        self.multiply_adds = self._count()

    @torch.inference_mode()
    def activations(self, latents: Latents) -> list[Activations]:
        """Return the averaged activations of `latents` (n, 128) at each depth: (n, k) by depth. The image is finished.

        The activations of a latent do not depend on the others in the batch.
        """
        found: list[Activations] = []
        for rows, block in in_blocks(latents):
            for depth, values in enumerate(self._stages(self._sent(block))):
                if len(found) == depth:
                    found.append(np.empty((len(latents), values.shape[1]), np.float32))
                found[depth][rows] = values[: rows.stop - rows.start].cpu().numpy()
        return found

    def ascend(self, latents: Latents, depth: int, predictor: Predictor) -> tuple[npt.NDArray[np.float64], Latents]:
        """Return the score (n,) of `latents` (n, 128) by the `predictor` of a depth, and its gradient (n, 128)."""
        weights = torch.from_numpy(predictor.weights.astype(np.float32)).to(self._device.device)
        scores, gradients = np.empty(len(latents)), np.empty(latents.shape, np.float32)
        for rows, block in in_blocks(latents):
            inputs = self._sent(block).requires_grad_()
            margins = next(islice(self._stages(inputs), depth, None)) @ weights
            (gradient,) = torch.autograd.grad(margins.sum(), inputs)
            kept = rows.stop - rows.start
            scores[rows] = margins.detach()[:kept].cpu().numpy() + predictor.intercept
            gradients[rows] = gradient[:kept].cpu().numpy()
        return scores, gradients

    def _sent(self, block: Latents) -> torch.Tensor:
        return torch.from_numpy(block.copy()).to(self._device.device)

    def _stages(self, latents: torch.Tensor) -> Iterator[torch.Tensor]:
        """Yield the activations of each depth, averaged and flattened (n, k)."""
        yield latents
        for depth, maps in enumerate(self._network.stages(latents), 1):
            image = depth == self.depths[-1]
            pixels = min(maps.shape[-1], _IMAGE if image else _MAP)
            yield adaptive_avg_pool2d(maps.clamp(LOWEST, 1) if image else maps, pixels).flatten(1)

    def _count(self) -> list[int]:
        latent = torch.zeros(1, LATENT_COMPONENTS, device=self._device.device)
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            return [counter.get_total_flops() // 2 for _ in self._stages(latent)]
