"""Time the training of a generator, and the drawing of its films: the plain way against ours."""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
from network_ways import AMX, REDUCED, THREADS, Way, table

from radsieve import params
from radsieve.files import write_text
from radsieve.generation.gan_training import Drawer, gan_card, train_generator
from radsieve.generators.interface import draw_latents
from radsieve.generators.residual import generator_of
from radsieve.networks.backbones import Lite0
from radsieve.networks.device import Device

PARAMS = Path(__file__).parents[1] / "params.yaml"
OF_REAL_FILMS = {"pixels": 64, "width": 16, "batch": 16}  # as in the preset chest-loop
FILMS = 256  # to learn from


@dataclass(frozen=True)
class GeneratorWay(Way):
    """The frozen network of the discriminator may be folded, films may be drawn many at a time."""

    folded: bool = False
    batch: int = 1


@dataclass(frozen=True)
class LaidOut(Device):
    """A device whose weights and films lie in memory as a way wants them."""

    layout: torch.memory_format

    def place(self, module: torch.nn.Module) -> torch.nn.Module:
        """See `Device`."""
        return module.to(memory_format=self.layout)

    def send(self, batch: torch.Tensor) -> torch.Tensor:
        """See `Device`."""
        return batch.contiguous(memory_format=self.layout)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="Markdown file for the tables")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=40, help="steps of a training (default: %(default)s)")
    parser.add_argument("--latents", type=int, default=1000, help="films to draw (default: %(default)s)")
    args = parser.parse_args()
    report = "\n".join(tables(args.steps, args.latents, args.rounds))
    write_text(args.out, report + "\n")
    print(report)


def tables(steps: int, latents: int, rounds: int) -> Iterator[str]:
    """Yield the lines of the report."""
    pixels, width, batch = OF_REAL_FILMS.values()
    yield f"""## Generator: training, and films drawn of latents

Films of {pixels}x{pixels} pixels, width {width}, batches of {batch}, {THREADS} threads, {rounds} interleaved rounds,
medians, each way in a process of its own. A step is one of the generator and one of the discriminator, which sees films
through a frozen network, whose gradients are of float32 in all ways. {steps} steps, setting the networks up included;
{latents:,} films drawn. Each way has all changes of those above it; {AMX}"""
    ways = [GeneratorWay("plain: float32, contiguous, the frozen network as it was published")]
    ways.append(replace(ways[-1], name="channels_last", channels_last=True))
    ways += [replace(ways[-1], name="bfloat16", precision=dtype) for dtype in REDUCED]
    ways.append(replace(ways[-1], name="batch normalisations folded into the convolutions", folded=True))
    ways.append(replace(ways[-1], name="freed memory kept by the C library", memory_kept=True))
    yield from table("training", ways, partial(learn, steps=steps), steps, rounds, "steps")
    ways = [GeneratorWay("plain: one latent at a time")]
    ways.append(replace(ways[-1], name="batches of 64", batch=64))
    ways.append(replace(ways[-1], name="inference_mode, as the stages draw", inference_mode=True))
    ways.append(replace(ways[-1], name="channels_last", channels_last=True))
    ways.append(replace(ways[-1], name="freed memory kept by the C library", memory_kept=True))
    yield from table("drawing", ways, partial(draw, count=latents), latents, rounds)


def learn(way: GeneratorWay, steps: int) -> float:
    """Seconds of so many steps, and of setting the networks up."""
    settings = params.load(PARAMS)["train_gan"] | OF_REAL_FILMS | {"steps": steps, "rounds": 1}
    films = np.random.default_rng(0).integers(0, 255, (FILMS, 1, settings["pixels"], settings["pixels"]), np.uint8)
    device = LaidOut(torch.device("cpu"), way.precision, way.layout)
    as_it_was = mock.patch.object(Lite0, "folded", lambda network: network.eval())
    with tempfile.TemporaryDirectory() as folder, contextlib.nullcontext() if way.folded else as_it_was:
        start = time.perf_counter()
        train_generator(
            films, gan_card(films, settings, "any"), settings, device, Path(folder) / "state", lambda _: {"fid": 0.0}
        )
        return time.perf_counter() - start


def draw(way: GeneratorWay, count: int) -> float:
    """Seconds to draw so many films."""
    device = LaidOut(torch.device("cpu"), way.precision, way.layout)
    card: dict[str, Any] = {"channels": 1, **OF_REAL_FILMS}
    torch.manual_seed(0)
    network, latents = device.place(generator_of(card)), draw_latents(count, 0, "any")
    start = time.perf_counter()
    if way.inference_mode:
        Drawer(network, device)(latents)
    else:
        for batch in torch.split(torch.from_numpy(latents), way.batch):
            ((network(batch).clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).detach().numpy()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
