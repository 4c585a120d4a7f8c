"""Time the training of a generator, and the generation of its images: the plain method against ours."""

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
from network_methods import AMX, REDUCED, THREADS, Method, table

from radsieve import params
from radsieve.files import write_text
from radsieve.generation.gan.training import TrainedGenerator, gan_card, train_generator
from radsieve.generators.interface import sample_latents
from radsieve.generators.residual import generator_of
from radsieve.networks.backbones import Lite0
from radsieve.networks.device import Device

PARAMS = Path(__file__).parents[1] / "params.yaml"
OF_REAL_IMAGES = {"pixels": 64, "width": 16, "batch": 16}  # as in the preset chest-loop
IMAGES = 256  # to learn from


@dataclass(frozen=True)
class GeneratorMethod(Method):
    """The frozen network of the discriminator may be folded, and images may be generated in batches."""

    folded: bool = False
    batch: int = 1


@dataclass(frozen=True)
class LaidOut(Device):
    """A device whose weights and images have the memory layout of a method."""

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
    parser.add_argument("--latents", type=int, default=1000, help="images to generate (default: %(default)s)")
    args = parser.parse_args()
    report = "\n".join(tables(args.steps, args.latents, args.rounds))
    write_text(args.out, report + "\n")
    print(report)


def tables(steps: int, latents: int, rounds: int) -> Iterator[str]:
    """Yield the lines of the report."""
    pixels, width, batch = OF_REAL_IMAGES.values()
    yield f"""## Generator: training, and images generated from latents

Images of {pixels}x{pixels} pixels, width {width}, batches of {batch}, {THREADS} threads, {rounds} interleaved rounds,
medians, each method in a process of its own. A step is one of the generator and one of the discriminator, which sees
images through a frozen network, whose gradients are computed in float32 in all methods. {steps} steps, setting the
networks up included; {latents:,} images generated. Each method has all changes of those above it; {AMX}"""
    methods = [GeneratorMethod("plain: float32, contiguous, the frozen network as it was published")]
    methods.append(replace(methods[-1], name="channels_last", channels_last=True))
    methods += [replace(methods[-1], name="bfloat16", precision=dtype) for dtype in REDUCED]
    methods.append(replace(methods[-1], name="batch normalisations folded into the convolutions", folded=True))
    methods.append(replace(methods[-1], name="freed memory kept by the C library", memory_kept=True))
    yield from table("training", methods, partial(learn, steps=steps), steps, rounds, "steps")
    methods = [GeneratorMethod("plain: one latent at a time")]
    methods.append(replace(methods[-1], name="batches of 64", batch=64))
    methods.append(replace(methods[-1], name="inference_mode, as the stages generate", inference_mode=True))
    methods.append(replace(methods[-1], name="channels_last", channels_last=True))
    methods.append(replace(methods[-1], name="freed memory kept by the C library", memory_kept=True))
    yield from table("generation", methods, partial(generate, count=latents), latents, rounds)


def learn(method: GeneratorMethod, steps: int) -> float:
    """Seconds of so many steps, and of setting the networks up."""
    settings = params.load(PARAMS).train_gan.model_copy(update={**OF_REAL_IMAGES, "steps": steps, "rounds": 1})
    images = np.random.default_rng(0).integers(0, 255, (IMAGES, 1, settings.pixels, settings.pixels), np.uint8)
    device = LaidOut(torch.device("cpu"), method.precision, method.layout)
    as_it_was = mock.patch.object(Lite0, "folded", lambda network: network.eval())
    with tempfile.TemporaryDirectory() as folder, contextlib.nullcontext() if method.folded else as_it_was:
        start = time.perf_counter()
        train_generator(
            images, gan_card(images, settings, "any"), settings, device, Path(folder) / "state", lambda _: {"fid": 0.0}
        )
        return time.perf_counter() - start


def generate(method: GeneratorMethod, count: int) -> float:
    """Seconds to generate so many images."""
    device = LaidOut(torch.device("cpu"), method.precision, method.layout)
    card: dict[str, Any] = {"channels": 1, **OF_REAL_IMAGES}
    torch.manual_seed(0)
    network, latents = device.place(generator_of(card)), sample_latents(count, 0, "any")
    start = time.perf_counter()
    if method.inference_mode:
        TrainedGenerator(network, device)(latents)
    else:
        for batch in torch.split(torch.from_numpy(latents), method.batch):
            ((network(batch).clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).detach().numpy()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
