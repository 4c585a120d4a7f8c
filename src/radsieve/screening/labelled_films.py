"""A packed set of films of two labels, one of which is the positive one, and its parts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve import tables
from radsieve.errors import InputError
from radsieve.imaging.packs import Pack, read_pack
from radsieve.screening_tables import FILMS, Split

Flags = NDArray[np.int64]


@dataclass(frozen=True)
class LabelledFilms:
    """A pack, its table FILMS, and `truth` (n,): 1 where the label is `positive`, 0 where it is `negative`."""

    pack: Pack
    table: pd.DataFrame
    truth: Flags
    negative: str
    positive: str

    def rows(self, *parts: str) -> NDArray[np.int64]:
        """The rows of the films of `parts` (train, validation, test)."""
        return np.flatnonzero(self.table["part"].isin(parts))

    def patients(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Numbers of the patients of `rows`."""
        return pd.factorize(self.table["patient"].iloc[rows])[0].astype(np.int64)

    def form(self) -> dict[str, Any]:
        """What a card must say of the films and labels."""
        _, channels, height, _ = self.pack.films.shape
        return {"pixels": height, "channels": channels, "positive": self.positive, "negative": self.negative}


def read_labelled(folder: Path, table_path: Path, positive: str, parameter: str) -> LabelledFilms:
    """Read the pack in `folder` and its table. `parameter` names what `positive` was set by, in messages.

    Raises InputError if the two do not belong together, if there are not two labels, `positive` one of them, or if a
    part has films of one label only.
    """
    pack = read_pack(folder)
    table = tables.read(FILMS, table_path)
    if table["film"].tolist() != pack.names:
        raise InputError(f"{table_path}: not the films of {folder} in their order; run stage pack_films again")
    labels = sorted(set(table["label"]))
    if len(labels) != 2 or positive not in labels:
        found = ", ".join(map(repr, labels)) or "none"
        raise InputError(
            f"{table_path}: needs films of two labels, one of them {parameter} = {positive!r}; its labels are {found}"
        )
    truth = (table["label"] == positive).to_numpy().astype(np.int64)
    for part in Split:
        films = truth[table["part"] == part]
        if len(set(films)) < 2:
            only = f"only films labelled {labels[0] if positive == labels[1] else labels[1]}"
            only = "no films" if not len(films) else f"only films labelled {positive}" if films[0] else only
            raise InputError(f"{table_path}: {only} in part {part}; give more films, or set another pack_films.seed")
    negative = next(label for label in labels if label != positive)
    return LabelledFilms(pack, table, truth, negative, positive)
