"""Latent reweighting: latents are sampled as often as makes the images most like real ones (a published alternative).

Issenhuth, Tanielian, Picard and Mary 2021, "Latent reweighting, an almost free improvement for GANs" (arXiv
2110.09803): a network w(z) >= 0 weights latents, trained against a critic D of images, which tells real ones from
weighted ones,

    min over w, max over D:  E D(x) - E w(z) D(G(z)),  with  10 (E w - 1)^2 + 3 E max(0, w - m)^2  added for w,

and latents are then accepted with the probability w(z) / m (latent rejection sampling). It favours realistic images,
not good ones. Unlike in the publication, the critic sees the features of a network that was trained before, not pixels,
and learns from images that were generated once, not anew in each step.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn.functional import softplus

from radsieve.generation.settings import Reweighting
from radsieve.generators.interface import LATENT_COMPONENTS, Latents
from radsieve.networks.adam import Adam
from radsieve.progress import track

Points = npt.NDArray[np.floating]
Floats = npt.NDArray[np.float64]

_HIDDEN = 64
_MEAN_PENALTY, _CLIP_PENALTY, _GRADIENT_PENALTY = 10.0, 3.0, 10.0  # the first two as in the publication
_ONE = 0.5413  # softplus of this is 1: all latents have the same weight at first


class LatentWeights:
    """The weight of latents: `weights` (n,) of `latents` (n, 128), at most `maximum`."""

    def __init__(self, network: nn.Sequential, maximum: float) -> None:
        self._network, self._maximum = network, maximum

    @property
    def multiply_adds(self) -> int:
        """The multiply-adds of weighting one latent."""
        return sum(layer.weight.numel() for layer in self._network if isinstance(layer, nn.Linear))

    def weights(self, latents: Latents) -> Floats:
        """Return the weights (n,) of `latents` (n, 128), in [0, most]."""
        with _one_thread(), torch.inference_mode():
            found = softplus(self._network(torch.from_numpy(latents))[:, 0])
        return np.asarray(np.minimum(found.double().numpy(), self._maximum))

    def accepts(self, latents: Latents, seed: int, name: str) -> npt.NDArray[np.bool_]:
        """Accept each of `latents` (n, 128) with the probability weight / most, drawn by `seed` and `name`."""
        draws = np.random.default_rng([seed, *name.encode()]).uniform(size=len(latents))
        return np.asarray(draws * self._maximum < self.weights(latents))


def learn_weights(latents: Latents, generated: Points, real: Points, settings: Reweighting, seed: int) -> LatentWeights:
    """Learn the weights of latents (n, 128) from the features (n, k) of images `generated`, and `real` (m, k).

    `settings` has steps, critic_steps (in each of them), batch, learning_rate and max_weight (m of the publication).
    The weights are learnt on the CPU, by one thread: the same seed gives the same weights.
    """
    with _one_thread():
        random = torch.Generator().manual_seed(seed)
        every = np.concatenate([generated, real]).astype(np.float32)
        middle, width = every.mean(axis=0), every.std(axis=0)
        images, true = (
            torch.from_numpy(((part - middle) / np.where(width > 0, width, 1)).astype(np.float32))
            for part in (generated, real)
        )
        inputs = torch.from_numpy(latents)
        critic, weigher = _network(generated.shape[1], 0.0, random), _network(LATENT_COMPONENTS, _ONE, random)
        optimizers = [Adam(list(network.parameters()), settings.learning_rate) for network in (critic, weigher)]
        batch, maximum = settings.batch, settings.max_weight

        def some(rows: int) -> torch.Tensor:
            return torch.randint(rows, (batch,), generator=random)

        for _ in track(range(settings.steps), "learning weights", unit="step"):
            for _ in range(settings.critic_steps):
                chosen, beside = some(len(inputs)), true[some(len(true))]
                with torch.no_grad():
                    weight = softplus(weigher(inputs[chosen])[:, 0])
                loss = (weight * critic(images[chosen])[:, 0]).mean() - critic(beside)[:, 0].mean()
                (loss + _steepness(critic, images[chosen], beside, random)).backward()
                optimizers[0].step()
            chosen = some(len(inputs))
            weight = softplus(weigher(inputs[chosen])[:, 0])
            with torch.no_grad():
                merit = critic(images[chosen])[:, 0]
            loss = _MEAN_PENALTY * (weight.mean() - 1) ** 2 - (weight * merit).mean()
            (loss + _CLIP_PENALTY * (weight - maximum).clamp(min=0).square().mean()).backward()
            optimizers[1].step()
        return LatentWeights(weigher.eval(), maximum)


def _steepness(critic: nn.Module, one: torch.Tensor, other: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """The penalty of Gulrajani et al. 2017: the critic's gradient between the images should have length 1."""
    part = torch.rand(len(one), 1, generator=random)
    between = (part * one + (1 - part) * other).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    penalty: torch.Tensor = _GRADIENT_PENALTY * (gradient.norm(dim=1) - 1).square().mean()
    return penalty


def _network(inputs: int, start: float, random: torch.Generator) -> nn.Sequential:
    """Two hidden layers, and one output that is `start` at first."""
    layers: list[nn.Module] = []
    for width in (inputs, _HIDDEN):
        layer = nn.Linear(width, _HIDDEN)
        nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=random)
        nn.init.zeros_(layer.bias)
        layers += [layer, nn.LeakyReLU(0.2)]
    last = nn.Linear(_HIDDEN, 1)
    nn.init.normal_(last.weight, std=0.01, generator=random)
    nn.init.constant_(last.bias, start)
    return nn.Sequential(*layers, last)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Layers this small gain nothing from more threads, and the last digits would depend on their number."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
