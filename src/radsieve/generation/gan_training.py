"""Training of a generator of films against a discriminator."""

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
from radsieve.generation.film_changes import change
from radsieve.generation.projected_discriminator import ProjectedDiscriminator, spread
from radsieve.generation_tables import GAN_CURVES
from radsieve.generators.interface import LATENT_COMPONENTS, Latents, draw_latents
from radsieve.generators.residual import ARCHITECTURE, GENERATOR, ClippedFilms, generator_of
from radsieve.networks.checkpoints import Tensors
from radsieve.networks.device import Device
from radsieve.networks.training_state import TrainingState, seed_of_epoch
from radsieve.progress import track

_BETAS = (0.0, 0.99)  # no momentum: the other network is another one after each step
_WARM_UP = 100  # steps in which the learning rate rises: Adam's first ones are long, and may throw both networks off
_LAST_RATE = 0.1  # of the highest
_YOUNG = 0.05  # of the films seen so far: the average of the weights never reaches back much farther
_BATCH = 64  # films drawn at a time
_SPREAD_FILMS = 512  # real ones, whose spread the drawn ones are held to
_LEAST_SPREAD = 1e-6  # of real films that are all the same
_LOSSES = ("discriminator_loss", "generator_loss")

Bytes = npt.NDArray[np.uint8]
Draw = Callable[[Latents], Bytes]
Judge = Callable[[Draw], Mapping[str, float]]


@dataclass(frozen=True)
class GanTraining:
    """What came out: the generator's weights of the round that was judged best, the course, and samples.

    `curves` is generation_tables.GAN_CURVES; `samples` (rounds, films, channels, H, W) are of the same latents always.
    """

    weights: Tensors
    curves: pd.DataFrame
    samples: Bytes

    @property
    def best(self) -> int:
        """The row of `curves` with the lowest FID, the first of several."""
        return int(self.curves["fid"].to_numpy().argmin())


def rate_share(step: int, steps: int) -> float:
    """The share of the highest learning rate at `step` (from 0) of `steps`: rises in a line, then falls as a cosine."""
    risen = min(1.0, (step + 1) / _WARM_UP)
    fallen = _LAST_RATE + (1 - _LAST_RATE) * (1 + cos(pi * step / steps)) / 2
    return risen * fallen


class Drawer:
    """Draws films with a generator's network as it stands."""

    def __init__(self, network: torch.nn.Module, device: Device) -> None:
        self._network, self._device = ClippedFilms(network), device

    @torch.inference_mode()
    def __call__(self, latents: Latents) -> Bytes:
        """Return the films (n, channels, H, W) of `latents` (n, 128)."""
        batches = torch.split(torch.from_numpy(latents), _BATCH)
        films = [self._network(batch.to(self._device.device)).float().cpu() for batch in batches]
        return np.asarray(((torch.cat(films) + 1) * 127.5).round().to(torch.uint8).numpy())


class _Samples(torch.nn.Module):
    """The sample films of each round, kept with the networks so that they outlast a stop."""

    films: torch.Tensor

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.register_buffer("films", torch.zeros(shape, dtype=torch.uint8))


def gan_card(films: Bytes, settings: Mapping[str, Any], group: str) -> dict[str, Any]:
    """Return what a generator is rebuilt from, and what it was trained on and how: `films` (n, channels, H, W)."""
    names = ("pixels", "width", "steps", "batch", "learning_rate", "seed")
    return {
        "kind": GENERATOR,
        "architecture": ARCHITECTURE,
        "group": group,
        "channels": films.shape[1],
        "latent_components": LATENT_COMPONENTS,
        "latent_low": -1,
        "latent_high": 1,
        "train_films": len(films),
        **{name: settings[name] for name in names},
    }


def train_generator(
    films: Bytes, card: Mapping[str, Any], settings: Mapping[str, Any], device: Device, state_path: Path, judge: Judge
) -> GanTraining:
    """Train the generator that `card` describes on `films` (n, channels, H, W) by `settings` (section train_gan).

    The loss is the relativistic pairing one: softplus(D(drawn) - D(real)) for the discriminator D and softplus(D(real)
    - D(drawn)) for the generator (Jolicoeur-Martineau 2018), for each of the scores of `ProjectedDiscriminator`. To the
    generator's is added `diversity` times the mean over the levels of max(0, 1 - spread of drawn films / spread of real
    ones), without which its films become more and more alike (as Mao et al. 2019, "Mode Seeking Generative Adversarial
    Networks", but held to real films). What is judged and given back is a running average of the generator's weights.
    `judge` is given that generator after each round and returns numbers, `fid` among them; the round with the lowest is
    the best.

    The state at `state_path` is written after every round and gone on with; the caller removes it. The same input
    gives the same weights on the same kind of processor, stopped in between or not.

    Raises InputError if a loss is no number any more.
    """
    rounds = min(settings["rounds"], settings["steps"])
    ends = np.linspace(0, settings["steps"], rounds + 1).round().astype(int).tolist()
    latents = draw_latents(settings["sheet_films"], settings["seed"], "samples")
    samples = _Samples((rounds, len(latents), *films.shape[1:]))
    trainer = _Trainer(films, card, settings, device)
    networks = torch.nn.ModuleDict({**trainer.networks, "samples": samples})
    state = TrainingState(state_path, networks, trainer.optimizer, trainer.schedule)
    state.restore()
    draw = Drawer(trainer.networks["average"], device)
    done = len(state.history)
    left = iter(track(range(ends[done], settings["steps"]), "training", settings["steps"] - ends[done], "step"))
    for number, (start, end) in enumerate(zip(ends[done:-1], ends[done + 1 :], strict=True), done + 1):
        random = torch.Generator().manual_seed(seed_of_epoch(settings["seed"], number))
        losses = [
            trainer.step(next(left), batch, random) for batch in _batches(films, settings["batch"], end - start, random)
        ]
        means = np.mean(losses, axis=0)
        if not np.isfinite(means).all():
            raise InputError(f"params.yaml, train_gan: a loss is no number after {end} steps; lower learning_rate")
        samples.films[number - 1] = torch.from_numpy(draw(latents))
        judged = judge(draw)
        if all(judged["fid"] < past["fid"] for past in state.history):
            weights = trainer.networks["average"].state_dict()
            state.best = {name: tensor.detach().cpu().clone() for name, tensor in weights.items()}
        of_round = dict(zip(_LOSSES, means.tolist(), strict=True))
        state.history.append({"round": number, "step": end, **of_round, **judged})
        state.save()
    curves = pd.DataFrame(state.history, columns=list(GAN_CURVES.columns))
    return GanTraining(state.best, curves, np.asarray(samples.films.numpy()))


