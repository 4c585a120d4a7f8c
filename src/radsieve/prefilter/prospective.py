"""The prospective check: films from latents that a sieve accepts and from latents as they come, both fresh and scored.

No latent of either arm has been drawn before: the name of its arm is part of the seed. What the sieve's card promises
is then held to what came.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.generators.interface import Generator, Latents, draw_latents
from radsieve.prefilter.sieve import Sieve
from radsieve.prefilter_tables import CHECKED_FILMS, Arm

Bytes = npt.NDArray[np.uint8]
Features = npt.NDArray[np.floating[Any]]

_MOST_DRAWN = 100_000  # latents drawn for each film before a sieve is said to accept nothing
_MOST_COMPARED = 2_000  # good films of an arm whose features are kept: pairs of them are compared


@dataclass(frozen=True)
class Chosen:
    """Latents (n, 128) to draw films from, their probability (n,) of a good film, and whether the sieve accepts each.

    `drawn` is how many latents were drawn to get them.
    """

    latents: Latents
    probability: npt.NDArray[np.float64]
    accepted: npt.NDArray[np.bool_]
    drawn: int


def choose_unsieved(sieve: Sieve, films: int, seed: int, group: str) -> Chosen:
    """Draw the latents of so many films of a group and take them all."""
    latents = draw_latents(films, seed, f"{group} {Arm.UNSIEVED}")
    return Chosen(latents, sieve.probability(latents), sieve.accept(latents), films)


def choose_sieved(sieve: Sieve, films: int, seed: int, group: str) -> Chosen:
    """Draw latents until the sieve has accepted those of so many films of a group.

    Raises InputError if it accepts less than one in a hundred thousand.
    """
    own = np.random.SeedSequence([seed, *f"{group} {Arm.SIEVED}".encode()]).generate_state(1)
    latents: list[Latents] = []
    probability: list[npt.NDArray[np.floating[Any]]] = []
    drawn = 0
    for found in sieve.draw(films * _MOST_DRAWN, int(own[0])):
        wanted = films - sum(map(len, latents))
        latents.append(found.latents[:wanted])
        probability.append(found.probability[:wanted])
        if wanted <= len(found.latents):
            drawn = int(found.number[wanted - 1]) + 1
            break
    else:
        raise InputError(
            f"the sieve of {sieve.group} accepts less than one latent in {_MOST_DRAWN:,}: no film is drawn"
        )
    every = np.concatenate(probability).astype(float)
    return Chosen(np.concatenate(latents), every, np.ones(films, bool), drawn)


CHOOSE: dict[str, Callable[[Sieve, int, int, str], Chosen]] = {Arm.UNSIEVED: choose_unsieved, Arm.SIEVED: choose_sieved}


class HasScoresAndFeatures(Protocol):
    """What is said of n films."""

    @property
    def scores(self) -> pd.DataFrame:
        """The columns `valid` and SCORES, a row for each film."""
        ...

    @property
    def features(self) -> Mapping[str, Features]:
        """Descriptions (n, k) of the films by the name of their space."""
        ...


@dataclass
class ArmRecord:
    """What is kept of the films of an arm: a row for each, some to show, and the features of the good ones.

    Of each group the first `most` films are shown. `drawn` counts the latents drawn for them all.
    """

    name: str
    most: int
    drawn: int = 0
    shown: list[tuple[Bytes, dict[Hashable, Any]]] = field(default_factory=list)
    _rows: list[pd.DataFrame] = field(default_factory=list)
    _features: dict[str, list[Features]] = field(default_factory=dict)

    def draw(
        self,
        group: str,
        chosen: Chosen,
        batch: int,
        generator: Generator,
        score: Callable[[Bytes], HasScoresAndFeatures],
    ) -> None:
        """Let the generator draw films of `chosen` for a group, `batch` at a time, and score them."""
        self.drawn += chosen.drawn
        for start in range(0, len(chosen.latents), batch):
            rows = slice(start, start + batch)
            films = generator.draw(chosen.latents[rows], group)
            scored = score(films)
            names = [f"{self.name}/{group}/{start + number:05}" for number in range(len(films))]
            known = {"film": names, "arm": self.name, "group": group}
            judged = {"probability": chosen.probability[rows], "accepted": chosen.accepted[rows].astype(int)}
            table = pd.concat([pd.DataFrame(known | judged), scored.scores], axis=1)
            self._rows.append(table)
            self.shown += zip(films[: max(self.most - start, 0)].copy(), table.to_dict("records"), strict=False)
            for space, values in scored.features.items():
                kept = self._features.setdefault(space, [])
                good = values[scored.scores["valid"].to_numpy() == 1]
                kept.append(good[: _MOST_COMPARED - sum(map(len, kept))])

    @property
    def films(self) -> pd.DataFrame:
        """CHECKED_FILMS of the arm."""
        return pd.concat(self._rows, ignore_index=True)[list(CHECKED_FILMS.columns)]

    @property
    def features(self) -> dict[str, Features]:
        """The features (n, k) of the good films, of the first 2,000 at the most, by space."""
        return {space: np.concatenate(parts) for space, parts in self._features.items()}


def films_by_group(sieve_group: str, groups: Sequence[str], films: int) -> dict[str, int]:
    """Share `films` out over the generator's `groups`; all to the group that the sieve was made for if it is one."""
    drawn = [sieve_group] if sieve_group in groups else list(groups)
    each, more = divmod(films, len(drawn))
    return {group: count for place, group in enumerate(drawn) if (count := each + (place < more))}
