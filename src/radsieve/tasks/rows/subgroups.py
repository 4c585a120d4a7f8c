"""Results by subgroup of the rows, such as sex and band of age, and whether those of all other rows differ."""

import logging
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.stats import regression, resampling
from radsieve.stats.paired_tests import holm, p_of_interval
from radsieve.stats.resampling import Estimate
from radsieve.tables.subgroups import NOT_STATED, age_band, age_bands, alike
from radsieve.tasks.rows import areas
from radsieve.tasks.rows.folds import FoldedRows
from radsieve.tasks.rows.settings import RowsSettings
from radsieve.tasks.tables import ROW_SUBGROUPS

_log = logging.getLogger(__name__)
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FEW = 10  # units of an outcome below which a subgroup is too small for an area


def check_columns(columns: pd.DataFrame, settings: RowsSettings, where: str) -> None:
    """Raise InputError, which names the setting below `where`, for a subgroup by a column that is not there."""
    known = columns["column"].tolist()
    for key, names, none in (("subgroups", settings.subgroups, "[]"), ("age", _age(settings), "none")):
        if missing := [name for name in names if name not in known]:
            raise InputError(
                f"{where}.{key}: the packed table has no column {', '.join(missing)}; name one of {', '.join(known)},"
                f" or {none}"
            )


def by_subgroup(data: FoldedRows, scores: Mapping[str, Floats], settings: RowsSettings) -> pd.DataFrame:
    """ROW_SUBGROUPS of the probabilities `scores` (n,) by model, for each value of `settings.subgroups` and each
    band of `settings.age`.

    For the ROC-AUC see `area_within`; the columns are those of a table that `check_columns` accepts.
    """
    rows = []
    for column, value, inside in _subgroups(data, settings):
        apart = not np.intersect1d(data.units[inside], data.units[~inside]).size
        sizes = int(inside.sum()), int(data.truth[inside].sum())
        for model, score in scores.items():
            for metric, measure in (("roc_auc", area_within), ("observed_minus_expected", _gap)):
                found, others = (measure(data, score, part, settings.confidence) for part in (inside, ~inside))
                gap = _difference(found, others, apart)
                bounds = (found.value, found.lower, found.upper, gap.value, gap.lower, gap.upper)
                rows.append((column, value, *sizes, model, metric, *bounds, p_of_interval(gap, settings.confidence)))
    table = pd.DataFrame(rows, columns=[*list(ROW_SUBGROUPS.columns)[:-1], "p"])
    return table.assign(holm=holm(table["p"].to_numpy(float)))[list(ROW_SUBGROUPS.columns)]


def _age(settings: RowsSettings) -> list[str]:
    return [settings.age] if settings.age else []


def _subgroups(data: FoldedRows, settings: RowsSettings) -> Iterator[tuple[str, str, Flags]]:
    """Column, value and rows of each subgroup; columns with one value only are left out."""
    for name in (*settings.subgroups, *_age(settings)):
        texts = alike(name, data.rows[name].map(lambda value: value if isinstance(value, str) else f"{value:g}"))
        if name == settings.age:
            texts = texts.map(lambda value: age_band(value, settings.age_bands))
        texts = texts.where(~texts.isin(["", "nan"]), NOT_STATED)
        known = age_bands(settings.age_bands) if name == settings.age else sorted(set(texts) - {NOT_STATED})
        values = [value for value in [*known, NOT_STATED] if (texts == value).any()]
        if len(values) == 1:
            _log.warning("%s: there are no subgroups, since in every row it is %s", name, values[0])
            continue
        for value in values:
            yield name, value, (texts == value).to_numpy()


def area_within(data: FoldedRows, score: Floats, rows: Flags, confidence: float) -> Estimate:
    """The ROC-AUC of `score` (n,) among those of the rows that `rows` (n,) marks: the mean over the folds in which they
    have two units of each outcome at least; not given for fewer than ten units of one altogether.
    """
    truth, fold, units = data.truth[rows], data.fold[rows], data.units[rows]
    counts = pd.DataFrame({"fold": fold, "truth": truth, "unit": units}).drop_duplicates()
    if counts.groupby("truth")["unit"].nunique().reindex([0, 1], fill_value=0).min() < FEW:
        return Estimate(np.nan)
    by_fold = pd.crosstab(counts["fold"], counts["truth"]).reindex(columns=[0, 1], fill_value=0)
    usable = np.isin(fold, by_fold.index[by_fold.min(axis=1) >= 2])
    if not usable.any():
        return Estimate(np.nan)
    return areas.area(truth[usable], score[rows][usable], fold[usable], units[usable], confidence)


def _gap(data: FoldedRows, score: Floats, rows: Flags, confidence: float) -> Estimate:
    """The share of positive rows minus the mean probability."""
    apart = data.truth[rows] - score[rows]
    return regression.linear(np.ones((len(apart), 1)), apart, data.units[rows]).estimate(0, confidence)


def _difference(found: Estimate, others: Estimate, apart: bool) -> Estimate:
    """Without bounds where a unit is on both sides, since those of independent parts would be wrong."""
    known = apart and np.isfinite([found.lower, found.upper, others.lower, others.upper]).all()
    return resampling.difference(found, others) if known else Estimate(found.value - others.value)
