"""A table in one form: typed columns, an outcome of 0 and 1, unit and split of each row, and what was left out."""

import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.imaging.image_splits import divide, linked, patient_key
from radsieve.imaging.known_names import KnownNames
from radsieve.imaging.pseudonyms import UNKNOWN
from radsieve.settings import Splits
from radsieve.tables.images import Split
from radsieve.tables.spreadsheets import refuse_shortened
from radsieve.tasks.rows.reading import (
    HEADER_LINES,
    NOT_A_NUMBER,
    SHOWN,
    Reading,
    codebook,
    quarantine_table,
    read_columns,
    readings,
)
from radsieve.tasks.settings import TableSettings
from radsieve.tasks.tables import COLUMNS, ROW, ROW_COUNTS, SPLIT, TARGET, UNIT
from radsieve.text_files import NO_VALUE

_NAMED = 10  # values that the log names
_COMMA = re.compile(r"-?\d+,\d+")
_log = logging.getLogger(__name__)
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class PackedTable:
    """The rows (see `radsieve.tasks.tables.packed`), COLUMNS, CODEBOOK, ROW_COUNTS, ROW_QUARANTINE, and `metrics`."""

    rows: pd.DataFrame
    columns: pd.DataFrame
    codebook: pd.DataFrame
    counts: pd.DataFrame
    quarantine: pd.DataFrame
    metrics: dict[str, Any]


def pack(table: pd.DataFrame, settings: TableSettings, splits: Splits, name: str) -> PackedTable:
    """Bring `table`, every cell text, to the form that `settings`, pack_tables.<name>, describes.

    A row whose outcome is not known goes to quarantine, and one with a value that does not stand for what is missing
    and is, in a column of numbers, none, beyond 1e30 or outside of its range, or none of the known codes or levels.
    Units are those of `settings.unit`; rows without one, or with a code for none such as NA, are units of their own,
    or, where equal rows are taken for copies, one unit with the rows that equal them. Their split follows from `splits`
    and from what they hold, as that of images does.

    Raises InputError for a column of numbers most of whose values are none; for columns that are missing, named twice,
    or as the columns that are added; if none is known before the outcome; for values that are both positive and
    negative; and if no row is left, or no row of one class.
    """
    _check(table, settings, name)
    outcome = _outcome(table, settings, name)
    how = readings(settings)
    typed, faults = read_columns(table, how, settings.separator)
    _warn_of_codes(table, typed, faults, settings, name)
    _check_kinds(table, faults, name)
    if settings.target is not None:
        faults.insert(0, (settings.target, "outcome is not known", outcome.isna()))
    quarantine = quarantine_table(table, faults)
    kept = ~np.logical_or.reduce([np.zeros(len(table), dtype=bool), *(np.asarray(wrong) for _, _, wrong in faults)])
    if not kept.any():
        raise InputError(f"pack_tables.{name}: no row is left; the first fault: {_first(quarantine)}")
    frame = pd.DataFrame({column: typed[column] for column in table if column in typed})
    digests = _digests(table[kept])
    unit, split = _units(table[kept], digests, settings, splits)
    rows = frame[kept].reset_index(drop=True)
    line = np.flatnonzero(kept) + 1 + HEADER_LINES
    fixed = pd.DataFrame({ROW: line, UNIT: unit, SPLIT: [str(one) for one in split]})
    if settings.target is not None:
        fixed[TARGET] = outcome[kept].astype("int64").to_numpy()
        for label in (1, 0):
            if not (fixed[TARGET] == label).any():
                raise InputError(f"pack_tables.{name}: no row has the outcome {label}; see `positive` and `negative`")
    packed = pd.concat([fixed, rows], axis=1)
    return PackedTable(
        rows=packed,
        columns=_columns(rows, settings, how),
        codebook=codebook(how),
        counts=_counts(packed),
        quarantine=quarantine,
        metrics={
            **_metrics(packed, rows),
            "columns_left_out": len(set(table.columns) - set(rows.columns) - {settings.target, settings.unit}),
            "quarantined": len(quarantine),
            "codes_of_any_level": sum(one.kind == "code" and not one.levels for one in how),
            "equal_rows": int(digests.duplicated().sum()),
        },
    )


