"""The films that a classifier learns from and is judged on, real and synthetic, all brought to one resolution.

The generator draws films of few pixels. Real films are brought to as many, so that sharpness does not tell the two
apart; what the comparison says holds for this resolution.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from radsieve.errors import InputError
from radsieve.generation.drawn_groups import DrawnGroup, FilmRows
from radsieve.generation.training_comparison import LabelledFeatures
from radsieve.generation_tables import TrainingArm
from radsieve.imaging.film_folders import formed
from radsieve.networks.classifier import Preprocessing

LEAST_FILMS = 4  # synthetic ones of each label, below which an arm would say nothing

Bytes = NDArray[np.uint8]
Flags = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pictures:
    """`films` (n, channels, pixels, pixels) with `labels` (n,) of 0 and 1 and `units` (n,), the numbers of patients."""

    films: Bytes
    labels: Flags
    units: Flags

    def take(self, rows: NDArray[np.integer]) -> "Pictures":
        """The films of `rows`."""
        return Pictures(self.films[rows], self.labels[rows], self.units[rows])

    def as_seen(self, features: Floats) -> LabelledFeatures:
        """The same films by their `features` (n, ...)."""
        return LabelledFeatures(features, self.labels, self.units)

    @property
    def fewest(self) -> int:
        """Number of films of the rarer label."""
        return _fewest(self.labels)


@dataclass(frozen=True)
class SyntheticPool:
    """Drawn films under one count of rows: `labels` (n,), and `valid` (n,), whether a film passed the screening."""

    films: FilmRows
    labels: Flags
    valid: NDArray[np.bool_]


@dataclass(frozen=True)
class Pools:
    """What synthetic films are drawn from, `count` for each training, and the arms `left_out`, with the reason.

    `screened` is None if its arm is left out.
    """

    synthetic: Pictures
    screened: Pictures | None
    count: int
    left_out: Mapping[str, str] = field(default_factory=dict)


def real_pictures(films: Bytes, rows: Flags, labels: Flags, units: Flags, pixels: int, folder: Path) -> Pictures:
    """Bring `rows` of the packed `films` in `folder` to `pixels` by pixels; `labels`, `units` are those of the rows.

    Raises InputError if the packed films are smaller: they would be less sharp than the drawn ones.
    """
    _, channels, height, _ = films.shape
    if height < pixels:
        raise InputError(
            f"{folder}: films of {height} pixels, but generation.pixels = {pixels}; lower it or raise pack_films.pixels"
        )
    return Pictures(np.stack([formed(films[row], pixels, channels) for row in rows]), labels, units)


def label_drawn(
    groups: Sequence[DrawnGroup], diseased: Collection[str], scored: pd.DataFrame, path: Path
) -> SyntheticPool:
    """Give the films of `groups` the label 1 if their group is `diseased`, and `valid` of `scored`, read from `path`.

    Raises InputError if all groups have one label, or a film has no scores.
    """
    labels = np.concatenate([np.full(len(one.names), int(one.group in diseased)) for one in groups])
    if len(set(labels.tolist())) < 2:
        known = ", ".join(one.group for one in groups)
        raise InputError(
            f"generation.diseased = {list(diseased)}: of the groups {known} some must be diseased and some not, "
            "since a classifier needs films of both labels"
        )
    valid = scored.set_index("film")["valid"].to_dict()
    names = [name for one in groups for name in one.names]
    if missing := [name for name in names if name not in valid]:
        raise InputError(
            f"{path}: no scores of {len(missing)} drawn films, such as {missing[0]}; run score_drawn again"
        )
    return SyntheticPool(FilmRows(groups), labels, np.array([valid[name] == 1 for name in names]))


def choose_pools(drawn: SyntheticPool, asked: int, pixels: int, channels: int, seed: int) -> Pools:
    """Choose what the trainings draw their synthetic films from: `asked` of each label, or all of fewer.

    A training draws `asked` films in all, half of them of each label: from twice as many, so that seeds differ. If the
    screened films do not suffice, every arm draws as many as they do, so that arms differ in nothing else; if there are
    fewer than LEAST_FILMS of a label, their arm is left out. Raises InputError if all films together are that few.
    """
    if (fewest := _fewest(drawn.labels)) < LEAST_FILMS:
        raise InputError(
            f"{fewest} drawn films of one label, but {LEAST_FILMS} of each are needed; raise draw_images.films"
        )

    def pool(rows: Flags, place: int) -> Pictures:
        chosen = rows[rows_of_each(drawn.labels[rows], asked, np.random.default_rng([seed, place]))]
        films = np.stack([formed(drawn.films[row], pixels, channels) for row in chosen])
        return Pictures(films, drawn.labels[chosen], np.arange(len(chosen)))

    everything = pool(np.arange(len(drawn.labels)), 0)
    if (passed := _fewest(drawn.labels[drawn.valid])) < LEAST_FILMS:
        reason = f"{passed} drawn films of one label passed the screening, but {LEAST_FILMS} of each are needed"
        return Pools(everything, None, 2 * min(asked // 2, fewest), {TrainingArm.WITH_SCREENED: reason})
    return Pools(everything, pool(np.flatnonzero(drawn.valid), 1), 2 * min(asked // 2, passed))


def rows_of_each(labels: Flags, most: int, random: np.random.Generator) -> Flags:
    """Return `most` rows of each label, or all of fewer, drawn by `random` and in mixed order."""
    chosen = []
    for label in (0, 1):
        rows = np.flatnonzero(labels == label)
        chosen.append(random.choice(rows, min(most, len(rows)), replace=False))
    return random.permutation(np.concatenate(chosen))


def prepared(films: Bytes, preprocessing: Preprocessing) -> Bytes:
    """Return `films` (n, channels, H, W) at the size of the network's input, where augmentation changes them."""
    numbers = preprocessing.prepare(torch.from_numpy(films))
    rounded: Bytes = (numbers * 255).round().to(torch.uint8).numpy()
    return rounded


def _fewest(labels: Flags) -> int:
    return int(np.bincount(labels, minlength=2).min())
