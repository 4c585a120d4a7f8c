"""Predictions of rows by models that were fitted to the other folds."""

import warnings
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from threadpoolctl import threadpool_limits

from radsieve.errors import InputError
from radsieve.stats.thresholds import youden
from radsieve.tasks.tables import TARGET, UNIT

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Key = TypeVar("Key", bound=Hashable)

_INNER = 4  # parts of the rows that a model may be fitted to, of which one chooses


@dataclass(frozen=True)
class FoldedRows:
    """Rows of a packed table, and the number (n,), from 0, of the fold that holds out each; units are whole."""

    rows: pd.DataFrame
    fold: Integers

    @property
    def truth(self) -> Integers:
        """The outcome of each row."""
        return self.rows[TARGET].to_numpy(np.int64)

    @property
    def rarer(self) -> int:
        """The rows of the rarer outcome among those that a model is fitted to, where they are fewest."""
        counts = [np.bincount(self.truth[self.fold != number], minlength=2).min() for number in np.unique(self.fold)]
        return int(min(counts))

    @property
    def units(self) -> Integers:
        """The number of the unit of each row."""
        return np.asarray(pd.factorize(self.rows[UNIT])[0], dtype=np.int64)


def folded(rows: pd.DataFrame, at_most: int, folds: int, seed: int, where: str) -> FoldedRows:
    """Divide the `rows` of a packed table into `folds` that keep units whole, and outcomes in proportion.

    Of more rows than `at_most` whole units are taken: see `first_units`. Raises InputError, which names the setting
    `where`, for a table without an outcome, for fewer units of an outcome than folds, and for a fold whose rows have
    one outcome alone.
    """
    if TARGET not in rows:
        raise InputError(f"{where}: the table has no outcome; name its column as `target` of pack_tables")
    places = first_units(rows[UNIT], at_most)
    if not len(places):
        raise InputError(f"{where}.rows = {at_most}: the first unit has more rows; take more")
    taken = rows.iloc[places].reset_index(drop=True)
    truth, units = taken[TARGET].to_numpy(np.int64), pd.factorize(taken[UNIT])[0]
    for outcome in (0, 1):
        count = len(np.unique(units[truth == outcome]))
        if count < folds:
            raise InputError(
                f"{where}.folds = {folds}: only {count} units have rows of the outcome {outcome}; take fewer folds"
            )
    fold = np.empty(len(taken), dtype=np.int64)
    # the one for groups takes minutes for a million rows
    grouped = len(np.unique(units)) < len(units)
    splitter = (StratifiedGroupKFold if grouped else StratifiedKFold)(folds, shuffle=True, random_state=seed)
    for number, (_, held_out) in enumerate(splitter.split(taken, truth, units if grouped else None)):
        fold[held_out] = number
        if len(np.unique(truth[held_out])) < 2:
            raise InputError(
                f"{where}.folds = {folds}: the units of fold {number + 1} have one outcome alone; take fewer folds"
            )
    return FoldedRows(taken, fold)


def first_units(units: pd.Series, at_most: int) -> Integers:
    """The places of at most so many rows in their order: of whole `units` (n,), the first ones by their names, which
    follow from the seed of the splits by a keyed hash; none if the first unit has more rows.
    """
    in_order = units.reset_index(drop=True).sort_values(kind="stable")
    order, ordered = in_order.index.to_numpy(np.int64), in_order.to_numpy()
    ends = np.append(ordered[1:] != ordered[:-1], True)
    last = np.flatnonzero(ends & (np.arange(len(ordered)) < at_most))
    return np.sort(order[: last[-1] + 1]) if len(last) else np.empty(0, dtype=np.int64)


def inner_split(truth: Integers, units: Integers, seed: int) -> tuple[Integers, Integers] | None:
    """Divide rows that a model may be fitted to once more: the places of those that it is fitted to, and of a quarter
    of the `units` (n,), whole, that chooses, with both outcomes `truth` (n,) in both.

    None where they are too few for that.
    """
    if np.bincount(truth, minlength=2).min() < _INNER:
        return None
    grouped = len(np.unique(units)) < len(units)
    splitter = (StratifiedGroupKFold if grouped else StratifiedKFold)(_INNER, shuffle=True, random_state=seed)
    fitted, chooses = next(iter(splitter.split(truth[:, None], truth, units if grouped else None)))
    return (fitted, chooses) if all(len(np.unique(truth[part])) == 2 for part in (fitted, chooses)) else None


@dataclass(frozen=True)
class OutOfFold:
    """The probability (n,) of each row by models that were fitted to the other folds, and from which probability on
    each of these models calls a row positive (folds,), where that was asked for.
    """

    scores: dict[Any, Floats]
    thresholds: dict[Any, Floats]


def out_of_fold(data: FoldedRows, build: Callable[[], Any], features: pd.DataFrame | Floats) -> Floats:
    """The probability (n,) of each row by a model of `build` that was fitted to the other folds.

    `features` has a row for each of `data`: a table, or numbers.
    """
    found = np.full(len(data.fold), np.nan)
    for number in np.unique(data.fold):
        held_out = data.fold == number
        found[held_out] = probability(
            fit(build(), _of(features, ~held_out), data.truth[~held_out]), _of(features, held_out)
        )
    return found


def out_of_fold_of(
    data: FoldedRows,
    prepare: Callable[[], Any],
    names: Sequence[str],
    builders: Mapping[Key, Callable[[], Any]],
    called: Collection[Key] = (),
    seed: int = 0,
) -> OutOfFold:
    """The predictions of each row by a model of each of `builders`, all of rows that were prepared alike.

    What `prepare` makes of the columns `names` is fitted to the other folds once for all models. The threshold of those
    `called` is chosen in the other folds, too: by a quarter of their units, on which a model that was fitted to the
    rest has the greatest sensitivity plus specificity there; the share of positive rows where they are too few.
    """
    found = {key: np.full(len(data.fold), np.nan) for key in builders}
    thresholds = {key: np.full(int(data.fold.max()) + 1, np.nan) for key in called}
    units = data.units
    for number in np.unique(data.fold):
        held_out = data.fold == number
        seen, unseen = data.rows.loc[~held_out, list(names)], data.rows.loc[held_out, list(names)]
        truth = data.truth[~held_out]
        preparation = prepare().fit(seen, truth)
        features, others = (np.asarray(preparation.transform(of), dtype=float) for of in (seen, unseen))
        inner = inner_split(truth, units[~held_out], seed) if called else None
        for key, build in builders.items():
            found[key][held_out] = probability(fit(build(), features, truth), others)
            if key in thresholds and inner is None:
                thresholds[key][number] = truth.mean()
            elif key in thresholds and inner is not None:
                fitted, chooses = inner
                score = probability(fit(build(), features[fitted], truth[fitted]), features[chooses])
                thresholds[key][number] = youden(truth[chooses], score)
    return OutOfFold(found, thresholds)


def fit(model: Any, features: pd.DataFrame | Floats, truth: Integers) -> Any:
    """Fit `model`; one that has not converged is taken as it is."""
    # one thread, so that the last digits do not depend on their number
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(features, truth)


def probability(model: Any, features: pd.DataFrame | Floats) -> Floats:
    """The probability (n,) of the outcome 1 by a fitted model."""
    with threadpool_limits(1):
        return np.asarray(model.predict_proba(features)[:, 1], dtype=float)


def _of(features: pd.DataFrame | Floats, rows: npt.NDArray[np.bool_]) -> Any:
    return features.loc[rows] if isinstance(features, pd.DataFrame) else features[rows]
