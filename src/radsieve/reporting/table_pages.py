"""One page per table, to sort and to search, for Snakemake's report, which itself shows no tables."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from radsieve import files
from radsieve.reporting import page
from radsieve.reporting.places import Places, table_page_name
from radsieve.tables.spreadsheets import unguarded_table

ROWS = 30  # that are shown without JavaScript; as JSON the others take a third of the bytes
TABLE_BYTES = 20_000_000  # of the rows of a table that has a page of its own


def write(results: Path, stages: Sequence[str], folder: Path, unpublished: Collection[str] = ()) -> int:
    """Write `folder`/<stage>.<table>.html for every CSV table of `stages` below `results`; return their number.

    Tables that are `unpublished`, named as in make_turing_test/key.csv, get no page.

    Where a stage keeps a folder for each value of its matrix, as in train_segmenter/skin/scores.csv, <table> is
    skin-scores.
    """
    tables = [
        (stage, path)
        for stage in stages
        for path in sorted((results / stage).rglob("*.csv"))
        if path.relative_to(results).as_posix() not in unpublished
    ]
    for stage, path in tables:
        inside = path.relative_to(results / stage)
        name = "-".join(inside.with_suffix("").parts)
        title = name.replace("_", " ").replace("-", ": ")
        frame = unguarded_table(pd.read_csv(path, keep_default_na=False, na_values=[""]))
        content = {
            "title": title,
            "subtitle": f"A result of the stage {stage}",
            "contents": [],
            "table": page.table(frame, title, f"{stage}/{inside}", limit=TABLE_BYTES, written=ROWS),
        }
        out = folder / table_page_name(stage, inside)
        places = Places(out, results)
        html = page.render(
            page.Template("table.html"), content, styles=("base.css",), scripts=("base.js", "tables.js"), places=places
        )
        files.write_text(out, html)
    return len(tables)
