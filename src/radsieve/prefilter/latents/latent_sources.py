"""Read tables of latents that others wrote, CSV or Parquet, checked row by row and in bounded memory."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet as pq

from radsieve.errors import InputError
from radsieve.generators.distributions import UNIFORM, LatentDistribution
from radsieve.prefilter.latents.latent_table import FACTS, VALID, check_rows, columns_of, named, schema_of
from radsieve.tables.user_tables import separator_of

_BATCH = 16_384  # rows of Parquet that are read at once
_BLOCK = 2**24  # bytes of CSV that are read at once
_START = 1_000_000  # bytes of CSV that tell how it is written
_COMPONENT = re.compile(r"z(\d+)")
_COMMA, _POINT = re.compile(r"\d,\d"), re.compile(r"\d\.\d")
_TRUTH = {"true": "1", "yes": "1", "y": "1", "t": "1", "false": "0", "no": "0", "n": "0", "f": "0"}


def components_of(path: Path) -> int:
    """Return the number of components in the table at `path`, checked as `read_batches` does."""
    return len(_columns(path)) - len(FACTS)


def read_batches(
    path: Path, allowed: Sequence[str] | None, distribution: LatentDistribution = UNIFORM
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of the table at `path` in its order, as latent_table.schema_of its components.

    The file has the columns latent_table.FACTS and one for each component, numbered from 0 (z000 or z0, z001 or z1), in
    any order, and numbers of any type; `valid` may be true or false, yes or no. A CSV may have semicolons, as
    spreadsheets write it, and then commas in numbers. `allowed` are the groups that may occur; None leaves them open.
    Raises InputError naming the file and the first wrong columns or rows: as lines of a CSV file (the header is line
    1), or as rows of Parquet, counted from 1; values that `distribution` cannot have are wrong.
    """
    text = _is_text(path)
    columns = _columns(path)
    schema = schema_of(len(columns) - len(FACTS))
    unit, first = ("line", 2) if text else ("row", 1)
    try:
        for batch in _csv(path, columns, schema) if text else _parquet(path, columns, schema):
            check_rows(batch, str(path), first, unit, distribution)
            if allowed is not None:
                _check_groups(batch, allowed, str(path), first, unit)
            yield _cast(batch, schema, path)
            first += len(batch)
    except pa.ArrowException as error:
        raise _unreadable(path, error) from None
    if first == (2 if text else 1):
        raise InputError(f"{path}: no rows; a table of latents needs some")


def _is_text(path: Path) -> bool:
    return path.suffix.lower() not in {".parquet", ".pq"}


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(f"{path}: cannot be read as {'CSV' if _is_text(path) else 'Parquet'}: {error}")


def _columns(path: Path) -> dict[str, str]:
    """The names in the file of the columns `latent_table.columns_of`, in their order."""
    if not path.is_file():
        raise InputError(f"{path}: not found; it must be a CSV or Parquet file with a row per latent")
    try:
        if _is_text(path):
            with _opened(path, {}) as reader:
                names = reader.schema.names
        else:
            with pq.ParquetFile(path) as file:
                names = file.schema_arrow.names
    except pa.ArrowException as error:
        raise _unreadable(path, error) from None
    return _checked(names, path)


def _opened(path: Path, types: Mapping[str, pa.DataType]) -> pyarrow.csv.CSVStreamingReader:
    with pa.input_stream(str(path)) as stream:
        start = stream.read(_START).decode("utf-8", "replace")
    separator = separator_of(start, FACTS)
    comma = separator != "," and _COMMA.search(start) and not _POINT.search(start)
    convert = pyarrow.csv.ConvertOptions(
        column_types=dict(types), strings_can_be_null=True, decimal_point="," if comma else "."
    )
    return pyarrow.csv.open_csv(
        path,
        pyarrow.csv.ReadOptions(block_size=_BLOCK),
        pyarrow.csv.ParseOptions(delimiter=separator),
        convert,
    )


def _as_read(schema: pa.Schema) -> pa.Schema:
    """`schema` with `valid` as a number of any kind, so that a wrong one is named with its row."""
    return schema.set(schema.get_field_index(VALID), pa.field(VALID, pa.float64()))


def _csv(path: Path, columns: Mapping[str, str], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    types = {name: schema.field(column).type for column, name in columns.items()} | {VALID: pa.string()}
    with _opened(path, types) as reader:
        for batch in reader:
            chosen = batch.select(list(columns.values())).rename_columns(list(columns))
            yield _cast(_truth_as_number(chosen, path), _as_read(schema), path)


def _truth_as_number(batch: pa.RecordBatch, path: Path) -> pa.RecordBatch:
    """The batch with 1 and 0 for the words that say so in `valid`, as pandas, R and people write them."""
    words = batch.column(VALID)
    if not (pa.types.is_string(words.type) or pa.types.is_large_string(words.type)):
        return batch
    values = [word if word is None else _TRUTH.get(word.strip().casefold(), word.strip()) for word in words.to_pylist()]
    try:
        numbers = pa.array([None if value is None else float(value) for value in values])
    except ValueError:
        wrong = next(value for value in values if value is not None and not _is_number(value))
        raise InputError(f"{path}: column {VALID}: {wrong!r}; write 1 or 0 (or yes, no, true, false)") from None
    return batch.set_column(batch.schema.get_field_index(VALID), VALID, numbers.cast(pa.float64()))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _parquet(path: Path, columns: Mapping[str, str], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH, columns=list(columns.values())):
            chosen = batch.select(list(columns.values())).rename_columns(list(columns))
            yield _cast(_truth_as_number(chosen, path), _as_read(schema), path)


def _checked(names: Sequence[str], path: Path) -> dict[str, str]:
    """The names in the file, all `names`, of the columns `latent_table.columns_of`, in their order."""
    components = {name: int(found[1]) for name in names if (found := _COMPONENT.fullmatch(name))}
    if not components:
        raise InputError(f"{path}: no latent components; one column is needed for each, called z000, z001 and so on")
    if missing := [name for name in FACTS if name not in names]:
        raise InputError(f"{path}: no column {named(missing)}")
    if surplus := [name for name in names if name not in FACTS and name not in components]:
        raise InputError(f"{path}: unknown columns {named(surplus)}; take them out")
    if double := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{path}: several columns are called {named(double)}; keep one of each")
    by_number = sorted(components, key=components.__getitem__)
    if [components[name] for name in by_number] != list(range(len(by_number))):
        raise InputError(
            f"{path}: {len(by_number)} latent components, {by_number[0]} to {by_number[-1]}; they have to be numbered "
            "from 0 without gaps"
        )
    standard = columns_of(len(by_number))
    return dict(zip(standard, (*FACTS, *by_number), strict=True))


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
