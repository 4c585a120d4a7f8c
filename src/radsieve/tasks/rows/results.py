"""Everything that is learnt from the rows of a table: tables, figures, metrics, and a summary."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pandera.pandas as pa
from matplotlib.figure import Figure

from radsieve.tasks.plots import rows as plots
from radsieve.tasks.rows.comparison import compare, metrics, single_splits
from radsieve.tasks.rows.explanations import explain
from radsieve.tasks.rows.folds import FoldedRows
from radsieve.tasks.rows.protocols import Study, leaks
from radsieve.tasks.settings import RowsSettings
from radsieve.tasks.tables import CALIBRATION, COMPARISON, CURVES, EXPLANATIONS, LEAKS, ROW_PREDICTIONS, SINGLE_SPLITS


@dataclass(frozen=True)
class RowResults:
    """Tables by their schemas, figures by their names, metrics, and what was found in a few words."""

    tables: tuple[tuple[pa.DataFrameSchema, pd.DataFrame], ...]
    figures: dict[str, Figure]
    metrics: dict[str, Any]
    summary: str


def row_results(data: FoldedRows, columns: pd.DataFrame, settings: RowsSettings) -> RowResults:
    """Evaluate models out of fold, the honest way and by mistakes, and explain one of them."""
    compared = compare(data, columns, settings)
    mistakes = leaks(Study(data, columns, settings))
    explained = explain(data, columns, settings)
    found = metrics(compared, mistakes, data) | explained.metrics()
    return RowResults(
        tables=(
            (COMPARISON, compared.comparison),
            (ROW_PREDICTIONS, compared.predictions),
            (CURVES, compared.curves),
            (CALIBRATION, compared.calibration),
            (LEAKS, mistakes),
            (EXPLANATIONS, explained.table),
            (SINGLE_SPLITS, single_splits(data, columns, settings)),
        ),
        figures={
            "protocols": plots.plot_protocols(mistakes),
            "roc": plots.plot_roc(compared.curves),
            "reliability": plots.plot_calibration(compared.calibration),
            "importance": plots.plot_explanations(explained.table),
        },
        metrics=found,
        summary=f"{found['rows']} rows; {compared.summary()}",
    )
