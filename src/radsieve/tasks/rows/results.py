"""Everything that is learnt from the rows of a table: tables, figures, metrics, and a summary."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pandera.pandas as pa
from matplotlib.figure import Figure

from radsieve.errors import InputError
from radsieve.settings import Compute
from radsieve.tasks.plots import rows as plots
from radsieve.tasks.plots.mistakes import plot_protocols
from radsieve.tasks.rows.comparison import compare, metrics, single_splits
from radsieve.tasks.rows.explanations import TREES, explain
from radsieve.tasks.rows.folds import FoldedRows
from radsieve.tasks.rows.models import NEIGHBOURS
from radsieve.tasks.rows.protocols import Study, leaks
from radsieve.tasks.rows.settings import RowsSettings
from radsieve.tasks.rows.subgroups import by_subgroup
from radsieve.tasks.tables import (
    CALIBRATED,
    CALIBRATION,
    COMPARISON,
    CURVES,
    EXPLANATIONS,
    GRID,
    LEAKS,
    ROW_PREDICTIONS,
    ROW_SUBGROUPS,
    SINGLE_SPLITS,
    Model,
    Protocol,
)


@dataclass(frozen=True)
class RowResults:
    """Tables by their schemas, figures by their names, metrics, and what was found in a few words."""

    tables: tuple[tuple[pa.DataFrameSchema, pd.DataFrame], ...]
    figures: dict[str, Figure]
    metrics: dict[str, Any]
    summary: str


def row_results(
    data: FoldedRows, columns: pd.DataFrame, settings: RowsSettings, compute: Compute, where: str
) -> RowResults:
    """Evaluate models out of fold, the honest way and by mistakes, and explain one of them.

    Raises InputError, which names the setting `where`, where SMOTE is asked for and has too few rows.
    """
    _check(data, settings, where)
    compared = compare(data, columns, settings, compute)
    mistakes = leaks(Study(data, columns, settings, compared.scores))
    explained = explain(data, columns, settings, compared.best(TREES) or Model.BOOSTING)
    shown = dict.fromkeys([compared.best(["logistic"]), compared.best(list(compared.scores))])
    scores = {str(model): compared.scores[model] for model in shown if model is not None}
    groups = by_subgroup(data, columns, scores, settings, where)
    found = metrics(compared, mistakes, data) | explained.metrics()
    return RowResults(
        tables=(
            (COMPARISON, compared.comparison),
            (ROW_PREDICTIONS, compared.predictions),
            (CURVES, compared.curves),
            (CALIBRATION, compared.calibration),
            (CALIBRATED, compared.calibrated),
            (GRID, compared.grid),
            (ROW_SUBGROUPS, groups),
            (LEAKS, mistakes),
            (EXPLANATIONS, explained.table),
            (SINGLE_SPLITS, single_splits(data, columns, settings)),
        ),
        figures={
            "protocols": plot_protocols(mistakes),
            "roc": plots.plot_roc(compared.curves),
            "reliability": plots.plot_calibration(compared.calibration),
            "importance": plots.plot_explanations(explained.table),
        },
        metrics=found,
        summary=f"{found['rows']} rows; {compared.summary()}",
    )


def _check(data: FoldedRows, settings: RowsSettings, where: str) -> None:
    asked = [
        *(["resampled"] if set(settings.resampled) & set(settings.models) else []),
        *(["protocols"] if {Protocol.SMOTE_FIRST, Protocol.BOTH} & set(settings.protocols) else []),
    ]
    if asked and data.rarer <= NEIGHBOURS:
        raise InputError(
            f"{where}.{' and .'.join(asked)}: SMOTE needs {NEIGHBOURS + 1} rows of each outcome to fit to, and there"
            f" are only {data.rarer}; take SMOTE out, or more rows"
        )
