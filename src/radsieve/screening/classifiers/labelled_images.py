"""A packed set of images of two labels."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.errors import InputError
from radsieve.imaging.packs import Pack, read_packed
from radsieve.tables.images import Split

Flags = NDArray[np.int64]


@dataclass(frozen=True)
class LabelledImages:
    """A pack, its table PACKED_IMAGES, and `truth` (n,): 1 where the label is `positive`, 0 where it is `negative`."""

    pack: Pack
    table: pd.DataFrame
    truth: Flags
    negative: str
    positive: str

    def rows(self, *splits: str) -> NDArray[np.int64]:
        """The rows of the images of `splits` (train, validation, test)."""
        return np.flatnonzero(self.table["split"].isin(splits))

    def units(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Numbers of the units of `rows`, which no fold and no resample divides."""
        return pd.factorize(self.table["unit"].iloc[rows])[0].astype(np.int64)

    def form(self) -> dict[str, Any]:
        """What a card must say of the images and labels."""
        _, channels, height, _ = self.pack.images.shape
        labels = {"positive": self.positive, "negative": self.negative}
        return {"pixels": height, "channels": channels, **self.pack.shown.card(), **labels}


def read_labelled(folder: Path, table_path: Path, positive: str, parameter: str) -> LabelledImages:
    """Read the pack in `folder` and its table. `parameter` is the name of the setting of `positive`, in messages.

    Raises InputError if the two do not belong together, if there are not two labels, `positive` one of them, or if a
    split has images of one label only.
    """
    pack, table = read_packed(folder, table_path)
    labels = sorted(set(table["label"]))
    if len(labels) != 2 or positive not in labels:
        found = ", ".join(map(repr, labels)) or "none"
        raise InputError(
            f"{table_path}: needs images of two labels, one of them {parameter} = {positive!r}; its labels are {found}"
        )
    truth = (table["label"] == positive).to_numpy().astype(np.int64)
    for split in Split:
        images = truth[table["split"] == split]
        if len(set(images)) < 2:
            only = f"only images labelled {labels[0] if positive == labels[1] else labels[1]}"
            only = "no images" if not len(images) else f"only images labelled {positive}" if images[0] else only
            raise InputError(f"{table_path}: {only} in the {split} split; give more images, or set another splits.seed")
    negative = next(label for label in labels if label != positive)
    return LabelledImages(pack, table, truth, negative, positive)
