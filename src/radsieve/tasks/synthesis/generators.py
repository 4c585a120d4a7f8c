"""Generators of synthetic rows, and of rows that are none: those between neighbours.

`marginals` draws each column by itself. `copula` is a Gaussian copula whose correlations are matched so that the drawn
values, not the normal ones behind them, have those of the real rows (NORTA: Cario and Nelson 1997). `trees` draws
column by column, each from the leaf of a tree that the columns before it lead to (synthpop: Nowok, Raab and Dibben
2016, doi:10.18637/jss.v074.i11). `vae` decodes drawn latents (see `radsieve.tasks.synthesis.autoencoder`). Values of
numbers are those of real rows; rows are not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_numeric_dtype
from scipy.special import ndtri
from sklearn.neighbors import NearestNeighbors
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from radsieve.settings import Compute
from radsieve.tasks.synthesis.frames import Floats, Frame, Integers, Space
from radsieve.tasks.synthesis.latent_variables import Latent, latents_of, rows_of

Random = np.random.Generator
Draw = Callable[[Random], pd.DataFrame]  # as many synthetic rows as real ones

_GRID = (np.arange(2000) + 0.5) / 2000  # of probabilities
_TERMS = 60  # Hermite polynomials
_CORRELATIONS = np.linspace(-0.995, 0.995, 399)
_LEAST = 1e-6  # eigenvalue of a correlation matrix
_NEIGHBOURS = 5


def generator(kind: str, real: Frame, leaf: int, seed: int, compute: Compute) -> Draw:
    """Fit the generator `kind` to `real`; what it returns draws as many rows.

    `leaf`: rows in a leaf of a tree at least; `compute`: where a network runs.
    """
    fitters: Mapping[str, Callable[[], Draw]] = {
        "marginals": lambda: _marginals(real),
        "copula": lambda: _copula(real),
        "trees": lambda: _trees(real, leaf, seed),
        "vae": lambda: _autoencoder(real, seed, compute),
        "smote": lambda: _between(real),
    }
    return fitters[kind]()


def _marginals(real: Frame) -> Draw:
    def draw(random: Random) -> pd.DataFrame:
        count = len(real.rows)
        return pd.DataFrame(
            {name: real.rows[name].to_numpy()[random.integers(count, size=count)] for name in real.rows}
        )

    return draw


def _copula(real: Frame) -> Draw:
    latents = latents_of(real)
    names = list(latents)
    lower = np.linalg.cholesky(_matched(list(latents.values())))

    def draw(random: Random) -> pd.DataFrame:
        normal = random.standard_normal((len(real.rows), len(names))) @ lower.T
        return rows_of({name: latents[name].drawn(normal[:, place]) for place, name in enumerate(names)}, real)

    return draw


def _hermite(latent: Latent) -> Floats:
    """The coefficients (terms,), from the first degree on, of the scores as a function of the normal variable."""
    normal = ndtri(_GRID)
    step = latent.scores[np.minimum(np.searchsorted(latent.up_to, _GRID), len(latent.levels) - 1)]
    before, now, found = np.ones_like(normal), normal, []
    for degree in range(1, _TERMS + 1):
        found.append(float((step * now).mean()))
        before, now = now, (normal * now - np.sqrt(degree) * before) / np.sqrt(degree + 1)
    return np.array(found)


def _matched(latents: Sequence[Latent]) -> Floats:
    """The correlations of the normal variables with which the scores of drawn values correlate as those of the rows."""
    scores = np.column_stack(
        [np.where(one.place >= 0, one.scores[np.maximum(one.place, 0)], np.nan) for one in latents]
    )
    observed = pd.DataFrame(scores).corr(min_periods=10).fillna(0).to_numpy()
    hermite = [_hermite(one) for one in latents]
    spread = [one.scores[np.minimum(np.searchsorted(one.up_to, _GRID), len(one.levels) - 1)].std() for one in latents]
    powers = _CORRELATIONS[:, None] ** np.arange(1, _TERMS + 1)
    found = np.eye(len(latents))
    for first in range(len(latents)):
        for second in range(first):
            norm = float(spread[first] * spread[second])
            if norm < 1e-9:
                continue
            reached = np.maximum.accumulate(powers @ (hermite[first] * hermite[second]) / norm)
            found[first, second] = found[second, first] = np.interp(observed[first, second], reached, _CORRELATIONS)
    values, vectors = np.linalg.eigh(found)
    mended = (vectors * np.maximum(values, _LEAST)) @ vectors.T
    scale = np.sqrt(np.diag(mended))
    return np.asarray(mended / np.outer(scale, scale))


@dataclass(frozen=True)
class _Step:
    """One column of a sequence: a tree, how levels of the columns before it become numbers, and the donors by leaf."""

    tree: DecisionTreeClassifier | DecisionTreeRegressor
    levels: Mapping[str, Mapping[str, float]]
    donors: npt.NDArray[np.object_]  # in the order of their leaves
    start: Integers  # of each leaf among the donors
    count: Integers

    @classmethod
    def of(cls, before: pd.DataFrame, column: npt.NDArray[np.object_], number: bool, leaf: int, seed: int) -> "_Step":
        """Fit to the rows of a column of numbers, or of codes, and of the columns `before`."""
        kind = DecisionTreeRegressor if number else DecisionTreeClassifier
        order = column.astype(float) if number else (column == pd.Series(column).mode()[0]).astype(float)
        levels = {
            str(name): {str(level): float(mean) for level, mean in _means(order, values).items()}
            for name, values in before.items()
            if not is_numeric_dtype(values)
        }
        tree = kind(min_samples_leaf=leaf, random_state=seed)
        features = _features(before, levels)
        leaves = tree.fit(features, column.astype(float) if number else column.astype(str)).apply(features)
        ordered = np.argsort(leaves, kind="stable")
        count = np.bincount(leaves, minlength=tree.tree_.node_count)
        return cls(tree, levels, column[ordered], np.cumsum(count) - count, count)

    def draw(self, before: pd.DataFrame, random: Random) -> npt.NDArray[np.object_]:
        """A donor's value for each row, from its leaf."""
        leaves = self.tree.apply(_features(before, self.levels))
        chosen = self.start[leaves] + (random.random(len(leaves)) * self.count[leaves]).astype(np.int64)
        return np.asarray(self.donors[chosen], dtype=object)


