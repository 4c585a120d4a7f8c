"""Bring a table to one form: typed columns, an outcome of 0 and 1, units and splits (stage pack_tables)."""

import argparse

from radsieve import stage, tables
from radsieve.params import Params
from radsieve.settings import expand, settings_of_set
from radsieve.tables.user_tables import read_cells
from radsieve.tasks.rows.joining import join
from radsieve.tasks.rows.packing import pack
from radsieve.tasks.rows.reading import readings
from radsieve.tasks.settings import TableSettings
from radsieve.tasks.tables import CODEBOOK, COLUMNS, ROW_COUNTS, ROW_QUARANTINE, packed


def main(args: argparse.Namespace, params: Params) -> str:
    """Read, type, divide; write the rows, what their columns are, and what was left out."""
    settings = settings_of_set(params.pack_tables, args.set, TableSettings, "pack_tables")
    wanted = [settings.target or "", *(one.column for one in readings(settings))]
    key = f"pack_tables.{args.set}.table"
    table = read_cells(expand(settings.table, key), [*wanted, *settings.joined_by[:1]], key)
    if settings.joined is not None:
        key = f"pack_tables.{args.set}.joined"
        joined = read_cells(expand(settings.joined, key), settings.joined_by[1:], key)
        table = join(table, joined, settings.joined_by, f"pack_tables.{args.set}")
    found = pack(table, settings, params.splits, args.set)
    tables.write(packed(found.columns), found.rows, args.rows)
    written = (
        (COLUMNS, found.columns),
        (CODEBOOK, found.codebook),
        (ROW_COUNTS, found.counts),
        (ROW_QUARANTINE, found.quarantine),
    )
    tables.write_results(args.out, written, {}, found.metrics)
    counts = found.metrics
    return (
        f"{args.set}: {counts['rows']} rows, {counts['positive']} of them positive; {counts['columns']} columns;"
        f" {counts['quarantined']} rows in quarantine"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"rows": "the packed rows (.parquet)", "out": "folder of the other results"},
        sections=("splits", "pack_tables"),
        names={"set": "which table of pack_tables"},
    )
