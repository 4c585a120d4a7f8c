"""What every generator is to the pipeline: a map from latent vectors to images."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

LATENT_COMPONENTS = 128
_BLOCK = 32  # latents that a network takes at a time

Latents = npt.NDArray[np.float32]


class Generator(Protocol):
    """Generates images of `channels` channels and `pixels` height and width, each from its own latent vector alone."""

    channels: int
    pixels: int

    def generate(self, latents: Latents, group: str) -> npt.NDArray[np.uint8]:
        """Return the images (n, channels, pixels, pixels), 8 bits, of `latents` (n, 128) in [-1, 1] for a group."""
        ...


def sample_latents(images: int, seed: int, group: str) -> Latents:
    """Return the latents (images, 128) of a group: uniform in [-1, 1], the same for the same seed and name of the
    group.

    The first rows do not depend on how many are sampled.
    """
    rng = np.random.default_rng([seed, *group.encode()])
    return rng.uniform(-1, 1, (images, LATENT_COMPONENTS)).astype(np.float32)


def in_blocks(latents: Latents) -> Iterator[tuple[slice, Latents]]:
    """Yield `latents` (n, d) 32 at a time with their rows, the last block filled up by repeating its last latent.

    Sums are rounded differently in a batch of another size, and the image of a latent must not depend on the others in
    its batch.
    """
    for start in range(0, len(latents), _BLOCK):
        some = latents[start : start + _BLOCK]
        yield slice(start, start + len(some)), np.pad(some, ((0, _BLOCK - len(some)), (0, 0)), "edge")
