"""Draw synthetic rows of a table, and evaluate what they keep and what they give away (stage synthesize_tables)."""

import argparse

from radsieve import stage, tables
from radsieve.params import Params
from radsieve.settings import settings_of_set
from radsieve.tasks.synthesis.results import synthesis_results
from radsieve.tasks.synthesis.settings import SynthesisSettings
from radsieve.tasks.synthesis.tables import synthetic
from radsieve.tasks.tables import COLUMNS, modelled, packed


def main(args: argparse.Namespace, params: Params) -> str:
    """Learn generators from a third of the rows, and evaluate what they draw by the other two."""
    settings = settings_of_set(params.synthesize_tables, args.set, SynthesisSettings, "synthesize_tables")
    columns = tables.read(COLUMNS, args.columns)
    rows, columns = tables.read(packed(columns), args.rows), modelled(columns)
    found = synthesis_results(rows, columns, settings, params.compute, f"params.yaml, synthesize_tables.{args.set}")
    tables.write(synthetic(columns), found.rows, args.synthetic)
    tables.write_results(args.out, found.tables, found.figures, found.metrics)
    return f"{args.set}: {found.summary}"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "rows": "packed rows (.parquet)",
            "columns": "table of their columns",
            "synthetic": "the synthetic rows (.parquet)",
            "out": "folder of the other results",
        },
        sections=("compute", "synthesize_tables"),
        names={"set": "which table of synthesize_tables"},
    )
