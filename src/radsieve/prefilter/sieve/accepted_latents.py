"""Write accepted latents to a Parquet file as they come, in bounded memory."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from radsieve import files
from radsieve.prefilter.sieve.sieve import AcceptedLatents
from radsieve.prefilter.thresholds.tables import accepted


def write_accepted(path: Path, blocks: Iterable[AcceptedLatents], batch: int, components: int) -> int:
    """Write `blocks` of latents with so many `components` to `path`, as `thresholds.tables.accepted`; return the number
    of rows.

    The file is written atomically. Row groups have `batch` rows, which is what is held in memory. Values are stored
    plainly: random bits do not compress.
    """
    number, *shares = accepted(components).columns
    schema = pa.schema([(number, pa.int64()), *((name, pa.float32()) for name in shares)])
    parts: list[AcceptedLatents] = []
    held = written = 0
    with (
        files.replacing(path) as temporary,
        pq.ParquetWriter(temporary, schema, compression="none", use_dictionary=False, write_statistics=False) as out,
    ):
        for block in blocks:
            start = 0
            while start < len(block.number):
                part = _rows(block, slice(start, start + batch - held))
                parts.append(part)
                start, held = start + len(part.number), held + len(part.number)
                if held == batch:
                    out.write_table(_table(parts, schema), row_group_size=batch)
                    parts, held, written = [], 0, written + batch
        if held:
            out.write_table(_table(parts, schema), row_group_size=batch)
    return written + held


def _rows(block: AcceptedLatents, rows: slice) -> AcceptedLatents:
    return AcceptedLatents(block.number[rows], block.probability[rows], block.latents[rows])


def _table(parts: list[AcceptedLatents], schema: pa.Schema) -> pa.Table:
    number = np.concatenate([part.number for part in parts])
    probability = np.concatenate([part.probability for part in parts])
    components = np.concatenate([part.latents.T for part in parts], axis=1)  # a row for each component
    return pa.Table.from_arrays([pa.array(column) for column in (number, probability, *components)], schema=schema)
