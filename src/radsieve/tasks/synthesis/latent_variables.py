"""Variables behind the columns of a table, of which generators draw, and rows made of what was drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr, ndtri

from radsieve.tasks.synthesis.frames import Floats, Frame, Integers


@dataclass(frozen=True)
class Latent:
    """A variable behind which a normal one is thought: its different values in ascending order, the probability up to
    each, and the place (n,) of each row's value, -1 where it is missing.
    """

    levels: npt.NDArray[np.object_]
    up_to: Floats
    place: Integers

    @classmethod
    def of(cls, column: npt.NDArray[np.object_], ordered: Sequence[object]) -> "Latent":
        """That behind a `column` (n,), whose different values are `ordered`."""
        number = {value: place for place, value in enumerate(ordered)}
        place = np.array([number.get(value, -1) for value in column], dtype=np.int64)
        counts = np.bincount(place[place >= 0], minlength=len(ordered))
        up_to = np.cumsum(counts) / max(counts.sum(), 1)
        return cls(np.array(ordered, dtype=object), up_to, place)

    @property
    def scores(self) -> Floats:
        """The normal quantile in the middle of the probability of each value."""
        middle = self.up_to - np.diff(self.up_to, prepend=0) / 2
        return np.asarray(ndtri(np.clip(middle, 1e-9, 1 - 1e-9)))

    def drawn(self, normal: Floats) -> npt.NDArray[np.object_]:
        """The values behind which these normal ones are."""
        place = np.minimum(np.searchsorted(self.up_to, ndtr(normal)), len(self.levels) - 1)
        return np.asarray(self.levels[place], dtype=object)


def latents_of(real: Frame) -> dict[object, Latent]:
    """Those of all columns, and of whether a number is missing where some are; codes in the order of the outcome."""
    found: dict[object, Latent] = {}
    for name in real.names:
        column = real.rows[name]
        if name in real.numbers:
            found[name] = Latent.of(column.to_numpy(object), sorted(column.dropna().unique()) or [np.nan])
            if column.isna().any() and column.notna().any():
                found[name, "missing"] = Latent.of(np.asarray(column.isna(), dtype=object), [False, True])
        else:
            shares = pd.Series(real.truth).groupby(column.to_numpy()).mean()
            in_order = [level for _, level in sorted((share, str(level)) for level, share in shares.items())]
            found[name] = Latent.of(column.to_numpy(object), in_order)
    return found


def rows_of(drawn: Mapping[object, npt.NDArray[np.object_]], real: Frame) -> pd.DataFrame:
    """Rows with the columns of `real`, from the values (n,) drawn for each key of `latents_of`."""
    columns = {}
    for name in real.rows:
        column = pd.Series(drawn[name])
        if (name, "missing") in drawn:
            column = column.where(~drawn[name, "missing"].astype(bool))
        columns[name] = column.astype(float) if name in real.numbers else column.astype(str)
    return pd.DataFrame(columns)
