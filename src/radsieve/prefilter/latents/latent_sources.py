"""Read tables of latents that others wrote, CSV or Parquet, checked row by row and in bounded memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet as pq

from radsieve.errors import InputError
from radsieve.prefilter.latents.latent_table import COLUMNS, SCHEMA, VALID, check_rows, named
from radsieve.screening.tables import LATENTS

# As the table is written, but with `valid` as a number of any kind, so that a wrong one is named with its row.
_READ = SCHEMA.set(SCHEMA.get_field_index(VALID), pa.field(VALID, pa.float64()))
_BATCH = 16_384  # rows of Parquet that are read at once
_BLOCK = 2**24  # bytes of CSV that are read at once


def read_batches(path: Path, allowed: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    """Yield the rows of the table at `path` in its order, as latent_table.SCHEMA.

    The file has just the columns latent_table.COLUMNS, in any order, and numbers of any type. `allowed` are the groups
    that may occur; None leaves them open. Raises InputError naming the file and the first wrong columns or rows: as
    lines of a CSV file (the header is line 1), or as rows of Parquet, counted from 1.
    """
    if not path.is_file():
        raise InputError(f"{path}: not found; it must be a CSV or Parquet file with a row per latent")
    text = path.suffix != ".parquet"
    unit, first = ("line", 2) if text else ("row", 1)
    try:
        for batch in _csv(path) if text else _parquet(path):
            check_rows(batch, str(path), first, unit)
            if allowed is not None:
                _check_groups(batch, allowed, str(path), first, unit)
            yield _cast(batch, SCHEMA, path)
            first += len(batch)
    except pa.ArrowException as error:
        raise InputError(f"{path}: cannot be read as {'CSV' if text else 'Parquet'}: {error}") from None
    if first == (2 if text else 1):
        raise InputError(f"{path}: no rows; a table of latents needs some")


def _csv(path: Path) -> Iterator[pa.RecordBatch]:
    columns = _READ.set(_READ.get_field_index(VALID), pa.field(VALID, pa.string()))
    types = pyarrow.csv.ConvertOptions(column_types=columns, strings_can_be_null=True)
    with pyarrow.csv.open_csv(path, pyarrow.csv.ReadOptions(block_size=_BLOCK), convert_options=types) as reader:
        _check_columns(reader.schema.names, path)
        for batch in reader:
            place = batch.schema.get_field_index(VALID)
            numbers = _truth_as_number(batch.column(place))
            yield _cast(batch.set_column(place, VALID, numbers).select(list(COLUMNS)), _READ, path)


def _truth_as_number(values: pa.StringArray) -> pa.StringArray:
    """`values` with 1 and 0 where pandas and R write True and False."""
    words = pyarrow.compute.utf8_lower(values)
    for number, word in enumerate(("false", "true")):
        values = pyarrow.compute.if_else(pyarrow.compute.equal(words, word), str(number), values)
    return values


def _parquet(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        _check_columns(file.schema_arrow.names, path)
        for batch in file.iter_batches(_BATCH, columns=list(COLUMNS)):
            yield _cast(batch.select(list(COLUMNS)), _READ, path)


def _check_columns(names: Sequence[str], path: Path) -> None:
    latents = [name for name in names if name[:1] == "z" and name[1:].isdigit()]
    if set(latents) != set(LATENTS):
        found = f"{len(latents)} latent components" + (f" ({latents[0]} to {latents[-1]})" if latents else "")
        raise InputError(f"{path}: {found}; {len(LATENTS)} are needed, in the columns {LATENTS[0]} to {LATENTS[-1]}")
    if missing := [name for name in COLUMNS if name not in names]:
        raise InputError(f"{path}: no column {named(missing)}")
    if surplus := [name for name in names if name not in COLUMNS]:
        raise InputError(f"{path}: unknown columns {named(surplus)}; take them out")
    if double := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{path}: several columns are called {named(double)}; keep one of each")


def _check_groups(batch: pa.RecordBatch, allowed: Sequence[str], source: str, first: int, unit: str) -> None:
    groups = batch.column("group")
    unknown = np.flatnonzero(~np.asarray(pa.compute.is_in(groups, pa.array(list(allowed), groups.type))))
    if len(unknown):
        rows = named([str(first + row) for row in unknown])
        names = named(list(dict.fromkeys(groups[int(row)].as_py() for row in unknown)))
        raise InputError(f"{source}: {unit} {rows}: group {names} is not among latents.groups; add it there")


def _cast(batch: pa.RecordBatch, schema: pa.Schema, path: Path) -> pa.RecordBatch:
    columns = []
    for field in schema:
        try:
            columns.append(batch.column(field.name).cast(field.type))
        except pa.ArrowException as error:
            raise InputError(f"{path}: column {field.name} does not hold what it should: {error}") from None
    return pa.record_batch(columns, schema=schema)
