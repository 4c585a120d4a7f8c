"""Training of a generator of images against a discriminator."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from math import cos, pi
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch.nn.functional import softplus

from radsieve.errors import InputError
from radsieve.generation.gan.discriminator import ProjectedDiscriminator, change, spread
from radsieve.generation.settings import TrainGan
from radsieve.generation.tables import GAN_CURVES
from radsieve.generators.interface import LATENT_COMPONENTS, Latents, sample_latents
from radsieve.generators.residual import ARCHITECTURE, GENERATOR, ClippedImages, generator_of
from radsieve.networks.checkpoints import Tensors
from radsieve.networks.device import Device
from radsieve.networks.training_state import TrainingState, seed_of_epoch
from radsieve.progress import track

_BETAS = (0.0, 0.99)  # no momentum: the opposing network changes with each step
_WARM_UP = 100  # steps in which the learning rate rises: Adam's first steps are long, and may destabilise both networks
_LAST_RATE = 0.1  # of the highest
_YOUNG = 0.05  # of the images seen so far: the average of the weights never reaches back much farther
_BATCH = 64  # images generated at a time
_SPREAD_IMAGES = 512  # real ones, whose spread the generated ones are compared with
_MIN_SPREAD = 1e-6  # of real images that are all the same
_LOSSES = ("discriminator_loss", "generator_loss")

Bytes = npt.NDArray[np.uint8]
Generate = Callable[[Latents], Bytes]
Evaluate = Callable[[Generate], Mapping[str, float]]


@dataclass(frozen=True)
class GanTraining:
    """The result of a training: the generator's weights of the best round, the course of the training, and samples.

    `curves` is generation.tables.GAN_CURVES; `samples` (rounds, images, channels, H, W) are always of the same latents.
    """

    weights: Tensors
    curves: pd.DataFrame
    samples: Bytes

    @property
    def best(self) -> int:
        """The row of `curves` with the lowest FID, the first of several."""
        return int(self.curves["fid"].to_numpy().argmin())

    @property
    def best_step(self) -> int:
        """The step at whose end the generator was best."""
        return int(self.curves["step"].iloc[self.best])


def rate_share(step: int, steps: int) -> float:
    """The share of the highest learning rate at `step` (from 0) of `steps`: rises linearly, then falls as a cosine."""
    risen = min(1.0, (step + 1) / _WARM_UP)
    fallen = _LAST_RATE + (1 - _LAST_RATE) * (1 + cos(pi * step / steps)) / 2
    return risen * fallen


class TrainedGenerator:
    """Generates images with a generator's network in its current state."""

    def __init__(self, network: torch.nn.Module, device: Device) -> None:
        self._network, self._device = ClippedImages(network), device

    @torch.inference_mode()
    def __call__(self, latents: Latents) -> Bytes:
        """Return the images (n, channels, H, W) of `latents` (n, 128)."""
        batches = torch.split(torch.from_numpy(latents), _BATCH)
        images = [self._network(batch.to(self._device.device)).float().cpu() for batch in batches]
        return np.asarray(((torch.cat(images) + 1) * 127.5).round().to(torch.uint8).numpy())


def trained_generator(training: GanTraining, card: Mapping[str, Any], device: Device) -> TrainedGenerator:
    """Return what generates images with the best weights of a `training` of the generator that `card` describes."""
    network = generator_of(card)
    network.load_state_dict(training.weights)
    return TrainedGenerator(device.place(network), device)


class _Samples(torch.nn.Module):
    """The sample images of each round, stored with the networks so that they survive an interruption."""

    images: torch.Tensor

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.register_buffer("images", torch.zeros(shape, dtype=torch.uint8))


def gan_card(images: Bytes, settings: TrainGan, group: str) -> dict[str, Any]:
    """Return the card from which a generator is rebuilt, with how it was trained on `images` (n, channels, H, W)."""
    return {
        "kind": GENERATOR,
        "architecture": ARCHITECTURE,
        "group": group,
        "channels": images.shape[1],
        "latent_components": LATENT_COMPONENTS,
        "latent_low": -1,
        "latent_high": 1,
        "train_images": len(images),
        **settings.model_dump(include={"pixels", "width", "steps", "batch", "learning_rate", "seed"}),
    }


