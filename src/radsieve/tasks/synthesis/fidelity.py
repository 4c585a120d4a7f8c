"""How like real rows synthetic ones are: column by column, pair by pair, and by a model that tells both apart."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split

from radsieve.stats.resampling import Estimate
from radsieve.tasks.rows.areas import area
from radsieve.tasks.rows.folds import fit, probability
from radsieve.tasks.synthesis.frames import Floats, Frame, Integers, Space
from radsieve.tasks.synthesis.settings import SynthesisSettings
from radsieve.tasks.synthesis.tables import FIDELITY

Edges = Mapping[str, Floats | list[str]]

_BINS = 5  # of a number in a pair
_LEVELS = 20  # of a code, the most frequent ones; the others are one
_ROUNDS = 50
_FEWEST = 2  # units of either kind, one to learn from and one to evaluate by


def fidelity(real: Frame, others: Mapping[str, Frame], settings: SynthesisSettings) -> pd.DataFrame:
    """FIDELITY of each of `others`, synthetic rows or other real ones, beside `real`, unseen rows.

    Numbers are counted in fifths of the real rows, missing ones apart. A distance is that of total variation, from 0 to
    1; the association of a pair is Cramér's V without its bias (Bergsma 2013, doi:10.1016/j.jkss.2012.10.002). The
    ROC-AUC of a boosted model that tells real rows from others, fitted to one half of the units and evaluated by the
    other, is 0.5 where it cannot (two-sample test by a classifier: Lopez-Paz and Oquab 2017, arXiv 1610.06545).
    """
    edges = _edges(real)
    counted = _counted(real, edges)
    rows: list[tuple[object, ...]] = []
    for name, frame in others.items():
        other = _counted(frame, edges)
        for column, (places, levels) in counted.items():
            shares = [np.bincount(of, minlength=levels) / len(of) for of in (places, other[column][0])]
            rows.append((name, "column", column, "", "distance", _apart(*shares), np.nan, np.nan, np.nan))
        for first, second in combinations(counted, 2):
            tables = [_crossed(of, first, second) for of in (counted, other)]
            shares = [table.ravel() / table.sum() for table in tables]
            was, now = (_association(table) for table in tables)
            rows.append((name, "pair", first, second, "distance", _apart(*shares), np.nan, np.nan, np.nan))
            rows.append((name, "pair", first, second, "association", now, np.nan, np.nan, was))
        told = _told_apart(real, frame, settings)
        rows.append((name, "rows", "", "", "roc_auc", told.value, told.lower, told.upper, 0.5))
    return pd.DataFrame(rows, columns=list(FIDELITY.columns))


def _edges(real: Frame) -> Edges:
    """The inner edges of the bins of each number, and the levels of each code that have a place of their own."""
    found: dict[str, Floats | list[str]] = {}
    for name in real.names:
        column = real.rows[name]
        if name in real.numbers:
            known = column.dropna()
            inner = np.linspace(0, 1, _BINS + 1)[1:-1]
            found[name] = np.unique(np.quantile(known, inner)) if len(known) else np.array([])
        else:
            found[name] = sorted(map(str, column.value_counts().index[:_LEVELS]))
    return found


def _counted(frame: Frame, edges: Edges) -> dict[str, tuple[Integers, int]]:
    """The place of each row's value in each column, and how many places there are."""
    found: dict[str, tuple[Integers, int]] = {}
    for name, of in edges.items():
        column = frame.rows[name]
        if isinstance(of, np.ndarray):
            places = np.where(column.isna(), len(of) + 1, np.searchsorted(of, column.to_numpy(float), side="left"))
            found[name] = places.astype(np.int64), len(of) + 2
        else:
            number = {level: place for place, level in enumerate(of)}
            places = np.asarray(column.map(number).fillna(len(number)), dtype=np.int64)
            found[name] = places, len(number) + 1
    return found


def _crossed(counted: Mapping[str, tuple[Integers, int]], first: str, second: str) -> Floats:
    (one, rows), (two, columns) = counted[first], counted[second]
    return np.bincount(one * columns + two, minlength=rows * columns).reshape(rows, columns).astype(float)


def _apart(first: Floats, second: Floats) -> float:
    return float(min(np.abs(first - second).sum() / 2, 1.0))


def _association(table: Floats) -> float:
    """Cramér's V of a table of counts, corrected for its bias; 0 where a variable has one value."""
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    count, (rows, columns) = table.sum(), table.shape
    if min(rows, columns) < 2:
        return 0.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / count
    squared = float(((table - expected) ** 2 / expected).sum() / count)
    squared = max(squared - (rows - 1) * (columns - 1) / (count - 1), 0.0)
    least = min(rows - (rows - 1) ** 2 / (count - 1), columns - (columns - 1) ** 2 / (count - 1)) - 1
    return float(min(np.sqrt(squared / least), 1.0)) if least > 0 else 0.0


def _told_apart(real: Frame, other: Frame, settings: SynthesisSettings) -> Estimate:
    count = min(len(real.rows), len(other.rows), settings.compared_rows)
    space = Space.of(real)
    features = np.vstack([space.points(real)[:count], space.points(other)[:count]])
    truth = np.repeat([0, 1], count).astype(np.int64)
    units = np.append(real.units[:count], other.units[:count] + real.units.max() + 1)
    names, first = np.unique(units, return_index=True)
    if np.bincount(truth[first]).min() < _FEWEST:
        return Estimate(np.nan)
    half, _ = train_test_split(names, test_size=0.5, stratify=truth[first], random_state=settings.seed)
    seen = np.isin(units, half)
    unseen = ~seen
    model = HistGradientBoostingClassifier(max_iter=_ROUNDS, early_stopping=False, random_state=settings.seed)
    score = probability(fit(model, features[seen], truth[seen]), features[unseen])
    once = np.zeros(len(score), dtype=np.int64)
    return area(truth[unseen], score, once, units[unseen], settings.confidence)
