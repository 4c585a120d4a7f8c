"""One way to read and write any table: CSV or Parquet, checked against its schema."""

from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa

from radsieve import files
from radsieve.errors import InputError
from radsieve.tables.spreadsheets import guarded, guarded_table, unguarded_table


def read(schema: pa.DataFrameSchema, path: Path) -> pd.DataFrame:
    """Read the table at `path` (CSV, or Parquet by its name) and check it against `schema`.

    Raises InputError naming the file, the column and the first wrong rows.
    """
    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else _read_csv(schema, path)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; run the stage that makes it first") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, ValueError, OSError) as error:
        raise InputError(f"{path}: cannot be read as a table: {error}") from None
    return checked(schema, table, path)


def checked(schema: pa.DataFrameSchema, table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return `table`, which was read from `path`, as `schema` has it; its index counts the rows below the header.

    Raises InputError as `read` does.
    """
    _check_whole(schema, table, path)
    return _check(schema, table, str(path))


def write(schema: pa.DataFrameSchema, table: pd.DataFrame, path: Path) -> None:
    """Check `table` against `schema` and write it atomically: as Parquet, or as CSV, floats with 10 significant
    digits, and an apostrophe before what a spreadsheet would take for a formula, which `read` takes back."""
    valid = _check(schema, table, schema.name or path.name)
    if path.suffix == ".parquet":
        with files.replacing(path) as temporary:
            valid.to_parquet(temporary, index=False)
    else:
        files.write_text(path, guarded_table(valid).to_csv(index=False, lineterminator="\n", float_format="%.10g"))


def _read_csv(schema: pa.DataFrameSchema, path: Path) -> pd.DataFrame:
    numeric = _numeric(schema)
    texts = {guarded(name): str for name in schema.columns if name not in numeric}
    nullable = {name for name, column in schema.columns.items() if name not in numeric and column.nullable}
    empty = {guarded(name): [""] for name in numeric | nullable}
    return unguarded_table(pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=empty))


def _check_whole(schema: pa.DataFrameSchema, table: pd.DataFrame, path: Path) -> None:
    """Refuse a fraction in a column of integers, which pandera would cut off."""
    for name, column in schema.columns.items():
        if str(column.dtype) == "int64" and name in table and table[name].dtype.kind == "f":
            for row in np.flatnonzero(table[name] % 1 > 0)[:1]:
                what = f"column {name}, row {table.index[row] + 2}: {table[name].iloc[row]} is no whole number"
                raise InputError(f"{path} is not a valid table '{schema.name}':\n  {what}")


def _numeric(schema: pa.DataFrameSchema) -> set[str]:
    # pandera names the type of text columns `str` or `string[pyarrow]`, depending on its version
    return {name for name, column in schema.columns.items() if not str(column.dtype).startswith("str")}


def _check(schema: pa.DataFrameSchema, table: pd.DataFrame, name: str) -> pd.DataFrame:
    try:
        return schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases.head(5)
        rows = ["-" if pd.isna(index) else int(index) + 2 for index in cases["index"]]  # as an editor counts lines
        lines = [
            f"column {case.column}, row {row}: {case.failure_case!r} fails {case.check}"
            for case, row in zip(cases.itertuples(), rows, strict=True)
        ]
        raise InputError("\n  ".join([f"{name} is not a valid table '{schema.name}':", *lines])) from None
