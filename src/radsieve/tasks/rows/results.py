"""Everything that is learnt from the rows of a table: tables, figures, metrics, and a summary."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pandera.pandas as pa
from matplotlib.figure import Figure

from radsieve.errors import InputError
from radsieve.settings import Compute
from radsieve.tasks.plots import rows as plots
from radsieve.tasks.plots.mistakes import plot_protocols
from radsieve.tasks.rows import areas
from radsieve.tasks.rows.comparison import Compared, chosen_elsewhere, compare, metrics, single_splits
from radsieve.tasks.rows.explanations import TREES, explain
from radsieve.tasks.rows.folds import FoldedRows, folded
from radsieve.tasks.rows.models import NEIGHBOURS
from radsieve.tasks.rows.protocols import Study, leaks
from radsieve.tasks.rows.reading import Reading
from radsieve.tasks.rows.settings import RowsSettings
from radsieve.tasks.rows.stored import STORED, StoredModel, fit_stored
from radsieve.tasks.rows.subgroups import by_subgroup, check_columns
from radsieve.tasks.tables import (
    CALIBRATED,
    CALIBRATION,
    COMPARISON,
    CURVES,
    EXPLANATIONS,
    GRID,
    LEAKS,
    OPERATING,
    ROW_PREDICTIONS,
    ROW_SUBGROUPS,
    SEEN_ROWS,
    SINGLE_SPLITS,
    Model,
    Protocol,
)

BEST = "best"


@dataclass(frozen=True)
class RowResults:
    """Tables by their schemas, figures by their names, metrics, the model to store, and a summary in a few words."""

    tables: tuple[tuple[pa.DataFrameSchema, pd.DataFrame], ...]
    figures: dict[str, Figure]
    metrics: dict[str, Any]
    model: StoredModel
    summary: str


def row_results(
    data: FoldedRows,
    columns: pd.DataFrame,
    how: Sequence[Reading],
    settings: RowsSettings,
    compute: Compute,
    where: str,
) -> RowResults:
    """Evaluate models out of fold, the honest way and by mistakes, explain one of them, and fit the one to store, whose
    columns are read as `how` says.

    Raises InputError, which names the setting `where`, where SMOTE is asked for and has too few rows, where there is
    no model to store, and for subgroups by a column that the table does not have.
    """
    _check(data, settings, where)
    check_columns(columns, settings, where)
    compared = compare(data, columns, settings, compute)
    mistakes = leaks(_study(data, columns, settings, compared, where))
    explained = explain(data, columns, settings, compared.best(TREES) or Model.BOOSTING)
    shown = dict.fromkeys([compared.best(["logistic"]), compared.best(list(compared.scores))])
    scores = {str(model): compared.scores[model] for model in shown if model is not None}
    groups = by_subgroup(data, scores, settings)
    model = _stored(data, columns, how, settings, compute, compared)
    found = metrics(compared, mistakes, data) | explained.metrics() | _said_of(model)
    return RowResults(
        tables=(
            (COMPARISON, compared.comparison),
            (ROW_PREDICTIONS, compared.predictions),
            (CURVES, compared.curves),
            (CALIBRATION, compared.calibration),
            (CALIBRATED, compared.calibrated),
            (OPERATING, compared.operating),
            (SEEN_ROWS, compared.repeated),
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
        model=model,
        summary=f"{found['rows']} rows; {compared.summary()}",
    )


def _study(data: FoldedRows, columns: pd.DataFrame, settings: RowsSettings, compared: Compared, where: str) -> Study:
    """What protocols are evaluated on: all rows, or some in folds of their own."""
    if len(data.rows) <= settings.protocol_rows:
        return Study(data, columns, settings, compared.scores)
    return Study(folded(data.rows, settings.protocol_rows, settings.folds, settings.seed, where), columns, settings)


def _stored(
    data: FoldedRows,
    columns: pd.DataFrame,
    how: Sequence[Reading],
    settings: RowsSettings,
    compute: Compute,
    compared: Compared,
) -> StoredModel:
    """The model to store; `_check` has seen that there is one. Its ROC-AUC is that of `chosen_elsewhere`."""
    asked = settings.stored_model
    names = [str(one) for one in (STORED if asked == BEST else [asked]) if str(one) in compared.scores]
    chosen = compared.best(names)
    if chosen is None:
        raise ValueError(f"{asked} was not compared")
    area = compared.area(chosen)
    if len(names) > 1:
        score = chosen_elsewhere(data, {name: compared.scores[name] for name in names})
        area = areas.area(data.truth, score, data.fold, data.units, settings.confidence)
    return fit_stored(data, columns, how, settings, compute, chosen, compared.scores[chosen], area, names)


def _said_of(model: StoredModel) -> dict[str, Any]:
    """The metrics of the stored model, from its card."""
    card = model.card
    return {
        "stored_model": card["model"],
        "stored_chosen_of": len(card["chosen_of"]),
        "stored_roc_auc": card["roc_auc"],
        "stored_learnt_from": card["learnt_from"],
    }


def _check(data: FoldedRows, settings: RowsSettings, where: str) -> None:
    asked_model = settings.stored_model
    if not set(settings.models) & ({str(one) for one in STORED} if asked_model == BEST else {asked_model}):
        raise InputError(
            f"{where}.stored_model = {asked_model}: no such model is among `models` ({', '.join(settings.models)}); add"
            " one, or store another"
        )
    asked = [
        *(["resampled"] if set(settings.resampled) & set(settings.models) else []),
        *(["protocols"] if {Protocol.SMOTE_FIRST, Protocol.BOTH} & set(settings.protocols) else []),
    ]
    if asked and data.rarer <= NEIGHBOURS:
        raise InputError(
            f"{where}.{' and .'.join(asked)}: SMOTE needs {NEIGHBOURS + 1} rows of each outcome to fit to, and there"
            f" are only {data.rarer}; take SMOTE out, or more rows"
        )
