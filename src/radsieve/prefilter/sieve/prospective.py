"""The prospective check: new images, scored, from latents that a sieve accepts and from unsieved latents.

No latent of either arm has been sampled before: the name of its arm is part of the seed. What the sieve's card expects
is then compared with what was observed.
"""

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.generators.distributions import UNIFORM
from radsieve.generators.interface import LATENT_COMPONENTS, Generator, Latents, sample_latents
from radsieve.prefilter.sieve.sieve import Sieve
from radsieve.prefilter.tables import CHECKED_IMAGES, Arm
from radsieve.progress import track

Bytes = npt.NDArray[np.uint8]
Features = npt.NDArray[np.floating[Any]]

_MAX_SAMPLED = 100_000  # latents sampled for each image before a sieve is said to accept nothing
_MAX_COMPARED = 2_000  # good images of an arm whose features are kept: pairs of them are compared


@dataclass(frozen=True)
class Chosen:
    """Latents (n, d) to generate images from, their probability (n,) of a good image, and whether the sieve accepts
    each.

    `sampled` is how many latents were sampled to get them.
    """

    latents: Latents
    probability: npt.NDArray[np.float64]
    accepted: npt.NDArray[np.bool_]
    sampled: int


def choose_unsieved(sieve: Sieve, images: int, seed: int, group: str) -> Chosen:
    """Sample the latents of so many images of a group and accept them all."""
    latents = sample_latents(images, seed, f"{group} {Arm.UNSIEVED}")
    return Chosen(latents, sieve.probability(latents), sieve.accept(latents), images)


def choose_sieved(sieve: Sieve, images: int, seed: int, group: str) -> Chosen:
    """Sample latents until the sieve has accepted those of so many images of a group.

    Raises InputError if it accepts less than one in a hundred thousand.
    """
    own = np.random.SeedSequence([seed, *f"{group} {Arm.SIEVED}".encode()]).generate_state(1)
    latents: list[Latents] = []
    probability: list[npt.NDArray[np.floating[Any]]] = []
    sampled = 0
    for found in sieve.sample(images * _MAX_SAMPLED, int(own[0])):
        wanted = images - sum(map(len, latents))
        latents.append(found.latents[:wanted])
        probability.append(found.probability[:wanted])
        if wanted <= len(found.latents):
            sampled = int(found.number[wanted - 1]) + 1
            break
    else:
        raise InputError(
            f"the sieve of {sieve.group} accepts less than one latent in {_MAX_SAMPLED:,}: no image is generated"
        )
    every = np.concatenate(probability).astype(float)
    return Chosen(np.concatenate(latents), every, np.ones(images, bool), sampled)


CHOOSE: dict[str, Callable[[Sieve, int, int, str], Chosen]] = {Arm.UNSIEVED: choose_unsieved, Arm.SIEVED: choose_sieved}


class HasScoresAndFeatures(Protocol):
    """The scores and features of n images."""

    @property
    def scores(self) -> pd.DataFrame:
        """The columns `valid` and SCORES, a row for each image."""
        ...

    @property
    def features(self) -> Mapping[str, Features]:
        """Descriptions (n, k) of the images by the name of their space."""
        ...


@dataclass
class ArmRecord:
    """The results of the images of an arm: a row for each, some to show, and the features of the good ones.

    Of each group the first `maximum` images are shown. `sampled` counts the latents sampled for them all, and `seconds`
    is the time that it took, latents and predictor included, for the log alone.
    """

    name: str
    maximum: int
    sampled: int = 0
    seconds: float = 0.0
    shown: list[tuple[Bytes, dict[Hashable, Any]]] = field(default_factory=list)
    _rows: list[pd.DataFrame] = field(default_factory=list)
    _features: dict[str, list[Features]] = field(default_factory=dict)

    def generate(
        self,
        group: str,
        chosen: Chosen,
        batch: int,
        generator: Generator,
        score: Callable[[Bytes], HasScoresAndFeatures],
    ) -> None:
        """Let the generator produce images of `chosen` for a group, `batch` at a time, and score them."""
        self.sampled += chosen.sampled
        for start in track(range(0, len(chosen.latents), batch), f"generating {self.name} images", unit="batch"):
            rows = slice(start, start + batch)
            images = generator.generate(chosen.latents[rows], group)
            scored = score(images)
            names = [f"{self.name}/{group}/{start + number:05}" for number in range(len(images))]
            known = {"image": names, "arm": self.name, "group": group}
            evaluated = {"probability": chosen.probability[rows], "accepted": chosen.accepted[rows].astype(int)}
            table = pd.concat([pd.DataFrame(known | evaluated), scored.scores], axis=1)
            self._rows.append(table)
            self.shown += zip(images[: max(self.maximum - start, 0)].copy(), table.to_dict("records"), strict=False)
            for space, values in scored.features.items():
                kept = self._features.setdefault(space, [])
                good = values[scored.scores["valid"].to_numpy() == 1]
                kept.append(good[: _MAX_COMPARED - sum(map(len, kept))])

    def seconds_per_good(self) -> str:
        """The time for each good image, in words."""
        good = int(self.images["valid"].sum())
        return f"{self.seconds / good:.2f} s per good image" if good else f"no good image in {self.seconds:.1f} s"

    @property
    def images(self) -> pd.DataFrame:
        """CHECKED_IMAGES of the arm."""
        return pd.concat(self._rows, ignore_index=True)[list(CHECKED_IMAGES.columns)]

    @property
    def features(self) -> dict[str, Features]:
        """The features (n, k) of the good images, at most the first 2,000, by space."""
        return {space: np.concatenate(parts) for space, parts in self._features.items()}


def generate_arms(
    sieve: Sieve,
    images: Mapping[str, int],
    generator: Generator,
    scorers: Mapping[Arm, Callable[[Bytes], HasScoresAndFeatures]],
    batch: int,
    grid_images: int,
    seed: int,
) -> dict[Arm, ArmRecord]:
    """Generate so many `images` of each group in both arms, `batch` at a time, and score them.

    At most `grid_images` of each arm are shown, equally many of each group, rounded up. Raises InputError if the sieve
    accepts hardly anything, and if it is for other latents than those of the generators.
    """
    if (sieve.components, sieve.distribution) != (LATENT_COMPONENTS, UNIFORM):
        raise InputError(
            f"the sieve of {sieve.group} is for latents of {sieve.components} components, {sieve.distribution.words}; "
            f"the generators that can be run here take {LATENT_COMPONENTS}, {UNIFORM.words}: set check_sieve.group to "
            f"none, and try results/sieve_latents/{sieve.group}/accepted.parquet with the generator it is for"
        )
    arms = {name: ArmRecord(name, -(-grid_images // len(images))) for name in Arm}
    for group, count in track(images.items(), "checking", total=len(images), unit="group"):
        for name, arm in arms.items():
            begin = time.perf_counter()
            arm.generate(group, CHOOSE[name](sieve, count, seed, group), batch, generator, scorers[name])
            arm.seconds += time.perf_counter() - begin
    return arms


def images_by_group(sieve_group: str, groups: Sequence[str], images: int) -> dict[str, int]:
    """Share `images` out over the generator's `groups`; all to the group for which the sieve was made if it is one of
    them."""
    chosen = [sieve_group] if sieve_group in groups else list(groups)
    each, more = divmod(images, len(chosen))
    return {group: count for place, group in enumerate(chosen) if (count := each + (place < more))}