def train_generator(
    images: Bytes, card: Mapping[str, Any], settings: TrainGan, device: Device, state_path: Path, evaluate: Evaluate
) -> GanTraining:
    """Train the generator that `card` describes on `images` (n, channels, H, W) by `settings` (section train_gan).

    The loss is the relativistic pairing loss: softplus(D(generated) - D(real)) for the discriminator D and
    softplus(D(real) - D(generated)) for the generator (Jolicoeur-Martineau 2018), for each of the scores of
    `ProjectedDiscriminator`. To the generator's loss is added `diversity` times the mean over the levels of
    max(0, 1 - spread of generated images / spread of real ones), without which its images become more and more alike
    (as in Mao et al. 2019, "Mode Seeking Generative Adversarial Networks", but relative to real images). What is
    evaluated and returned is a moving average of the generator's weights. `evaluate` is given that generator after each
    round and returns numbers, `fid` among them; the round with the lowest is the best.

    The state at `state_path` is written after every round, and training resumes from it; the caller removes it. The
    same input gives the same weights on the same kind of processor, interrupted or not.

    Raises InputError if a loss is no longer a number.
    """
    rounds = min(settings.rounds, settings.steps)
    ends = np.linspace(0, settings.steps, rounds + 1).round().astype(int).tolist()
    latents = sample_latents(settings.grid_images, settings.seed, "samples")
    samples = _Samples((rounds, len(latents), *images.shape[1:]))
    trainer = _Trainer(images, card, settings, device)
    networks = torch.nn.ModuleDict({**trainer.networks, "samples": samples})
    state = TrainingState(state_path, networks, trainer.optimizer, trainer.schedule)
    state.restore()
    generate = TrainedGenerator(trainer.networks["average"], device)
    done = len(state.history)
    left = iter(track(range(ends[done], settings.steps), "training", settings.steps - ends[done], "step"))
    for number, (start, end) in enumerate(zip(ends[done:-1], ends[done + 1 :], strict=True), done + 1):
        random = torch.Generator().manual_seed(seed_of_epoch(settings.seed, number))
        losses = [
            trainer.step(next(left), batch, random) for batch in _batches(images, settings.batch, end - start, random)
        ]
        means = np.mean(losses, axis=0)
        if not np.isfinite(means).all():
            raise InputError(f"params.yaml, train_gan: a loss is not a number after {end} steps; lower learning_rate")
        samples.images[number - 1] = torch.from_numpy(generate(latents))
        evaluated = evaluate(generate)
        if all(evaluated["fid"] < past["fid"] for past in state.history):
            weights = trainer.networks["average"].state_dict()
            state.best = {name: tensor.detach().cpu().clone() for name, tensor in weights.items()}
        of_round = dict(zip(_LOSSES, means.tolist(), strict=True))
        state.history.append({"round": number, "step": end, **of_round, **evaluated})
        state.save()
    curves = pd.DataFrame(state.history, columns=list(GAN_CURVES.columns))
    return GanTraining(state.best, curves, np.asarray(samples.images.numpy()))


