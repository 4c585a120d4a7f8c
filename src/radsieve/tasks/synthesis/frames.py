"""A table of real or synthetic rows as generators see it: numbers and codes, the outcome among the codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.tasks.tables import TARGET

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_ROOT_HALF = 0.5**0.5  # of a level's column: two rows of different levels are 1 apart


@dataclass(frozen=True)
class Frame:
    """rows: numbers as float with NaN where missing, codes as text, empty where missing; the outcome is the last column
    and a code, "0" or "1". `units` (n,) says whose a row is; synthetic rows are each a unit of their own.
    """

    rows: pd.DataFrame
    numbers: tuple[str, ...]
    units: Integers

    @classmethod
    def of(cls, packed: pd.DataFrame, columns: pd.DataFrame, units: Integers) -> "Frame":
        """The columns of COLUMNS of packed rows, and their outcome."""
        names = columns["column"].tolist()
        rows = packed[names].assign(**{TARGET: packed[TARGET].astype(str)}).reset_index(drop=True)
        return cls(rows, tuple(columns.loc[columns["kind"] == "number", "column"]), units)

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, the outcome last."""
        return tuple(map(str, self.rows.columns))

    @property
    def codes(self) -> tuple[str, ...]:
        """The columns that are no numbers, the outcome last."""
        return tuple(name for name in self.names if name not in self.numbers)

    @property
    def truth(self) -> Integers:
        """The outcome (n,), 0 or 1."""
        return np.asarray(self.rows[TARGET] == "1", dtype=np.int64)

    def taken(self, places: npt.NDArray[np.integer]) -> "Frame":
        """Some of the rows."""
        return replace(self, rows=self.rows.iloc[places].reset_index(drop=True), units=self.units[places])

    def with_rows(self, rows: pd.DataFrame) -> "Frame":
        """Synthetic rows of the same columns."""
        ordered = rows[list(self.rows.columns)].reset_index(drop=True)
        return replace(self, rows=ordered, units=np.arange(len(rows), dtype=np.int64))


@dataclass(frozen=True)
class Space:
    """The space in which rows have distances, the Euclidean ones: numbers by their standard deviation in some rows, the
    median in place of a missing one and 1 apart from all that are known; codes 1 apart unless they are equal.
    """

    middle: pd.Series
    spread: pd.Series
    levels: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, frame: Frame) -> "Space":
        """The space of the rows of `frame`."""
        numbers = frame.rows[list(frame.numbers)]
        spread = numbers.std().fillna(0)
        levels = {name: sorted(frame.rows[name].unique()) for name in frame.codes}
        return cls(numbers.median().fillna(0), spread.where(spread > 0, 1.0), levels)

    def points(self, frame: Frame) -> Floats:
        """The places (n, d) of the rows; a level that is not among those of the space is at none of its axes."""
        numbers = frame.rows[list(frame.numbers)]
        parts = [((numbers.fillna(self.middle) - self.middle) / self.spread).to_numpy(float)]
        parts.append(numbers.isna().to_numpy(float))
        for name, levels in self.levels.items():
            values = frame.rows[name].to_numpy()
            parts.append(np.column_stack([(values == level) * _ROOT_HALF for level in levels]))
        return np.hstack(parts)


def synthetic_seed(seed: int, *places: int) -> np.random.Generator:
    """Random numbers for one of many draws."""
    return np.random.default_rng([seed, *places])
