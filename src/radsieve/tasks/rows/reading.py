"""Tables as they come, every cell as text: CSV, TSV or Parquet, or one of the first two alone in a .zip or .gz."""

import zipfile
import zlib
from pathlib import Path

import pandas as pd

from radsieve.errors import InputError

# zipfile raises RuntimeError for a password; zlib.error and EOFError come from a damaged or cut archive
_FAULTS = (ValueError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)


def read_table(path: Path) -> pd.DataFrame:
    """Return the table at `path`, text in all columns, without blanks around it, empty where a cell is empty or absent.

    A row that ends before the last column has empty cells there; a line without anything is a row of empty cells, so
    that the rows keep their lines.

    Raises InputError if it cannot be read, is not encoded as UTF-8, has no row, or two columns of one name.
    """
    try:
        found = _parquet(path) if path.suffix == ".parquet" else _separated(path)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; params.yaml, pack_tables names it as a table") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not encoded as UTF-8 ({error}); save it so") from None
    except _FAULTS as error:
        raise InputError(f"{path}: cannot be read as a table: {error}") from None
    if found.empty:
        raise InputError(f"{path}: has no row below its header")
    repeated = sorted(set(found.columns[found.columns.duplicated()]))
    if repeated:
        raise InputError(f"{path}: several columns are named {', '.join(repeated)}; rename them")
    return found


def _separated(path: Path) -> pd.DataFrame:
    inner = path.with_suffix("") if path.suffix in (".gz", ".zip") else path
    separator = "\t" if inner.suffix in (".tsv", ".tab") else ","
    with path.open("rb"):  # pandas takes some paths for addresses
        rows = pd.read_csv(
            path,
            sep=separator,
            dtype=str,
            header=None,
            keep_default_na=False,
            encoding="utf-8-sig",
            skipinitialspace=True,
            skip_blank_lines=False,
        ).fillna("")
    names = [str(name).strip() for name in rows.iloc[0]]
    table = rows.iloc[1:].reset_index(drop=True).set_axis(names, axis=1)
    return pd.DataFrame(table.apply(lambda column: column.str.strip()))


def _parquet(path: Path) -> pd.DataFrame:
    table = pd.read_parquet(path)
    named = table.reset_index(drop=True).set_axis(list(map(str, table.columns)), axis=1)
    return pd.DataFrame(named.apply(_as_text))


def _as_text(column: pd.Series) -> pd.Series:
    return column.map(lambda value: "" if pd.isna(value) else str(value)).astype(str).str.strip()
