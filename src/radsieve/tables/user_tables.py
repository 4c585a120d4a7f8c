"""Tables as users have them: CSV whatever program saved it, TSV or Parquet, plain or alone in a .zip or .gz.

Every cell is text. A spreadsheet's separator, byte order mark, UTF-16 and blanks around cells are understood, and the
apostrophe that our own tables have before what would be a formula is taken back; what cannot be told for sure (an
encoding without a mark, a cell too many) is refused with what to do. All is bounded: a file that unpacks to more than
`MAX_BYTES` is not read.
"""

import csv
import io
import logging
import re
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from radsieve.errors import InputError
from radsieve.tables.spreadsheets import unguarded, unguarded_table
from radsieve.text_files import composed, read_text

KINDS = (".csv", ".tsv", ".tab", ".txt", ".csv.gz", ".tsv.gz", ".zip", ".parquet", ".pq")
SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
MAX_BYTES = 1_000_000_000
MAX_COLUMNS = 20_000
MAX_CELLS = 200_000_000  # of a Parquet file, whose columns may expand to more than they say

_MIN_CELLS, _CELLS_A_BYTE = 2_000_000, 20  # a column of one value packs to nothing, and unpacks to all its rows
_NAMED = 10  # files that the log names
_log = logging.getLogger(__name__)
_SEPARATORS = ",;\t|"
_HEADER = 1_000_000  # bytes in which the first line has to end
_TOLD = re.compile(r"\Asep=.[ ]*\r?\n")  # a line for Excel alone; the header shows the separator, too
# a mark of the byte order within, where files were joined; of a width of zero and of directions, from web pages
_INVISIBLE = "\ufeff\u200b\u2060\u200e\u200f"
_LONGEST = 131_072  # characters of a cell over several lines
_LINE = re.compile(r".*\n?")
_LONG_ROW = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
# zipfile raises RuntimeError for a password; zlib.error and EOFError come from a damaged or cut archive
_FAULTS = (ValueError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, csv.Error, pa.ArrowException)


def read_cells(path: Path, wanted: Collection[str] = (), key: str | None = None) -> pd.DataFrame:
    """Return the table at `path`, text in all columns, without blanks around it, empty where a cell is empty or absent.

    The separator is the one by which the header has most of the columns `wanted`, and else most columns. A line without
    anything is a row of empty cells, so that row n of the result, from 0, is line n + 2 of a file without line breaks
    within cells (one less behind a first line sep=;). Columns without a name and a cell are left out. A column that is
    one of `wanted` in another of Unicode's forms is named as there.

    Raises InputError naming the file, for none the setting `key` that names it, too, and what to do.
    """
    parquet = path.suffix.lower() in {".parquet", ".pq"}
    try:
        found = _parquet(path) if parquet else _separated(path, wanted)
    except FileNotFoundError:
        named = f" ({key})" if key else ""
        raise InputError(f"{path}{named}: not found; run the stage that makes it, or name another table") from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not encoded as UTF-8 ({error.reason} at byte {error.start}); save it so (in a spreadsheet:"
            " CSV UTF-8)"
        ) from None
    except pd.errors.ParserError as error:
        raise InputError(f"{path}{_long_row(str(error))}") from None
    except _FAULTS as error:
        raise InputError(f"{path}: cannot be read as a table: {error}") from None
    if found.empty:
        raise InputError(f"{path}: has no row below its header")
    meant = {composed(name): name for name in wanted}
    names = (found.columns if parquet else found.columns.map(unguarded)).map(
        lambda name: meant.get(composed(name), name)
    )
    repeated = sorted(set(names[names.duplicated()]))
    if "" in repeated:
        raise InputError(
            f"{path}: several columns have no name in line 1; is that a title? Begin with the line of the names"
        )
    if repeated:
        raise InputError(f"{path}: several columns are named {', '.join(map(repr, repeated))}; rename them")
    return (found if parquet else unguarded_table(found)).set_axis(names, axis=1)


def warn_of_sheets(folder: Path) -> None:
    """Say in the log which files of a folder of tables are spreadsheets, which are not read."""
    if sheets := sorted(path.name for path in folder.iterdir() if path.suffix.lower() in SPREADSHEETS):
        _log.warning("%s: not read, save them as CSV UTF-8: %s", folder, ", ".join(sheets[:_NAMED]))


