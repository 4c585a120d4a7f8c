"""Texts that a spreadsheet would take for a formula, and run, have an apostrophe before them in every CSV: cells, and
names of columns."""

import re
from collections.abc import Callable

import pandas as pd

from radsieve.errors import InputError

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FIRST = {*_FORMULA, "'"}
_SHORTENED = re.compile(r"\d([.,]\d+)?[Ee]\+\d+")  # as a spreadsheet shows a long number: 1.23E+15
_HARMLESS = re.compile(r"[+-](\d+([.,]\d*)?(e[+-]?\d+)?|inf|nan)?", re.IGNORECASE)  # a number, or a sign alone


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula, and before what would look so guarded."""
    if text[:1] not in _FIRST or not text.lstrip("'").startswith(_FORMULA) or _HARMLESS.fullmatch(text):
        return text
    return f"'{text}"


def unguarded(text: str) -> str:
    """Take back the apostrophe of `guarded`."""
    return text[1:] if text[:1] == "'" and text.lstrip("'").startswith(_FORMULA) else text


def refuse_shortened(names: pd.Series, column: str, source: object) -> None:
    """Raise InputError if one of the `names` in a `column` of the table `source` is a number that a spreadsheet has
    shortened, so that nobody can tell whose it was."""
    if len(shortened := names[names.map(lambda name: bool(_SHORTENED.fullmatch(name)))]):
        raise InputError(
            f"{source}: column {column!r}: {shortened.iloc[0]} is a number that a spreadsheet has shortened, which may"
            " stand for several; store the column as text from the first source"
        )


def guarded_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return `table` with its texts `guarded`, as it is written to a CSV."""
    return _mapped(table, guarded)


def unguarded_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return a `table` that was read from a CSV with its texts as they were."""
    return _mapped(table, unguarded)


def _mapped(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    texts = table.select_dtypes(["object", "string", "category"])
    changed = {
        str(name): column.map(lambda value: change(value) if isinstance(value, str) else value)
        for name, column in texts.items()
        if column.map(lambda value: isinstance(value, str) and value[:1] in _FIRST).any()
    }
    return table.assign(**changed).rename(columns=lambda name: change(name) if isinstance(name, str) else name)
