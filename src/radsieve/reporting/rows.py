"""The cells of tables: what each column shows, what it is sorted by, and rows that wait as text for the script."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from radsieve.numbers import ShownEstimate, is_p_value, show, show_alike, show_p, visible, with_minus

_IDENTITIES = ("file_id", "item", "image")
_DIGEST = re.compile("[0-9a-f]{64}(:[0-9a-f]{32})?")
_TOTALS = ("all", "total", "sum")


@dataclass(frozen=True)
class Cell:
    """What a table shows; for numbers, what it is sorted by; for shortened identities, the whole; for estimates, the
    interval."""

    text: str
    order: str = ""
    whole: str = ""
    interval: str = ""


def cells(column: pd.Series) -> list[Cell]:
    """What a table shows of `column`, row by row."""
    if _is_estimate(column):
        return [_estimate_cell(value) for value in column]
    if is_number(column):
        texts = _number_texts(column)
        orders = ["" if pd.isna(value) else repr(float(value)) for value in column]
        return [Cell(text, order) for text, order in zip(texts, orders, strict=True)]
    if column.name in _IDENTITIES:
        return [
            Cell(f"{text[:12]}…", whole=text) if _DIGEST.fullmatch(text) else Cell(visible(text)) for text in column
        ]
    return [Cell(show(value)) for value in column]


def _number_texts(column: pd.Series) -> list[str]:
    if is_p_value(column.name):
        return [show_p(float(value)) for value in column]
    return (
        show_alike(column.astype(float)) if pd.api.types.is_float_dtype(column) else [show(value) for value in column]
    )


def _estimate_cell(estimate: ShownEstimate | float) -> Cell:
    if not isinstance(estimate, ShownEstimate) or math.isnan(estimate.value):
        return Cell(show(None))
    return Cell(estimate.text, repr(estimate.value), interval=estimate.interval)


def is_number(column: pd.Series) -> bool:
    """Whether `column` is set as numbers are: to the right, and sorted by value."""
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    return numeric or _is_estimate(column)


def _is_estimate(column: pd.Series) -> bool:
    return column.dtype == object and any(isinstance(value, ShownEstimate) for value in column)


def totals_of(frame: pd.DataFrame) -> pd.Series:
    """Which rows sum up the others: the one whose first column is `all`, `total` or `sum`, if just one is."""
    first = frame.iloc[:, 0].astype(str).str.lower() if frame.shape[1] else pd.Series(dtype=str)
    found = first.isin(_TOTALS)
    return found if found.sum() == 1 and len(frame) > 2 else pd.Series(False, index=frame.index)


def encoded(rows: Sequence[Sequence[Cell]], limit: int) -> tuple[str, int]:
    """As many of `rows` as JSON as `limit` bytes hold, and how many they are.

    A cell is its text, or a list of text, order, interval and whole if the text alone does not tell them. Text and
    interval have minus signs, as the page has.
    """
    lines: list[str] = []
    size = 0
    for row in rows:
        line = json.dumps([_compact(cell) for cell in row], ensure_ascii=False, separators=(",", ":"))
        size += len(line.encode()) + 1
        if size > limit:
            break
        lines.append(line)
    # "<" would let text end the script element that holds the rows
    return (f"[{','.join(lines)}]".replace("<", "\\u003c") if lines else "", len(lines))


def _compact(cell: Cell) -> str | list[str]:
    text = with_minus(cell.text)
    if not cell.interval and not cell.whole and cell.order == _implied(cell.text):
        return text
    parts = [text, f"{float(cell.order):.6g}" if cell.order else "", with_minus(cell.interval), cell.whole]
    while not parts[-1]:
        parts.pop()
    return parts


def _implied(text: str) -> str:
    """What the script sorts a number by that it knows by its text alone."""
    try:
        return repr(float(text.replace(",", "")))
    except ValueError:
        return ""
