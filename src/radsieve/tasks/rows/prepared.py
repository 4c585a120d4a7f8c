"""What makes numbers of the columns of rows, once it is fitted, in plain values that can be written and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.compose import ColumnTransformer

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PreparedNumber:
    """A number: what takes the place of a missing one (None: the column was empty, and is left out), the mean and the
    scale, and those of the column that marks missing ones, if there were any.
    """

    column: str
    median: float | None
    centre: float
    scale: float
    mark: tuple[float, float] | None


@dataclass(frozen=True)
class PreparedCode:
    """A code: the levels that have a column each, and whether all others share one."""

    column: str
    levels: tuple[str, ...]
    others: bool


@dataclass(frozen=True)
class Prepared:
    """What `radsieve.tasks.rows.models.preparation` has learnt from rows, and does to others."""

    numbers: tuple[PreparedNumber, ...]
    codes: tuple[PreparedCode, ...]

    @property
    def width(self) -> int:
        """How many columns it makes."""
        numbers = sum((one.median is not None) + (one.mark is not None) for one in self.numbers)
        return numbers + sum(len(one.levels) + one.others for one in self.codes)

    def transform(self, rows: Mapping[str, pd.Series]) -> Floats:
        """The prepared rows (n, width) of columns of numbers, NaN where missing, and of codes."""
        given = {one.column: np.asarray(rows[one.column], dtype=float) for one in self.numbers}
        parts: list[Floats] = []
        for one in self.numbers:
            if one.median is not None:
                values = given[one.column]
                parts.append((np.where(np.isnan(values), one.median, values) - one.centre) / one.scale)
        for one in self.numbers:
            if one.mark is not None:
                centre, scale = one.mark
                parts.append((np.isnan(given[one.column]) - centre) / scale)
        for code in self.codes:
            values = np.asarray(rows[code.column], dtype=object)
            parts += [(values == level).astype(float) for level in code.levels]
            if code.others:
                parts.append(np.asarray(~np.isin(values, np.array(code.levels, dtype=object)), dtype=float))
        return np.column_stack(parts) if parts else np.empty((0, 0))

    def card(self) -> dict[str, Any]:
        """The same in lists and mappings, as JSON has them."""
        numbers = [vars(one) | {"mark": None if one.mark is None else list(one.mark)} for one in self.numbers]
        return {"numbers": numbers, "codes": [vars(one) | {"levels": list(one.levels)} for one in self.codes]}

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> "Prepared":
        """What `card` has written, checked by the schema of a model's card."""
        numbers = [
            PreparedNumber(**{**one, "mark": None if one["mark"] is None else tuple(one["mark"])})
            for one in card["numbers"]
        ]
        codes = [PreparedCode(**{**one, "levels": tuple(one["levels"])}) for one in card["codes"]]
        return cls(tuple(numbers), tuple(codes))


def prepared(fitted: ColumnTransformer) -> Prepared:
    """What a fitted `preparation` has learnt."""
    steps = {name: (step, list(columns)) for name, step, columns in fitted.transformers_ if name != "remainder"}
    numbers: list[PreparedNumber] = []
    codes: list[PreparedCode] = []
    if "numbers" in steps:
        step, columns = steps["numbers"]
        imputer, scaler = (part for _, part in step.steps)
        numbers = _numbers(imputer, scaler, columns)
    if "codes" in steps:
        step, columns = steps["codes"]
        rare = step.infrequent_categories_
        for column, levels, others in zip(columns, step.categories_, rare, strict=True):
            apart = set() if others is None else set(others)
            own = tuple(str(level) for level in levels if level not in apart)
            codes.append(PreparedCode(column, own, others is not None))
    return Prepared(tuple(numbers), tuple(codes))


def _numbers(imputer: Any, scaler: Any, columns: Sequence[str]) -> list[PreparedNumber]:
    """The columns of an imputer come first in its output, without empty ones, and then those that mark missing ones."""
    medians = [None if np.isnan(value) else float(value) for value in imputer.statistics_]
    marked = [int(place) for place in imputer.indicator_.features_]
    kept = [place for place, value in enumerate(medians) if value is not None]
    scales = list(zip(map(float, scaler.mean_), map(float, scaler.scale_), strict=True))
    of_number = dict(zip(kept, scales[: len(kept)], strict=True))
    of_mark = dict(zip(marked, scales[len(kept) :], strict=True))
    return [
        PreparedNumber(column, medians[place], *of_number.get(place, (0.0, 1.0)), of_mark.get(place))
        for place, column in enumerate(columns)
    ]