class _Trainer:
    """The generator, the average of its weights and the discriminator, and the optimizer of the first and the last."""

    def __init__(self, images: Bytes, card: Mapping[str, Any], settings: TrainGan, device: Device) -> None:
        self._settings, self._device = settings, device
        with torch.random.fork_rng():
            torch.manual_seed(seed_of_epoch(settings.seed, 0))
            self._generator = device.place(generator_of(card))
            self._discriminator = ProjectedDiscriminator(card["pixels"])
        device.place(self._discriminator)
        self._average = deepcopy(self._generator).requires_grad_(False)
        self.networks = {
            "generator": self._generator, "discriminator": self._discriminator, "average": self._average
        }  # fmt: skip
        rate = settings.learning_rate
        self._spread = self._spread_of(images)
        trained = (self._generator.parameters(), self._discriminator.heads.parameters())
        parameters = [{"params": list(of_network)} for of_network in trained]
        self.optimizer = torch.optim.Adam(parameters, lr=rate, betas=_BETAS)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, partial(rate_share, steps=settings.steps))

    def step(self, number: int, images: Bytes, random: torch.Generator) -> tuple[float, float]:
        """Take step `number` (from 0) of both networks on real `images`; return _LOSSES."""
        real = self._device.send(torch.from_numpy(images)).float() / 127.5 - 1
        with torch.no_grad():
            generated = self._generate(len(images), random)
        self.optimizer.zero_grad()
        shown, false = (change(one, self._settings, random) for one in (real, generated))
        real_scores, generated_scores = self._score(self._levels(torch.cat([shown, false]))).chunk(2)
        loss = softplus(generated_scores - real_scores).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()  # the generator needs no gradients here
        self.optimizer.zero_grad()
        self._discriminator.heads.requires_grad_(False)
        generated = self._generate(len(images), random)
        shown, false = (change(one, self._settings, random) for one in (real, generated))
        real_scores = self._score(self._levels(shown))
        levels = [maps.chunk(2) for maps in self._levels(torch.cat([false, generated]), back=True)]
        generator_loss = softplus(real_scores - self._score([changed for changed, _ in levels])).mean()
        likeness = (1 - spread([as_generated for _, as_generated in levels]) / self._spread).clamp(min=0).mean()
        (generator_loss + self._settings.diversity * likeness).backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self._discriminator.heads.requires_grad_(True)
        self.schedule.step()
        self._follow(number + 1)
        return loss.item(), generator_loss.item()

    def _generate(self, images: int, random: torch.Generator) -> torch.Tensor:
        latents = torch.rand((images, LATENT_COMPONENTS), generator=random) * 2 - 1
        with self._device.autocast():
            generated: torch.Tensor = self._generator(latents.to(self._device.device))
        return generated.float()

    def _levels(self, images: torch.Tensor, back: bool = False) -> list[torch.Tensor]:
        """The backbone's maps of images, with their gradient in `back`: on a CPU gradients are faster in float32."""
        with nullcontext() if back and self._device.device.type == "cpu" else self._device.autocast():
            return self._discriminator.levels(images)

    def _score(self, levels: Sequence[torch.Tensor]) -> torch.Tensor:
        with self._device.autocast():
            return self._discriminator.score(levels).float()

    @torch.no_grad()
    def _spread_of(self, images: Bytes) -> torch.Tensor:
        """The spread of real images by level, over some of them in random order."""
        random = np.random.default_rng(self._settings.seed)
        some = images[random.permutation(len(images))[:_SPREAD_IMAGES]]
        batches = (torch.from_numpy(some[start : start + _BATCH]) for start in range(0, len(some), _BATCH))
        prepared = (self._device.send(batch).float() / 127.5 - 1 for batch in batches)
        spreads = [spread(self._levels(batch)) * len(batch) for batch in prepared]
        return (torch.stack(spreads).sum(dim=0) / len(some)).clamp(min=_MIN_SPREAD)

    @torch.no_grad()
    def _follow(self, steps: int) -> None:
        """Let the average follow the generator after so many steps."""
        batch = self._settings.batch
        half_life = min(self._settings.average_images, _YOUNG * steps * batch)
        share = 1 - 0.5 ** (batch / half_life)
        for slow, fast in zip(self._average.parameters(), self._generator.parameters(), strict=True):
            slow.lerp_(fast, share)


def _batches(images: Bytes, batch: int, count: int, random: torch.Generator) -> Iterator[Bytes]:
    """So many batches of images: all of them in random order, and again; few images occur several times in a batch."""
    passes = -(-count * batch // len(images))
    order = torch.cat([torch.randperm(len(images), generator=random) for _ in range(passes)]).numpy()
    for start in range(0, count * batch, batch):
        yield images[order[start : start + batch]]
