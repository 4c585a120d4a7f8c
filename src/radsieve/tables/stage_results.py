"""What most stages write in the end: tables, figures and metrics, each into a file of the stage's folder."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa

from radsieve import files
from radsieve.tables.table_files import write

if TYPE_CHECKING:  # half a second of import that stages without figures do not need
    from matplotlib.figure import Figure


def write_results(
    folder: Path,
    tables: Iterable[tuple[pa.DataFrameSchema, pd.DataFrame]],
    figures: Mapping[str, "Figure"],
    metrics: Mapping[str, Any],
) -> None:
    """Write results to `folder`: each table as CSV by the name of its schema, each of `figures` as PNG by its own, and
    `metrics` as metrics.json.

    Raises InputError if a table does not fit its schema.
    """
    for schema, table in tables:
        write(schema, table, folder / f"{schema.name}.csv")
    for name, figure in figures.items():
        files.write_figure(folder / f"{name}.png", figure)
    files.write_json(folder / "metrics.json", metrics)
