"""How the cells of each column of a table are read: as numbers, levels in an order, codes, lists or texts; what stands
for what is missing, and what cannot be.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from radsieve.tasks.settings import TableSettings
from radsieve.tasks.tables import CODEBOOK, ROW_QUARANTINE
from radsieve.text_files import SPREADSHEET_ERRORS, composed

Fault = tuple[str, str, pd.Series]  # a column, what is wrong in it, and in which rows

NOT_A_NUMBER = "not a number"
HEADER_LINES = 1
SHOWN = 40  # signs of a value that cannot be used
_DECIMAL_COMMA, _POINT = r"[+-]?\d+,\d+", r"[+-]?(\d*\.\d+|\d+\.).*"
_THOUSANDS = r"[+-]?[1-9]\d{0,2}(,\d{3})+"
_log = logging.getLogger(__name__)
_GREATEST = 1e30  # of a number: the square of one must be finite, also in single precision of a scaled one


@dataclass(frozen=True)
class Reading:
    """How a column is read: its `kind` of CODEBOOK, the values that stand for what is `missing` besides none (those of
    numbers however they are written), the `levels` that it may have (none: any), those of an order from low to high,
    and the `limits` of numbers.
    """

    column: str
    kind: str
    missing: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    limits: tuple[float, float] | None = None


def readings(settings: TableSettings) -> list[Reading]:
    """How each column of the settings is read."""
    missing, found = settings.missing_codes, []
    words = tuple(code for code in missing if not np.isfinite(pd.to_numeric(code, errors="coerce")))
    numbers = {
        column: tuple(np.format_float_positional(value, trim="-") for value in one.numbers)
        for one in settings.missing_numbers
        for column in one.columns
    }
    limits = {column: (one.low, one.high) for one in settings.ranges for column in one.columns}
    known = {column: one.levels for one in settings.levels for column in one.columns}
    for column in settings.numbers:
        found.append(Reading(column, "number", words + numbers.get(column, ()), limits=limits.get(column)))
    found += [Reading(name, "order", missing, levels=one.levels) for one in settings.orders for name in one.columns]
    found += [Reading(column, "code", missing, levels=known.get(column, ())) for column in settings.codes]
    found += [Reading(column, "list", missing) for column in settings.lists]
    return found + [Reading(column, "text", missing) for column in settings.texts]


def read_columns(
    table: pd.DataFrame, how: Sequence[Reading], separator: str = ";"
) -> tuple[dict[str, pd.Series], list[Fault]]:
    """The columns of `table`, every cell text, as `how` says, and what is wrong in which rows.

    Numbers are NaN where missing, and so are orders, of which the lowest level is 1; codes and texts are empty; lists
    (their items between each `separator`) are JSON, or empty.
    """
    found: dict[str, pd.Series] = {}
    faults: list[Fault] = []
    for one in how:
        cells = table[one.column]
        if one.kind != "number":
            cells = cells.map({cell: composed(cell) for cell in cells.unique()})
        given = (cells != "") & ~cells.isin(one.missing)
        if one.kind == "number":
            found[one.column], wrong = _numbers(cells, given, one)
            faults += wrong
            continue
        faults.append((one.column, "error of a spreadsheet", given & cells.isin(SPREADSHEET_ERRORS)))
        if one.levels:
            what = "unknown level" if one.kind == "order" else "unknown code"
            faults.append((one.column, what, given & ~cells.isin(set(map(composed, one.levels)))))
        if one.kind == "order":
            place = {composed(level): float(number) for number, level in enumerate(one.levels, start=1)}
            found[one.column] = cells.where(given).map(place).astype(float)
        elif one.kind == "list":
            found[one.column] = cells.where(given, "").map(lambda cell: _items(cell, separator))
        else:
            found[one.column] = cells.where(given, "")
    faults += [(one.column, "empty row", (table == "").all(axis=1)) for one in how[:1]]  # as below a sheet
    return found, faults


def _numbers(cells: pd.Series, given: pd.Series, how: Reading) -> tuple[pd.Series, Iterator[Fault]]:
    values = pd.to_numeric(_with_points(cells.where(given, "")), errors="coerce")
    missing = values.isin(pd.to_numeric(pd.Series(how.missing), errors="coerce").dropna())
    wrong = {
        NOT_A_NUMBER: given & ~np.isfinite(values),
        "beyond 1e30": values.abs() >= _GREATEST,
    }
    if how.limits is not None:
        low, high = how.limits
        wrong[f"outside of {low:g} to {high:g}"] = given & ~missing & ~values.between(low, high)
    return values.where(~missing), ((how.column, reason, rows) for reason, rows in wrong.items())


def _with_points(cells: pd.Series) -> pd.Series:
    """Cells with points in place of decimal commas, which the log tells, if no number of this column has a point and no
    comma may divide thousands."""
    by_comma = cells.str.fullmatch(_DECIMAL_COMMA)
    if not by_comma.any() or (cells.str.fullmatch(_POINT) | cells.str.fullmatch(_THOUSANDS)).any():
        return cells
    told = "%s: %d numbers are read with a decimal comma, such as %s; if these are several codes, name it in `lists`"
    _log.warning(told, cells.name, by_comma.sum(), cells[by_comma].iloc[0])
    return cells.where(~by_comma, cells.str.replace(",", ".", regex=False))


def _items(cell: str, separator: str) -> str:
    """The items of a cell, each once, as JSON; empty if there are none."""
    items = dict.fromkeys(one for part in cell.split(separator) if (one := part.strip()))
    return json.dumps(list(items), ensure_ascii=False) if items else ""


def quarantine_table(table: pd.DataFrame, faults: Sequence[Fault]) -> pd.DataFrame:
    """ROW_QUARANTINE: the first fault of each row that has one, in the order of the lines."""
    found: dict[int, tuple[str, str, str]] = {}
    for column, reason, wrong in faults:
        for place in np.flatnonzero(wrong):
            found.setdefault(int(place), (column, reason, str(table[column].iloc[place])[:SHOWN]))
    rows = [(place + 1 + HEADER_LINES, *found[place]) for place in sorted(found)]
    return pd.DataFrame(rows, columns=list(ROW_QUARANTINE.columns))


def codebook(how: Sequence[Reading]) -> pd.DataFrame:
    """CODEBOOK of the columns."""
    table = [
        (one.column, one.kind, _written(one.missing), _written(one.levels)) + (one.limits or (np.nan, np.nan))
        for one in how
    ]
    return pd.DataFrame(table, columns=list(CODEBOOK.columns))


def from_codebook(table: pd.DataFrame) -> list[Reading]:
    """What `codebook` has written as CODEBOOK."""
    return [
        Reading(
            column=str(row["column"]),
            kind=str(row["kind"]),
            missing=_read(row["missing"]),
            levels=_read(row["levels"]),
            limits=None if np.isnan(row["low"]) else (float(row["low"]), float(row["high"])),
        )
        for row in table.to_dict("records")
    ]


def _written(values: Sequence[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False) if values else ""


def _read(text: str) -> tuple[str, ...]:
    return tuple(map(str, json.loads(text))) if text else ()
