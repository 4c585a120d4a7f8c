"""Predict the outcome of a table's rows by models and protocols (stage classify_rows)."""

import argparse

from radsieve import stage, tables
from radsieve.params import Params
from radsieve.settings import settings_of_set
from radsieve.tasks.plots import rows as plots
from radsieve.tasks.rows.comparison import compare, metrics, single_splits
from radsieve.tasks.rows.explanations import explain
from radsieve.tasks.rows.folds import folded
from radsieve.tasks.rows.protocols import Study, leaks
from radsieve.tasks.settings import RowsSettings
from radsieve.tasks.tables import (
    CALIBRATION,
    COLUMNS,
    COMPARISON,
    CURVES,
    EXPLANATIONS,
    LEAKS,
    ROW_PREDICTIONS,
    SINGLE_SPLITS,
    packed,
)  # fmt: skip


def main(args: argparse.Namespace, params: Params) -> str:
    """Evaluate models out of fold, the honest way and by mistakes, and explain one of them."""
    settings = settings_of_set(params.classify_rows, args.set, RowsSettings, "classify_rows")
    columns = tables.read(COLUMNS, args.columns)
    rows = tables.read(packed(columns), args.rows)
    data = folded(rows, settings.rows, settings.folds, settings.seed, f"params.yaml, classify_rows.{args.set}")
    compared = compare(data, columns, settings)
    mistakes = leaks(Study(data, columns, settings))
    explained = explain(data, columns, settings)
    found = metrics(compared, mistakes, data) | explained.metrics()
    written = (
        (COMPARISON, compared.comparison), (ROW_PREDICTIONS, compared.predictions), (CURVES, compared.curves),
        (CALIBRATION, compared.calibration), (LEAKS, mistakes), (EXPLANATIONS, explained.table),
        (SINGLE_SPLITS, single_splits(data, columns, settings)),
    )  # fmt: skip
    figures = {
        "protocols": plots.plot_protocols(mistakes),
        "roc": plots.plot_roc(compared.curves),
        "reliability": plots.plot_calibration(compared.calibration),
        "importance": plots.plot_explanations(explained.table),
    }
    tables.write_results(args.out, written, figures, found)
    return f"{args.set}: {found['rows']} rows; " + compared.summary()


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "rows": "packed rows (.parquet)",
            "columns": "table of their columns",
            "out": "folder of the results",
        },
        sections=("classify_rows",),
        names={"set": "which table of classify_rows"},
    )
