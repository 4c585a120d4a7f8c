"""The rows of a packed table as its profile takes them: columns by kind, units by number, and what it is told to do."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.tasks.settings import ProfileSettings
from radsieve.tasks.tables import TARGET, UNIT

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Profiled:
    """Rows of a packed table (see `radsieve.tasks.tables.packed`), their COLUMNS, and the settings of the profile."""

    rows: pd.DataFrame
    columns: pd.DataFrame
    settings: ProfileSettings

    @cached_property
    def kinds(self) -> dict[str, str]:
        """number, code or list of each column, in their order; the outcome, if there is one, comes first, as a code."""
        own = dict(zip(self.columns["column"], self.columns["kind"], strict=True))
        return ({TARGET: "code"} if TARGET in self.rows else {}) | own

    @cached_property
    def units(self) -> Integers:
        """The number of the unit of each row (n,), from 0."""
        return np.asarray(pd.factorize(self.rows[UNIT])[0], dtype=np.int64)

    @cached_property
    def unit_count(self) -> int:
        """How many units there are."""
        return int(self.units.max()) + 1

    @cached_property
    def first_of_unit(self) -> Flags:
        """Whether each row (n,) is the first one of its unit."""
        return ~self.rows[UNIT].duplicated().to_numpy()

    @cached_property
    def differing(self) -> dict[str, int]:
        """In how many units each column has several values, a missing one included."""
        if self.first_of_unit.all():
            return dict.fromkeys(self.kinds, 0)
        found = {}
        for name in self.kinds:
            pairs = pd.DataFrame({"unit": self.units, "value": self.values(name)}).drop_duplicates()
            found[name] = int((np.bincount(pairs["unit"]) > 1).sum())
        return found

    def values(self, name: str) -> pd.Series:
        """The values of a column: numbers with NaN, or texts that are empty where missing; the outcome as text."""
        return self.rows[name].astype(str) if name == TARGET else self.rows[name]

    @cached_property
    def known(self) -> dict[str, Flags]:
        """Where each column (n,) is not missing."""
        return {
            name: np.asarray(self.values(name).notna() if kind == "number" else self.values(name) != "", dtype=bool)
            for name, kind in self.kinds.items()
        }

    def items(self, name: str) -> pd.Series:
        """The items of each row in a column of lists."""
        return self.rows[name].map(lambda cell: json.loads(cell) if cell else [])

    def of_kind(self, *kinds: str) -> list[str]:
        """The columns of these kinds, in their order."""
        return [name for name, kind in self.kinds.items() if kind in kinds]


def profiled(rows: pd.DataFrame, columns: pd.DataFrame, settings: ProfileSettings, where: str) -> Profiled:
    """The packed `rows` and their COLUMNS, checked against `settings`.

    Raises InputError, which names the setting below `where`, for a column that is not there or of another kind, and if
    every unit has more rows than are tested.
    """
    found = Profiled(rows, columns, settings)
    if len(rows) > settings.tested_rows < np.bincount(found.units).min():
        raise InputError(f"{where}.tested_rows = {settings.tested_rows}: every unit has more rows; take more")
    target = [] if settings.target is None else [settings.target]
    for setting, names, kinds in (
        ("target", target, ("code",)),
        ("labels", settings.labels, ("code",)),
        ("correlated", settings.correlated, ("number",)),
        ("exploded", [] if settings.exploded is None else [settings.exploded], ("list",)),
        ("keys", [name for key in settings.keys for name in key], ("code", "number")),
    ):
        _check(f"{where}.{setting}", names, found.of_kind(*kinds), kinds)
    if settings.exploded is None and {"exploded", "exploded_twice"} & set(settings.protocols):
        raise InputError(f"{where}.exploded = none: name the column of lists that the protocols explode")
    return found


def _check(where: str, names: Iterable[str], allowed: list[str], kinds: tuple[str, ...]) -> None:
    if strange := [name for name in names if name not in allowed]:
        raise InputError(
            f"{where}: {', '.join(strange)} is no column with {' or '.join(f'{kind}s' for kind in kinds)} of the packed"
            f" table; there are {', '.join(allowed) or 'none'}"
        )
