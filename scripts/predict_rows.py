"""Predict the outcome of the rows of a table by a model that classify_rows has stored.

Beside `--out` lies quarantine.csv: rows that cannot be read as the model needs them, by line.
"""

import argparse

from radsieve import stage, tables
from radsieve.overwriting import check_overwritten
from radsieve.params import Params
from radsieve.tables.user_tables import read_cells
from radsieve.tasks.rows.stored import read_stored
from radsieve.tasks.tables import NEW_PREDICTIONS, ROW_QUARANTINE


def main(args: argparse.Namespace, _: Params) -> str:
    """Read the model and the table, predict, and write predictions and quarantine."""
    check_overwritten(args.out, ["quarantine.csv"], [args.table, args.model])
    model = read_stored(args.model)
    table = read_cells(args.table, [one.column for one in model.readings])
    found, quarantine = model.predictions(table, str(args.table))
    tables.write(NEW_PREDICTIONS, found, args.out)
    tables.write(ROW_QUARANTINE, quarantine, args.out.parent / "quarantine.csv")
    return f"{len(found)} rows, {int(found['called'].sum())} called positive, {len(quarantine)} in quarantine"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "model": "model.skops of classify_rows",
            "table": "the rows: CSV, TSV or Parquet, with the columns of the table that the model was fitted to",
            "out": "table of the predictions (.csv or .parquet); quarantine.csv lies beside it",
        },
        sections=(),
    )