def _check(table: pd.DataFrame, settings: TableSettings, name: str) -> None:
    where = f"params.yaml, pack_tables.{name}"
    ordered = [column for one in settings.orders for column in one.columns]
    features = [*settings.numbers, *ordered, *settings.codes, *settings.lists, *settings.texts]
    named = [*features, *(one for one in (settings.target, settings.unit) if one is not None)]
    missing = [column for column in named if column not in table]
    if missing:
        raise InputError(f"{where}: the table has no column {', '.join(missing)}; there are {', '.join(table.columns)}")
    twice = sorted({column for column in features if features.count(column) > 1 or column == settings.target})
    if twice:
        raise InputError(
            f"{where}: {', '.join(twice)} may be named once: as a number, order, code, list, text, or the target"
        )
    if reserved := sorted({ROW, UNIT, SPLIT, TARGET} & set(features)):
        raise InputError(f"{where}: {', '.join(reserved)} is a name of the packed table; rename the column")
    if both_times := sorted(set(settings.at) & set(settings.after)):
        raise InputError(f"{where}: {', '.join(both_times)} is in both `at` and `after`; a column is known at one time")
    if settings.unit_pattern is not None:
        _check_pattern(settings.unit_pattern, f"{where}.unit_pattern", settings.unit)
    if settings.target is None and (settings.positive or settings.negative):
        raise InputError(f"{where}: without a target nothing is positive or negative; name the target")
    if not {*settings.numbers, *ordered, *settings.codes} - set(settings.after):
        raise InputError(f"{where}: no column of `numbers`, `orders` and `codes` is known before the outcome; name one")
    listed = {
        key: [column for one in getattr(settings, key) for column in one.columns]
        for key in ("levels", "ranges", "missing_numbers")
    }
    kinds = "`numbers`, `orders`, `codes`, `lists` or `texts`"
    for key, columns, allowed, lists in (
        ("at", settings.at, features, kinds),
        ("after", settings.after, features, kinds),
        ("levels", listed["levels"], settings.codes, "`codes`"),
        ("ranges", listed["ranges"], settings.numbers, "`numbers`"),
        ("missing_numbers", listed["missing_numbers"], settings.numbers, "`numbers`"),
    ):
        if strange := [column for column in columns if column not in allowed]:
            raise InputError(
                f"{where}.{key}: {', '.join(strange)} is not in {lists}; name it there, too, or leave it out"
            )
        if again := sorted({column for column in columns if list(columns).count(column) > 1}):
            raise InputError(f"{where}.{key}: {', '.join(again)} may be named once")
    for one in settings.ranges:
        if one.low > one.high:
            raise InputError(f"{where}.ranges: {', '.join(one.columns)}: low {one.low:g} is above high {one.high:g}")
    if both := set(settings.positive) & set(settings.negative):
        raise InputError(f"{where}: {', '.join(sorted(both))} is both positive and negative")
    if settings.target is not None and not settings.positive and not settings.negative:
        raise InputError(f"{where}: name the values that are positive, or those that are negative")


def _check_kinds(table: pd.DataFrame, faults: Sequence[tuple[str, str, pd.Series]], name: str) -> None:
    """A column of numbers that holds texts in most of its cells is rather one of codes."""
    for column, reason, wrong in faults:
        given = int((table[column] != "").sum())
        if reason == NOT_A_NUMBER and 2 * int(wrong.sum()) > given:
            value = str(table.loc[wrong, column].iloc[0])[:SHOWN]
            advice = "write decimals with a point" if _COMMA.fullmatch(value) else "is it one of `codes`?"
            raise InputError(
                f"params.yaml, pack_tables.{name}.numbers: {wrong.sum()} of {given} values of {column} are no numbers"
                f" (the first: {value!r}); {advice}"
            )


def _warn_of_codes(
    table: pd.DataFrame,
    typed: Mapping[str, pd.Series],
    faults: Sequence[tuple[str, str, pd.Series]],
    settings: TableSettings,
    name: str,
) -> None:
    """Say which cells of numbers are also codes for what is missing, if they count: 99 may be an age. What is missing
    by `missing_numbers` and what is out of its range do not count."""
    numbers = pd.to_numeric(pd.Series(settings.missing_codes), errors="coerce").dropna()
    for column in settings.numbers:
        wrong = [np.asarray(rows) for at, _, rows in faults if at == column]
        counted = typed[column].notna() & ~np.logical_or.reduce([np.zeros(len(table), dtype=bool), *wrong])
        codes = typed[column][counted & typed[column].isin(numbers)]
        for code, count in codes.map("{:g}".format).value_counts().sort_index().items():
            _log.warning(
                "pack_tables.%s.missing_codes: %s stands %d times in %s, where it counts as a number; if it is missing"
                " there, name it in `missing_numbers`",
                *(name, code, count, column),
            )


def _check_pattern(text: str, where: str, unit: str | None) -> None:
    try:
        groups = re.compile(text).groups
    except re.error as error:
        raise InputError(f"{where} = {text!r}: not a regular expression: {error}") from None
    if groups != 1:
        raise InputError(f"{where} = {text!r}: needs one pair of parentheses, around what names the unit")
    if unit is None:
        raise InputError(f"{where} = {text!r}: name the column `unit` in which it is searched for")


