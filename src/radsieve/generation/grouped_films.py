"""The films of one group of a pack, by part and at the size that a generator draws."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from radsieve import tables
from radsieve.errors import InputError
from radsieve.generation.distances import LEAST_POINTS
from radsieve.imaging.film_folders import formed
from radsieve.imaging.packs import read_pack
from radsieve.screening_tables import FILMS, Split

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class GroupedFilms:
    """`films` (n, channels, pixels, pixels) and their `names`, both by part: train, validation, test."""

    films: Mapping[Split, Bytes]
    names: Mapping[Split, list[str]]

    @property
    def held_back(self) -> Bytes:
        """The films that are not trained on."""
        return np.concatenate([self.films[Split.VALIDATION], self.films[Split.TEST]])

    @property
    def held_back_names(self) -> list[str]:
        """The names of the films that are not trained on."""
        return [*self.names[Split.VALIDATION], *self.names[Split.TEST]]

    def digest(self) -> str:
        """SHA-256 of the form and the pixels of the films that are trained on."""
        films = self.films[Split.TRAIN]
        return hashlib.sha256(repr(films.shape).encode() + films.tobytes()).hexdigest()


def read_group(folder: Path, table_path: Path, group: str, pixels: int) -> GroupedFilms:
    """Read the films of `group` from the pack in `folder` and its table FILMS, and bring them to `pixels` by pixels.

    Raises InputError if the two do not belong together, the packed films are smaller than `pixels`, there is no such
    group, or a part has fewer than three of its films.
    """
    pack, table = read_pack(folder), tables.read(FILMS, table_path)
    if pack.names != table["film"].tolist():
        raise InputError(f"{table_path}: its films are not those of {folder}, row by row; run pack_films again")
    _, channels, height, _ = pack.films.shape
    if height < pixels:
        raise InputError(
            f"{folder}: films of {height} pixels, but train_gan.pixels = {pixels}; lower it or raise pack_films.pixels"
        )
    found, names = {}, {}
    for part in Split:
        rows = np.flatnonzero((table["group"] == group) & (table["part"] == part))
        if len(rows) < LEAST_POINTS:
            groups = ", ".join(repr(name) for name in sorted(set(table["group"])))
            raise InputError(
                f"{table_path}: {len(rows)} films of group '{group}' in part {part}, but {LEAST_POINTS} are needed; "
                f"its groups are {groups}; see generation.groups and pack_films.gan.group"
            )
        found[part] = np.stack([formed(pack.films[row], pixels, channels) for row in rows])
        names[part] = table["film"].iloc[rows].tolist()
    return GroupedFilms(found, names)