class _Trainer:
    """The generator, the average of its weights and the discriminator, and the optimizer of the first and the last."""

    def __init__(self, films: Bytes, card: Mapping[str, Any], settings: Mapping[str, Any], device: Device) -> None:
        self._settings, self._device = settings, device
        with torch.random.fork_rng():
            torch.manual_seed(seed_of_epoch(settings["seed"], 0))
            self._generator = device.place(generator_of(card))
            self._discriminator = ProjectedDiscriminator(card["pixels"])
        device.place(self._discriminator)
        self._average = deepcopy(self._generator).requires_grad_(False)
        self.networks = {
            "generator": self._generator, "discriminator": self._discriminator, "average": self._average
        }  # fmt: skip
        rate = settings["learning_rate"]
        self._spread = self._spread_of(films)
        trained = (self._generator.parameters(), self._discriminator.judges.parameters())
        parameters = [{"params": list(of_network)} for of_network in trained]
        self.optimizer = torch.optim.Adam(parameters, lr=rate, betas=_BETAS)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, partial(rate_share, steps=settings["steps"]))

    def step(self, number: int, films: Bytes, random: torch.Generator) -> tuple[float, float]:
        """Take step `number` (from 0) of both networks on real `films`; return _LOSSES."""
        real = self._device.send(torch.from_numpy(films)).float() / 127.5 - 1
        with torch.no_grad():
            drawn = self._draw(len(films), random)
        self.optimizer.zero_grad()
        shown, false = (change(one, self._settings, random) for one in (real, drawn))
        real_scores, drawn_scores = self._judge(self._levels(torch.cat([shown, false]))).chunk(2)
        loss = softplus(drawn_scores - real_scores).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()  # the generator has no gradients here, and stays as it is
        self.optimizer.zero_grad()
        self._discriminator.judges.requires_grad_(False)
        drawn = self._draw(len(films), random)
        shown, false = (change(one, self._settings, random) for one in (real, drawn))
        real_scores = self._judge(self._levels(shown))
        levels = [maps.chunk(2) for maps in self._levels(torch.cat([false, drawn]), back=True)]
        generator_loss = softplus(real_scores - self._judge([changed for changed, _ in levels])).mean()
        likeness = (1 - spread([as_drawn for _, as_drawn in levels]) / self._spread).clamp(min=0).mean()
        (generator_loss + self._settings["diversity"] * likeness).backward()
        self.optimizer.step()
        self._discriminator.judges.requires_grad_(True)
        self.schedule.step()
        self._follow(number + 1)
        return loss.item(), generator_loss.item()

    def _draw(self, films: int, random: torch.Generator) -> torch.Tensor:
        latents = torch.rand((films, LATENT_COMPONENTS), generator=random) * 2 - 1
        with self._device.autocast():
            drawn: torch.Tensor = self._generator(latents.to(self._device.device))
        return drawn.float()

    def _levels(self, films: torch.Tensor, back: bool = False) -> list[torch.Tensor]:
        """What the backbone makes of films, and `back` again: on a CPU its gradients are quicker in float32."""
        with nullcontext() if back and self._device.device.type == "cpu" else self._device.autocast():
            return self._discriminator.levels(films)

    def _judge(self, levels: Sequence[torch.Tensor]) -> torch.Tensor:
        with self._device.autocast():
            return self._discriminator.judge(levels).float()

    @torch.no_grad()
    def _spread_of(self, films: Bytes) -> torch.Tensor:
        """The spread of real films by level, over some of them in random order."""
        random = np.random.default_rng(self._settings["seed"])
        some = films[random.permutation(len(films))[:_SPREAD_FILMS]]
        batches = (torch.from_numpy(some[start : start + _BATCH]) for start in range(0, len(some), _BATCH))
        prepared = (self._device.send(batch).float() / 127.5 - 1 for batch in batches)
        spreads = [spread(self._levels(batch)) * len(batch) for batch in prepared]
        return (torch.stack(spreads).sum(dim=0) / len(some)).clamp(min=_LEAST_SPREAD)

    @torch.no_grad()
    def _follow(self, steps: int) -> None:
        """Let the average follow the generator after so many steps."""
        batch = self._settings["batch"]
        half_life = min(self._settings["average_films"], _YOUNG * steps * batch)
        share = 1 - 0.5 ** (batch / half_life)
        for slow, fast in zip(self._average.parameters(), self._generator.parameters(), strict=True):
            slow.lerp_(fast, share)


def _batches(films: Bytes, batch: int, count: int, random: torch.Generator) -> Iterator[Bytes]:
    """So many batches of films: all of them in random order, and again; few films come several times in a batch."""
    passes = -(-count * batch // len(films))
    order = torch.cat([torch.randperm(len(films), generator=random) for _ in range(passes)]).numpy()
    for start in range(0, count * batch, batch):
        yield films[order[start : start + batch]]