def _outcome(table: pd.DataFrame, settings: TableSettings, name: str) -> pd.Series:
    """1, 0, or NaN where the outcome is not known."""
    if settings.target is None:
        return pd.Series(np.nan, index=table.index)
    known = KnownNames([*settings.positive, *settings.negative])
    values = table[settings.target].map({cell: known.meant(cell) or cell for cell in table[settings.target].unique()})
    positive, negative = values.isin(settings.positive), values.isin(settings.negative)
    given = ~values.str.lower().isin(NO_VALUE) & ~values.isin(settings.missing_codes)
    if not settings.positive:
        positive = ~negative & given
    if not settings.negative:
        negative = ~positive & given
    _tell_outcomes(table[settings.target], values, settings, name)
    return pd.Series(np.select([positive, negative], [1.0, 0.0], np.nan), index=values.index)


def _tell_outcomes(written: pd.Series, values: pd.Series, settings: TableSettings, name: str) -> None:
    """Say in the log which cells are taken for another spelling, and which values for the outcome that is not named."""
    named = {*settings.positive, *settings.negative}
    pairs = {(cell, value) for cell, value in zip(written, values, strict=True) if cell != value}
    if others := [f"{cell!r} for {value!r}" for cell, value in sorted(pairs)]:
        _log.warning("pack_tables.%s: outcomes taken for one: %s", name, ", ".join(others[:_NAMED]))
    rest = values[~values.isin(named) & ~values.str.lower().isin(NO_VALUE) & ~values.isin(settings.missing_codes)]
    found = list(rest.value_counts().items())
    if not (settings.positive and settings.negative) and len(found) > 1:
        counts = ", ".join(f"{value!r} ({count})" for value, count in found[:_NAMED])
        key = "negative" if settings.positive else "positive"
        _log.warning("pack_tables.%s.%s names none: all others are taken for it: %s", name, key, counts)


def _first(quarantine: pd.DataFrame) -> str:
    row = quarantine.iloc[0]
    return f"line {row['line']}, column {row['column']}: {row['reason']}: {row['value']!r}"


def _digests(table: pd.DataFrame) -> pd.Series:
    """A text for each row, the same where all cells are."""
    cells = zip(*(table[column].tolist() for column in table), strict=True)
    joined = ("\x1f".join(row).encode("utf-8", "surrogatepass") for row in cells)
    return pd.Series([hashlib.sha256(one).hexdigest() for one in joined], dtype=object)


def _units(
    table: pd.DataFrame, digests: pd.Series, settings: TableSettings, splits: Splits
) -> tuple[list[str], list[Split]]:
    """The unit and the split of each row, from its unit as named, or from the digest of its cells."""
    apart, together = digests, [""] * len(table)
    if settings.equal_rows == "together":
        together = digests.tolist()
    else:
        apart = digests + " " + digests.groupby(digests).cumcount().astype(str)
    named = [""] * len(table)
    if settings.unit is not None:
        refuse_shortened(table[settings.unit], settings.unit, settings.table)
        keys = {one: patient_key(_matched(one, settings.unit_pattern)) for one in table[settings.unit].unique()}
        named = ["" if key in UNKNOWN else key for key in table[settings.unit].map(keys)]
    atoms = [f"unit {one}" if one else f"row {digest}" for one, digest in zip(named, apart, strict=True)]
    division = divide(linked(atoms, together), atoms, splits)
    return division.unit, division.split


def _matched(value: str, pattern: str | None) -> str:
    """What the parentheses of `pattern` match in `value`; empty if nothing does; `value` without a pattern."""
    if pattern is None:
        return value
    found = re.search(pattern, value)
    return (found[1] or "") if found else ""


def _columns(rows: pd.DataFrame, settings: TableSettings, how: Sequence[Reading]) -> pd.DataFrame:
    kinds = {one.column: "number" if one.kind == "order" else one.kind for one in how}
    table = [
        (
            column,
            kinds[str(column)],
            "after" if column in settings.after else "at" if column in settings.at else "before",
            int((absent := values.isna() if kinds[str(column)] == "number" else values == "").sum()),
            int(values[~absent].nunique()),
        )
        for column, values in rows.items()
    ]
    return pd.DataFrame(table, columns=list(COLUMNS.columns))


def _counts(rows: pd.DataFrame) -> pd.DataFrame:
    counted = [
        (str(split), len(of), of[UNIT].nunique(), _positive(of))
        for split in Split
        if len(of := rows[rows[SPLIT] == split])
    ]
    return pd.DataFrame(counted, columns=list(ROW_COUNTS.columns))


def _positive(rows: pd.DataFrame) -> int:
    return int(rows[TARGET].sum()) if TARGET in rows else 0


def _metrics(packed: pd.DataFrame, rows: pd.DataFrame) -> dict[str, Any]:
    contradicting: pd.Series = pd.Series(dtype="int64")
    if TARGET in packed:
        repeated = rows.duplicated(keep=False)
        contradicting = packed[repeated].groupby(list(rows.columns), dropna=False)[TARGET].nunique()
    return {
        "rows": len(packed),
        "units": int(packed[UNIT].nunique()),
        "positive": _positive(packed),
        "columns": len(rows.columns),
        "equal_predictors_other_outcome": int((contradicting > 1).sum()),
    }