def _means(order: Floats, levels: pd.Series) -> "pd.Series[float]":
    """The mean of `order` (n,) by level (n,)."""
    return pd.Series(order).groupby(levels.to_numpy()).mean()


def _features(rows: pd.DataFrame, levels: Mapping[str, Mapping[str, float]]) -> npt.NDArray[np.float32]:
    """Rows as numbers: each level of a code by the mean of the column that is drawn, as trees split them best."""
    columns = [rows[name].map(levels[name]) if name in levels else rows[name] for name in map(str, rows.columns)]
    return np.column_stack([column.to_numpy(np.float32) for column in columns])


def _trees(real: Frame, leaf: int, seed: int) -> Draw:
    names = list(real.names)
    steps: dict[object, _Step] = {}
    for place, name in enumerate(names[1:], start=1):
        before, column, number = real.rows[names[:place]], real.rows[name], name in real.numbers
        known = column.notna().to_numpy()
        if number and not known.all():
            steps[name, "missing"] = _Step.of(
                before, column.isna().to_numpy().astype(str).astype(object), False, leaf, seed
            )
        if known.any():
            steps[name] = _Step.of(before[known], column[known].to_numpy(object), number, leaf, seed)

    def draw(random: Random) -> pd.DataFrame:
        count = len(real.rows)
        rows = pd.DataFrame({names[0]: real.rows[names[0]].to_numpy()[random.integers(count, size=count)]})
        for name in names[1:]:
            values = steps[name].draw(rows, random) if name in steps else np.full(count, np.nan)
            column = pd.Series(values, dtype=float if name in real.numbers else object)
            if (name, "missing") in steps:
                column = column.where(steps[name, "missing"].draw(rows, random) != "True")
            rows[name] = column
        return rows

    return draw


def _autoencoder(real: Frame, seed: int, compute: Compute) -> Draw:
    from radsieve.tasks.synthesis.autoencoder import fitted  # seconds of imports that the other generators do not need

    return fitted(real, seed, compute)


def _between(real: Frame) -> Draw:
    """Rows between each row and one of its five nearest neighbours of the same outcome, as SMOTE makes them (Chawla and
    others 2002, doi:10.1613/jair.953); codes are those of either."""
    points, count = Space.of(real).points(real), len(real.rows)
    neighbours = np.zeros((count, _NEIGHBOURS), dtype=np.int64)
    for label in (0, 1):
        alike = np.flatnonzero(real.truth == label)
        if len(alike):
            wanted = min(_NEIGHBOURS + 1, len(alike))
            found = (
                NearestNeighbors(n_neighbors=wanted)
                .fit(points[alike])
                .kneighbors(return_distance=False, n_neighbors=max(wanted - 1, 1))
                if len(alike) > 1
                else np.zeros((1, 1), dtype=int)
            )
            neighbours[alike] = alike[found[:, np.arange(_NEIGHBOURS) % found.shape[1]]]

    def draw(random: Random) -> pd.DataFrame:
        other = neighbours[np.arange(count), random.integers(_NEIGHBOURS, size=count)]
        share, columns = random.random(count), {}
        for name in real.names:
            mine = real.rows[name].to_numpy()
            theirs = mine[other]
            if name in real.numbers:
                between = mine + share * (theirs - mine)
                columns[name] = np.where(np.isnan(between), mine, between)
            else:
                columns[name] = np.where(random.random(count) < 0.5, mine, theirs)
        return pd.DataFrame(columns)

    return draw
