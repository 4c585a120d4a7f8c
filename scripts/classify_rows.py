"""Predict the outcome of a table's rows by models and protocols (stage classify_rows)."""

import argparse

from radsieve import stage, tables
from radsieve.params import Params
from radsieve.settings import settings_of_set
from radsieve.tasks.rows.folds import folded
from radsieve.tasks.rows.reading import from_codebook
from radsieve.tasks.rows.results import row_results
from radsieve.tasks.rows.settings import RowsSettings
from radsieve.tasks.tables import CODEBOOK, COLUMNS, packed


def main(args: argparse.Namespace, params: Params) -> str:
    """Evaluate models out of fold, the honest way and by mistakes, and explain one of them, and store one."""
    settings = settings_of_set(params.classify_rows, args.set, RowsSettings, "classify_rows")
    columns = tables.read(COLUMNS, args.columns)
    rows = tables.read(packed(columns), args.rows)
    where = f"params.yaml, classify_rows.{args.set}"
    data = folded(rows, settings.rows, settings.folds, settings.seed, where)
    how = from_codebook(tables.read(CODEBOOK, args.codebook))
    found = row_results(data, columns, how, settings, params.compute, where)
    found.model.save(args.out / "model.skops")
    tables.write_results(args.out, found.tables, found.figures, found.metrics)
    return f"{args.set}: {found.summary}"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "rows": "packed rows (.parquet)",
            "columns": "table of their columns",
            "codebook": "table that says how their cells are read",
            "out": "folder of the results",
        },
        sections=("compute", "classify_rows"),
        names={"set": "which table of classify_rows"},
    )
