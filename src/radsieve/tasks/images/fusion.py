"""Image and table together: each alone, joined before or after a model, and with one of them missing or shuffled.

Everything is fitted to the other folds, which keep units whole: scales, levels of codes, strengths of regularisation
(by inner folds), and how two logits are stacked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from radsieve.errors import InputError
from radsieve.imaging.named_files import files_named
from radsieve.tables.user_tables import read_cells
from radsieve.tasks.settings import FuseModalities

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

IMAGE, TABLE, EARLY, LATE = "image", "table", "early", "late"
WHOLE, MISSING, SHUFFLED = "whole", "missing", "shuffled"
_STEPS = 300
_INNER = 3


@dataclass(frozen=True)
class Pairs:
    """Images with rows: features (n, f) of the images, the `rows` (n) of the table, truth, units and folds (n,)."""

    names: list[str]
    features: Floats
    rows: pd.DataFrame
    truth: Integers
    units: Integers
    fold: Integers


@dataclass(frozen=True)
class Columns:
    """Which columns of the table take part: numbers, and codes without an order."""

    numbers: tuple[str, ...]
    codes: tuple[str, ...]


def read_rows(path: Path, images: pd.DataFrame, settings: FuseModalities, where: str) -> tuple[pd.DataFrame, Integers]:
    """The rows of the table at `path` that belong to `images` (CLASS_IMAGES), and the places of these images.

    An image without a row, or with two that differ, takes no part. Raises InputError, which names `where`, for a column
    that is missing, a number that is none, or no image with a row.
    """
    wanted = [settings.name, *settings.numbers, *settings.codes, *settings.findings, *settings.acquisition]
    table = read_cells(path, wanted)
    if missing := [name for name in wanted if name not in table.columns]:
        raise InputError(
            f"{path}: no column {', '.join(map(repr, missing))} ({where}); it has {', '.join(table.columns)}"
        )
    files = files_named(table[settings.name], images["image"], f"{where}.table")
    table = table.assign(**{settings.name: [files.get(name, name) for name in table[settings.name]]})
    table = table[list(dict.fromkeys(wanted))].drop_duplicates()
    once = table[~table.duplicated(settings.name, keep=False)].set_index(settings.name)
    places = np.flatnonzero(images["image"].isin(once.index).to_numpy())
    if not len(places):
        raise InputError(f"{path}: no row of it names an image of the set ({where}.name = {settings.name})")
    rows = once.loc[images["image"].iloc[places]].reset_index(drop=True)
    for name in settings.numbers:
        numbers = pd.to_numeric(rows[name].replace("", np.nan), errors="coerce")
        wrong = rows.loc[numbers.isna() & (rows[name] != ""), name]
        if len(wrong):
            raise InputError(f"{path}: column '{name}' ({where}.numbers) holds {wrong.iloc[0]!r}, which is no number")
        rows[name] = numbers
    return rows, places


def folds_of(truth: Integers, units: Integers, folds: int, seed: int, where: str) -> Integers:
    """The fold (n,) that holds out each image; units are whole. Raises InputError for fewer units of a class."""
    for label in (0, 1):
        count = len(np.unique(units[truth == label]))
        if count < folds:
            raise InputError(f"{where}.folds = {folds}: only {count} units of class {label}; take fewer folds")
    found = np.empty(len(truth), dtype=np.int64)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for number, (_, held_out) in enumerate(splitter.split(truth, truth, units)):
        found[held_out] = number
    return found


@dataclass(frozen=True)
class Fused:
    """The probability (n,) of class 1 by (model, what is done to the image, what is done to the table)."""

    probability: dict[tuple[str, str, str], Floats]


def fuse(pairs: Pairs, columns: Columns, strengths: Sequence[float], seed: int) -> Fused:
    """Predict every image by models that were fitted to the other folds, with whole and with damaged inputs."""
    states = [(WHOLE, WHOLE), (MISSING, WHOLE), (SHUFFLED, WHOLE), (WHOLE, MISSING), (WHOLE, SHUFFLED)]
    keys = [(IMAGE, WHOLE, WHOLE), (TABLE, WHOLE, WHOLE)] + [
        (model, *state) for model in (EARLY, LATE) for state in states
    ]
    found = {key: np.full(len(pairs.truth), np.nan) for key in keys}
    for number in np.unique(pairs.fold):
        held_out = pairs.fold == number
        models = _Models.fit(pairs, ~held_out, columns, strengths, seed)
        order = np.random.default_rng([seed, int(number)]).permutation(int(held_out.sum()))
        for key in keys:
            found[key][held_out] = models.predict(pairs, held_out, *key, order)
    return Fused(found)


@dataclass(frozen=True)
class _Models:
    """Models of one fold: how image and table become numbers, and the models of each and of both."""

    image: Callable[[Pairs, npt.NDArray[np.bool_]], Floats]
    table: Callable[[Pairs, npt.NDArray[np.bool_]], Floats]
    alone: dict[str, LogisticRegression]
    early: LogisticRegression
    late: LogisticRegression
    usual: dict[str, float]

    @classmethod
    def fit(
        cls, pairs: Pairs, learnt: npt.NDArray[np.bool_], columns: Columns, strengths: Sequence[float], seed: int
    ) -> "_Models":
        of_image, of_table = _scaled(pairs, learnt), _prepared(pairs, learnt, columns)
        known = {IMAGE: of_image(pairs, learnt), TABLE: of_table(pairs, learnt)}
        truth, units = pairs.truth[learnt], pairs.units[learnt]
        alone, stacked = {}, []
        for name, features in known.items():
            strength, logits = _chosen(features, truth, units, strengths, seed)
            alone[name] = _logistic(features, truth, strength)
            stacked.append(logits)
        both = np.hstack(list(known.values()))
        early = _logistic(both, truth, _chosen(both, truth, units, strengths, seed)[0])
        late = _logistic(np.column_stack(stacked), truth, 1.0)
        usual = {name: float(logits.mean()) for name, logits in zip(known, stacked, strict=True)}
        return cls(of_image, of_table, alone, early, late, usual)

    def predict(
        self, pairs: Pairs, rows: npt.NDArray[np.bool_], model: str, image: str, table: str, order: Integers
    ) -> Floats:
        """The probability of `rows`; what is missing counts as the mean of those learnt from, `order` shuffles."""
        inputs = {IMAGE: self.image(pairs, rows), TABLE: self.table(pairs, rows)}
        states = {IMAGE: image, TABLE: table}
        if model in inputs:
            return _probability(self.alone[model], inputs[model])
        if model == EARLY:
            changed = [_damaged(inputs[name], states[name], 0.0, order) for name in inputs]
            return _probability(self.early, np.hstack(changed))
        logits = [
            _damaged(_logits(self.alone[name], inputs[name])[:, None], states[name], self.usual[name], order)
            for name in inputs
        ]
        return _probability(self.late, np.hstack(logits))


def _damaged(values: Floats, state: str, usual: float, order: Integers) -> Floats:
    if state == MISSING:
        return np.full_like(values, usual)
    return values[order] if state == SHUFFLED else values


def _scaled(pairs: Pairs, learnt: npt.NDArray[np.bool_]) -> Callable[[Pairs, npt.NDArray[np.bool_]], Floats]:
    mean, spread = pairs.features[learnt].mean(axis=0), pairs.features[learnt].std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    return lambda of, rows: np.asarray((of.features[rows] - mean) / spread)


def _prepared(
    pairs: Pairs, learnt: npt.NDArray[np.bool_], columns: Columns
) -> Callable[[Pairs, npt.NDArray[np.bool_]], Floats]:
    """Numbers at the median where they are missing and marked, codes as a column for each level, all of mean 0."""
    known = pairs.rows[learnt]
    medians = {name: float(known[name].median()) if known[name].notna().any() else 0.0 for name in columns.numbers}
    levels = {name: sorted(set(known[name])) for name in columns.codes}

    def raw(rows: pd.DataFrame) -> Floats:
        parts = [rows[name].fillna(medians[name]).to_numpy(np.float64) for name in columns.numbers]
        parts += [rows[name].isna().to_numpy(np.float64) for name in columns.numbers]
        parts += [(rows[name] == level).to_numpy(np.float64) for name in columns.codes for level in levels[name]]
        return np.column_stack(parts)

    fitted = raw(known)
    mean, spread = fitted.mean(axis=0), fitted.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    return lambda of, rows: np.asarray((raw(of.rows[rows]) - mean) / spread)


def _chosen(
    features: Floats, truth: Integers, units: Integers, strengths: Sequence[float], seed: int
) -> tuple[float, Floats]:
    """The strength with the least loss on inner folds, and the logits (n,) that they give."""
    inner = StratifiedGroupKFold(_INNER, shuffle=True, random_state=seed)
    parts = list(inner.split(features, truth, units))
    best: tuple[float, float, Floats] = (np.inf, strengths[0], np.zeros(len(truth)))
    for strength in strengths:
        logits = np.zeros(len(truth))
        for learnt, held_out in parts:
            logits[held_out] = _logits(_logistic(features[learnt], truth[learnt], strength), features[held_out])
        loss = float(np.logaddexp(0, np.where(truth == 1, -logits, logits)).mean())
        if loss < best[0]:
            best = loss, strength, logits
    return best[1], best[2]


def _logistic(features: Floats, truth: Integers, strength: float) -> LogisticRegression:
    with threadpool_limits(1):
        return LogisticRegression(C=strength, max_iter=_STEPS).fit(features, truth)


def _logits(model: LogisticRegression, features: Floats) -> Floats:
    with threadpool_limits(1):
        return np.asarray(model.decision_function(features), dtype=np.float64)


def _probability(model: LogisticRegression, features: Floats) -> Floats:
    return np.asarray(expit(_logits(model, features)))
