"""The images that a classifier learns from and is evaluated on, real and synthetic, all brought to one resolution.

The generator makes images of few pixels. Real images are brought to as many, so that sharpness does not distinguish the
two; the result of the comparison holds for this resolution.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from radsieve.errors import InputError
from radsieve.generation.generated_groups import GeneratedGroup, ImageRows
from radsieve.generation.tables import TrainingArm
from radsieve.generation.training_use.comparison import LabelledFeatures
from radsieve.imaging.rendering import formed
from radsieve.networks.classifier import Preprocessing
from radsieve.screening.classifiers.labelled_images import LabelledImages
from radsieve.tables.images import Split

MIN_IMAGES = 4  # synthetic ones of each label, below which an arm would say nothing

Bytes = NDArray[np.uint8]
Flags = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LabelledSet:
    """`images` (n, channels, pixels, pixels), `labels` (n,) of 0 and 1, and `units` (n,), their numbers."""

    images: Bytes
    labels: Flags
    units: Flags

    def take(self, rows: NDArray[np.integer]) -> "LabelledSet":
        """The images of `rows`."""
        return LabelledSet(self.images[rows], self.labels[rows], self.units[rows])

    def as_seen(self, features: Floats) -> LabelledFeatures:
        """The same images by their `features` (n, ...)."""
        return LabelledFeatures(features, self.labels, self.units)

    @property
    def fewest(self) -> int:
        """Number of images of the rarer label."""
        return _fewest(self.labels)


@dataclass(frozen=True)
class SyntheticPool:
    """Generated images under one count of rows: `labels` (n,), and `valid` (n,), whether an image passed all scores."""

    images: ImageRows
    labels: Flags
    valid: NDArray[np.bool_]


@dataclass(frozen=True)
class Pools:
    """What synthetic images are drawn from, `count` for each training, and the arms `left_out`, with the reason.

    `screened` is None if its arm is left out.
    """

    synthetic: LabelledSet
    screened: LabelledSet | None
    count: int
    left_out: Mapping[str, str] = field(default_factory=dict)


def real_set(images: Bytes, rows: Flags, labels: Flags, units: Flags, pixels: int, folder: Path) -> LabelledSet:
    """Bring `rows` of the packed `images` in `folder` to `pixels` by pixels; `labels`, `units` are those of the rows.

    Raises InputError if the packed images are smaller: they would be less sharp than the generated ones.
    """
    _, channels, height, _ = images.shape
    if height < pixels:
        raise InputError(
            f"{folder}: images of {height} pixels, but generation.pixels "
            f"= {pixels}; lower it or raise pack_images.pixels"
        )
    return LabelledSet(np.stack([formed(images[row], pixels, channels) for row in rows]), labels, units)


def real_sets(packed: LabelledImages, pixels: int, folder: Path) -> tuple[LabelledSet, LabelledSet]:
    """Return the training and the test split of the images packed in `folder`, as `real_set` gives them."""
    train, test = (
        real_set(packed.pack.images, rows, packed.truth[rows], packed.units(rows), pixels, folder)
        for rows in (packed.rows(Split.TRAIN), packed.rows(Split.TEST))
    )
    return train, test


def label_generated(
    groups: Sequence[GeneratedGroup], diseased: Collection[str], scored: pd.DataFrame, path: Path
) -> SyntheticPool:
    """Give the images of `groups` the label 1 if their group is `diseased`, and `valid` of `scored`, read from `path`.

    Raises InputError if all groups have one label, or an image has no scores.
    """
    labels = np.concatenate([np.full(len(one.names), int(one.group in diseased)) for one in groups])
    if len(set(labels.tolist())) < 2:
        known = ", ".join(one.group for one in groups)
        raise InputError(
            f"generation.diseased = {list(diseased)}: of the groups {known} some must be diseased and some not, "
            "since a classifier needs images of both labels"
        )
    valid = scored.set_index("image")["valid"].to_dict()
    names = [name for one in groups for name in one.names]
    if missing := [name for name in names if name not in valid]:
        raise InputError(
            f"{path}: no scores of {len(missing)} generated images, such as {missing[0]}; run score_samples again"
        )
    return SyntheticPool(ImageRows(groups), labels, np.array([valid[name] == 1 for name in names]))


def choose_pools(generated: SyntheticPool, asked: int, pixels: int, channels: int, seed: int) -> Pools:
    """Choose the images from which the trainings draw their synthetic ones: `asked` of each label, or all if fewer.

    A training draws `asked` images in all, half of them of each label: from twice as many, so that seeds differ. If
    there are too few screened images, every arm draws as many as there are of them, so that arms differ in nothing
    else; if there are fewer than MIN_IMAGES of a label, their arm is left out. Raises InputError if all images together
    are that few.
    """
    if (fewest := _fewest(generated.labels)) < MIN_IMAGES:
        raise InputError(
            f"{fewest} generated images of one label, but {MIN_IMAGES} "
            "of each are needed; raise generate_samples.images"
        )

    def pool(rows: Flags, place: int) -> LabelledSet:
        chosen = rows[rows_of_each(generated.labels[rows], asked, np.random.default_rng([seed, place]))]
        images = np.stack([formed(generated.images[row], pixels, channels) for row in chosen])
        return LabelledSet(images, generated.labels[chosen], np.arange(len(chosen)))

    everything = pool(np.arange(len(generated.labels)), 0)
    if (passed := _fewest(generated.labels[generated.valid])) < MIN_IMAGES:
        reason = f"{passed} generated images of one label passed the screening, but {MIN_IMAGES} of each are needed"
        return Pools(everything, None, 2 * min(asked // 2, fewest), {TrainingArm.WITH_SCREENED: reason})
    return Pools(everything, pool(np.flatnonzero(generated.valid), 1), 2 * min(asked // 2, passed))


def rows_of_each(labels: Flags, maximum: int, random: np.random.Generator) -> Flags:
    """Return `maximum` rows of each label, or all if there are fewer, drawn by `random` and in mixed order."""
    chosen = []
    for label in (0, 1):
        rows = np.flatnonzero(labels == label)
        chosen.append(random.choice(rows, min(maximum, len(rows)), replace=False))
    return random.permutation(np.concatenate(chosen))


def prepared(images: Bytes, preprocessing: Preprocessing) -> Bytes:
    """Return `images` (n, channels, H, W) at the size of the network's input, where augmentation changes them."""
    numbers = preprocessing.prepare(torch.from_numpy(images))
    rounded: Bytes = (numbers * 255).round().to(torch.uint8).numpy()
    return rounded


def _fewest(labels: Flags) -> int:
    return int(np.bincount(labels, minlength=2).min())