def _separated(path: Path, wanted: Collection[str]) -> pd.DataFrame:
    if path.suffix.lower() in SPREADSHEETS:
        raise InputError(f"{path}: a spreadsheet's own file is not read; save the sheet as CSV UTF-8 and name that")
    text = read_text(path, MAX_BYTES)
    if "\n" not in text:  # as Excel for the Mac once ended lines
        text = text.replace("\r", "\n")
    text = _TOLD.sub("", text, count=1)
    for mark in _INVISIBLE:
        text = text.replace(mark, "")
    inner = path.with_suffix("") if path.suffix.lower() in {".gz", ".zip"} else path
    separator = "\t" if inner.suffix.lower() in {".tsv", ".tab"} else separator_of(text[:_HEADER], wanted)
    _check_columns(path, len(_header(text[:_HEADER], separator)))
    _check_quotes(text, separator)
    rows = pd.read_csv(
        io.BytesIO(text.encode("utf-8")),
        sep=separator,
        dtype=str,
        header=None,
        keep_default_na=False,
        skipinitialspace=True,
        skip_blank_lines=False,
    ).fillna("")
    names = [str(name).strip() for name in rows.iloc[0]]
    table = rows.iloc[1:].reset_index(drop=True)
    cells = pd.DataFrame(table.apply(lambda column: column.str.strip()))
    if len(names) > 1 and (again := np.flatnonzero((cells == names).all(axis=1))).size:
        raise ValueError(f"row {again[0] + 2} is the header once more; remove it (were several tables joined?)")
    kept = [place for place, name in enumerate(names) if name or (cells[place] != "").any()]
    return cells[kept].set_axis([names[place] for place in kept], axis=1)


def separator_of(start: str, wanted: Collection[str]) -> str:
    """Return the separator by which the first line of `start` has most of the columns `wanted`, then most columns."""

    def fits(separator: str) -> tuple[int, int]:
        header = _header(start, separator)
        return len({name.strip() for name in header} & set(wanted)), len(header)

    return max(_SEPARATORS, key=fits)


def _header(start: str, separator: str) -> list[str]:
    """The cells of the first line; none if one of them is too long, as a whole line is by another separator."""
    try:
        return next(csv.reader(io.StringIO(start), delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return []


def _check_columns(path: Path, count: int) -> None:
    if count > MAX_COLUMNS:
        raise InputError(f"{path}: more than {MAX_COLUMNS:,} columns; keep those that you need")


def _check_quotes(text: str, separator: str) -> None:
    """Raise ValueError for a quoted cell that goes over lines and ends within text, at the end of all, or behind more
    than `_LONGEST` characters: its quote was never closed, and the rows up to the next quote would be taken for a part
    of it.
    """
    if '"' not in text:
        return
    pieces = (found[0] for found in _LINE.finditer(text))  # a copy of all as lines would take much memory
    lines = csv.reader(pieces, delimiter=separator, skipinitialspace=True, strict=True)
    limit = csv.field_size_limit(MAX_BYTES)  # behind a cell of more the reader would not know that it is within quotes
    row: list[str] | None = []
    try:
        while row is not None:
            before = lines.line_num
            try:
                row = next(lines, None)
                opened = lines.line_num > before + 1 and any(
                    len(cell) > _LONGEST and "\n" in cell for cell in row or ()
                )
            except csv.Error as error:
                over_lines = lines.line_num > before + 1 and "expected after" in str(error)
                opened = over_lines or "unexpected end" in str(error)
            if opened:
                raise ValueError(f"a quote in line {before + 1} is not closed, or one within its cell stands alone")
    finally:
        csv.field_size_limit(limit)


def _long_row(message: str) -> str:
    found = _LONG_ROW.search(message)
    if not found:
        return f": cannot be read as a table: {message}"
    columns, line, cells = found.groups()
    advice = (
        "is line 1 a title? Begin with the line of the names"
        if columns == "1"
        else "quote cells that hold the separator"
    )
    return f", line {line}: {cells} cells, but the header has {columns}; {advice}"


def _parquet(path: Path) -> pd.DataFrame:
    size = pq.ParquetFile(path).metadata
    unpacked = sum(size.row_group(number).total_byte_size for number in range(size.num_row_groups))
    allowed = min(MAX_CELLS, max(_MIN_CELLS, _CELLS_A_BYTE * path.stat().st_size))
    if unpacked > MAX_BYTES or size.num_rows * size.num_columns > allowed:
        raise InputError(f"{path}: {size.num_rows:,} rows of {size.num_columns} columns are more than can be read")
    _check_columns(path, size.num_columns)
    table = pd.read_parquet(path)
    named = table.reset_index(drop=True).set_axis(list(map(str, table.columns)), axis=1)
    return pd.DataFrame(named.apply(_as_text))


def _as_text(column: pd.Series) -> pd.Series:
    if column.dtype.kind == "f" and (column.dropna() % 1 == 0).all() and column.abs().max() < 2**53:
        column = column.astype("Int64")  # whole numbers beside missing ones are stored as 1.0, 2.0, ...
    return column.map(lambda value: "" if pd.isna(value) else str(value)).astype(str).str.strip()
