"""Predictions of rows by models that were fitted to the other folds."""

import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from threadpoolctl import threadpool_limits

from radsieve.errors import InputError
from radsieve.tasks.tables import TARGET, UNIT

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Key = TypeVar("Key", bound=Hashable)


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

    Of more rows than `at_most` whole units are taken, in the order of their names, which follow from the seed of the
    splits by a keyed hash. Raises InputError, which names the setting `where`, for a table without an outcome, for
    fewer units of an outcome than folds, and for a fold whose rows have one outcome alone.
    """
    if TARGET not in rows:
        raise InputError(f"{where}: the table has no outcome; name its column as `target` of pack_tables")
    ordered = rows.sort_values(UNIT, kind="stable")
    ends = ordered[UNIT].ne(ordered[UNIT].shift(-1)).to_numpy()
    last = np.flatnonzero(ends & (np.arange(len(rows)) < at_most))
    if not len(last):
        raise InputError(f"{where}.rows = {at_most}: the first unit has more rows; take more")
    taken = ordered.iloc[: last[-1] + 1].sort_index().reset_index(drop=True)
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
) -> dict[Key, Floats]:
    """The probability (n,) of each row by a model of each of `builders`, all of rows that were prepared alike.

    What `prepare` makes of the columns `names` is fitted to the other folds once for all models.
    """
    found = {key: np.full(len(data.fold), np.nan) for key in builders}
    for number in np.unique(data.fold):
        held_out = data.fold == number
        seen, unseen = data.rows.loc[~held_out, list(names)], data.rows.loc[held_out, list(names)]
        preparation = prepare().fit(seen, data.truth[~held_out])
        features, others = (np.asarray(preparation.transform(of), dtype=float) for of in (seen, unseen))
        for key, build in builders.items():
            found[key][held_out] = probability(fit(build(), features, data.truth[~held_out]), others)
    return found


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
