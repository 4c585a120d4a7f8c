"""Describe a table, test its associations, and repeat mistakes of counting (stage profile_tables)."""

import argparse

from radsieve import stage, tables
from radsieve.params import Params
from radsieve.settings import settings_of_set
from radsieve.tasks.profiles.frame import profiled
from radsieve.tasks.profiles.results import profile
from radsieve.tasks.settings import ProfileSettings
from radsieve.tasks.tables import COLUMNS, packed


def main(args: argparse.Namespace, params: Params) -> str:
    """Profile the packed rows of one table."""
    settings = settings_of_set(params.profile_tables, args.set, ProfileSettings, "profile_tables")
    columns = tables.read(COLUMNS, args.columns)
    rows = tables.read(packed(columns), args.rows)
    found = profile(profiled(rows, columns, settings, f"params.yaml, profile_tables.{args.set}"))
    tables.write_results(args.out, found.tables, found.figures, found.metrics)
    return f"{args.set}: {found.summary}"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "rows": "packed rows (.parquet)",
            "columns": "table of their columns",
            "out": "folder of the results",
        },
        sections=("profile_tables",),
        names={"set": "which table of profile_tables"},
    )
