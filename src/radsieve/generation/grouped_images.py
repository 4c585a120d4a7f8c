"""The images of one group of a pack, by split and at the size that a generator makes."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from radsieve import tables
from radsieve.errors import InputError
from radsieve.imaging.packs import read_packed
from radsieve.imaging.rendering import formed
from radsieve.prefilter.latents.latent_table import LatentTable, from_scored
from radsieve.screening.tables import SCORED_LATENTS
from radsieve.settings import Generation
from radsieve.stats.distances import MIN_POINTS
from radsieve.tables.images import Split

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class GroupedImages:
    """`images` (n, channels, pixels, pixels), their `names` and the numbers of their `units` (n,), which are not
    independent within one, all by split: train, validation, test.
    """

    images: Mapping[Split, Bytes]
    names: Mapping[Split, list[str]]
    units: Mapping[Split, npt.NDArray[np.int64]]

    @property
    def held_out(self) -> Bytes:
        """The images of the test split, which chose nothing: those of validation chose the round of the generator."""
        return self.images[Split.TEST]

    @property
    def held_out_names(self) -> list[str]:
        """The names of the images of the test split."""
        return self.names[Split.TEST]

    def digest(self) -> str:
        """SHA-256 of the form and the pixels of the images that are trained on."""
        images = self.images[Split.TRAIN]
        return hashlib.sha256(repr(images.shape).encode() + images.tobytes()).hexdigest()


@dataclass(frozen=True)
class ScoredGroup:
    """A group: its `scored` latents, to which its sieve is fitted, and its `real` images.

    `diseased` says whether good images of it must look diseased.
    """

    name: str
    diseased: bool
    scored: LatentTable
    real: GroupedImages


def read_scored_groups(scored: Path, folder: Path, table_path: Path, generation: Generation) -> Iterator[ScoredGroup]:
    """Yield the groups of the section `generation`, with their rows of the table SCORED_LATENTS at `scored` and the
    images that `read_group` reads.

    Raises InputError as `read_group` does, and for a group that is not in `scored`.
    """
    latents = from_scored(tables.read(SCORED_LATENTS, scored))
    for name in generation.groups:
        real = read_group(folder, table_path, name, generation.pixels)
        yield ScoredGroup(name, name in generation.diseased, latents.of(name), real)


def read_group(folder: Path, table_path: Path, group: str, pixels: int) -> GroupedImages:
    """Read the images of `group` from the pack in `folder` and its table PACKED_IMAGES, and bring them to `pixels` by
    pixels.

    Raises InputError if the two do not belong together, the packed images are smaller than `pixels`, there is no such
    group, or a split has fewer than three of its images.
    """
    pack, table = read_packed(folder, table_path)
    _, channels, height, _ = pack.images.shape
    if height < pixels:
        raise InputError(
            f"{folder}: images of {height} pixels, but train_gan.pixels "
            f"= {pixels}; lower it or raise pack_images.pixels"
        )
    found, names, units = {}, {}, {}
    numbers = np.unique(table["unit"], return_inverse=True)[1]
    for split in Split:
        rows = np.flatnonzero((table["group"] == group) & (table["split"] == split))
        if len(rows) < MIN_POINTS:
            groups = ", ".join(repr(name) for name in sorted(set(table["group"])))
            raise InputError(
                f"{table_path}: {len(rows)} images of group '{group}' in "
                f"the {split} split, but {MIN_POINTS} are needed; "
                f"its groups are {groups}; see generation.groups and pack_images.gan.group"
            )
        found[split] = np.stack([formed(pack.images[row], pixels, channels) for row in rows])
        names[split] = table["image"].iloc[rows].tolist()
        units[split] = numbers[rows]
    return GroupedImages(found, names, units)
