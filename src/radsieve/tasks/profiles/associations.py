"""How columns go together, two at a time: five measures, and a permutation test of all of them at once.

Columns that never differ within a unit belong to the unit: two of them count once for each unit. All other pairs count
once for each row. Only rows count in which both columns are known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import atanh, nan, sqrt, tanh
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri, xlogy
from scipy.stats import rankdata

from radsieve.stats.attributes import discretize
from radsieve.stats.permutations import max_t
from radsieve.stats.resampling import Estimate
from radsieve.tasks.profiles.frame import Flags, Floats, Integers, Profiled
from radsieve.tasks.profiles.shuffling import Column, permuted_statistics
from radsieve.tasks.tables import ASSOCIATIONS

_LEVELS = 10  # of a code; the rarest beyond share one
_RANGES = 4  # of a number, for the mutual information


@dataclass(frozen=True)
class Pair:
    """Two columns, and the measures of their association."""

    first: str
    second: str
    measures: tuple[str, ...]
    of_units: bool


def associate(data: Profiled, tested: Integers) -> pd.DataFrame:
    """ASSOCIATIONS: each pair of columns that are no lists, by each measure of their kinds.

    The p-value permutes the rows of each column on their own, whole units among those with as many rows, of the rows
    `tested`, and is corrected for all pairs and measures by maxT. Statistics are Pearson's correlation, that of ranks
    among all known rows, and, for the other measures, the sum of squared canonical correlations of the levels, which is
    chi-square over rows for two codes and the squared correlation ratio for a code and a number.
    """
    pairs = list(_pairs(data))
    codes = {name: _codes(data, name) for name in data.of_kind("code", "number")}
    rows = [_measured(data, pair, measure, codes) for pair in pairs for measure in pair.measures]
    table = pd.DataFrame(rows, columns=[name for name in ASSOCIATIONS.columns if name != "p_value"])
    table["p_value"] = np.nan
    defined = table["value"].notna().to_numpy()
    observed, permuted = _statistics(data, table[defined], codes, tested)
    table.loc[defined, "p_value"] = max_t(observed, permuted)
    return table


def _pairs(data: Profiled) -> Iterator[Pair]:
    names = data.of_kind("code", "number")
    for first, second in combinations(names, 2):
        kinds = {data.kinds[first], data.kinds[second]}
        own = {"number": ("pearson", "spearman"), "code": ("cramers_v",)}.get("".join(kinds), ("correlation_ratio",))
        of_units = not (data.differing[first] or data.differing[second])
        yield Pair(first, second, (*own, "mutual_information"), of_units)


def _codes(data: Profiled, name: str) -> Integers:
    """The level of each row (n,), -1 where it is missing."""
    known = data.known[name]
    found = np.full(len(known), -1, dtype=np.int64)
    if known.any():
        most = _RANGES if data.kinds[name] == "number" else _LEVELS
        found[known] = discretize(data.values(name)[known], most)[0]
    return found


def _measured(data: Profiled, pair: Pair, measure: str, codes: dict[str, Integers]) -> tuple[Any, ...]:
    """A row of ASSOCIATIONS without its p-value."""
    use = data.known[pair.first] & data.known[pair.second]
    if pair.of_units:
        use &= data.first_of_unit
    one, other = (codes[name][use] for name in (pair.first, pair.second))
    found = Estimate(nan)
    if len(one) and one.min() < one.max() and other.min() < other.max():
        found = _value(data, pair, measure, use, one, other)
    per = "unit" if pair.of_units else "row"
    return pair.first, pair.second, measure, per, int(use.sum()), found.value, found.lower, found.upper


def _value(data: Profiled, pair: Pair, measure: str, use: Flags, one: Integers, other: Integers) -> Estimate:
    if measure == "cramers_v":
        return Estimate(cramers_v(one, other))
    if measure == "mutual_information":
        return Estimate(mutual_information(one, other))
    if measure == "correlation_ratio":
        codes, number = (one, pair.second) if data.kinds[pair.first] == "code" else (other, pair.first)
        return Estimate(correlation_ratio(codes, data.values(number)[use].to_numpy(float)))
    x, y = (data.values(name)[use].to_numpy(float) for name in (pair.first, pair.second))
    if measure == "pearson":
        return correlation(x, y, np.ones(len(x)), data.units[use], data.unit_count).estimate(data.settings.confidence)
    units = int((np.bincount(data.units[use]) > 0).sum())
    return spearman(x, y, units, data.settings.confidence)


@dataclass(frozen=True)
class Correlation:
    """Pearson's correlation of weighted rows; `influence` (u,) is how much each unit moves it, by linearisation."""

    value: float
    influence: Floats

    def estimate(self, confidence: float) -> Estimate:
        """With its interval, normal after Fisher's transformation; without one for a perfect correlation."""
        slack, error = 1 - self.value**2, sandwich(self.influence)
        if not slack > 1e-9 or not error > 0:
            return Estimate(self.value)
        return _fisher(self.value, error / slack, confidence)


def correlation(x: Floats, y: Floats, weight: Floats, units: Integers, count: int) -> Correlation:
    """Pearson's correlation of `x` and `y` (n,), none missing, where row i counts `weight` (n,) times.

    Its error is that of the linearised correlation, summed within `units` (n,), which are numbers below `count` and
    independent: it needs no normal distribution (sandwich estimate; Zeger and Liang 1986, doi:10.2307/2531248). NaN
    where one of both does not vary.
    """
    share = weight / weight.sum() if len(weight) else weight
    centred = [values - (share * values).sum() for values in (x, y)]
    spread = [sqrt(float((share * values**2).sum())) for values in centred]
    if not min(spread) > 1e-9 * max(float(np.abs(np.concatenate([x, y])).max(initial=0)), 1e-300):
        return Correlation(nan, np.zeros(count))
    a, b = (values / of for values, of in zip(centred, spread, strict=True))
    value = float((share * a * b).sum())
    moves = np.bincount(units, share * (a * b - value * (a**2 + b**2) / 2), count)
    return Correlation(min(max(value, -1.0), 1.0), np.asarray(moves, dtype=float))


def sandwich(influence: Floats) -> float:
    """The standard error of what `influence` (u,), of sum 0, of independent units adds up to."""
    units = int((influence != 0).sum())
    return sqrt(float((influence**2).sum()) * units / (units - 1)) if units > 1 else nan


def spearman(x: Floats, y: Floats, units: int, confidence: float) -> Estimate:
    """Spearman's correlation (n,) with the interval of Bonett and Wright (2000, doi:10.1007/BF02294183).

    Units count as rows in it: with several rows in a unit the interval is on the safe side.
    """
    value = correlation(rankdata(x), rankdata(y), np.ones(len(x)), np.zeros(len(x), dtype=np.int64), 1).value
    if units < 5 or not 1 - value**2 > 1e-9:
        return Estimate(value)
    return _fisher(value, sqrt((1 + value**2 / 2) / (units - 3)), confidence)


def _fisher(value: float, error: float, confidence: float) -> Estimate:
    reach = float(ndtri((1 + confidence) / 2)) * error
    return Estimate(value, tanh(atanh(value) - reach), tanh(atanh(value) + reach))


def cramers_v(one: Integers, other: Integers) -> float:
    """Cramér's V of two codes (n,), each with two levels at least; without correction for bias."""
    table = _contingency(one, other)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    square = float(((table - expected) ** 2 / expected).sum()) / table.sum()
    return sqrt(square / (min(table.shape) - 1))


def correlation_ratio(codes: Integers, values: Floats) -> float:
    """Eta: the root of the share of the variance of `values` (n,) that lies between the levels of `codes` (n,)."""
    counts = np.bincount(codes)
    centred = values - values.mean()
    total = float((centred**2).sum())
    between = float((np.bincount(codes, weights=centred) ** 2 / np.maximum(counts, 1)).sum())
    return sqrt(min(between / total, 1.0)) if total > 0 else nan


def mutual_information(one: Integers, other: Integers) -> float:
    """The mutual information of two codes (n,) in bits, as counted: it is above 0 by chance."""
    table = _contingency(one, other)
    total = table.sum()
    marginal = xlogy(table.sum(axis=1), table.sum(axis=1)).sum() + xlogy(table.sum(axis=0), table.sum(axis=0)).sum()
    nats = (xlogy(table, table).sum() - marginal) / total + np.log(total)
    return max(float(nats / np.log(2)), 0.0)


def _contingency(one: Integers, other: Integers) -> Floats:
    """How often the levels of two codes meet (a, b), levels that occur alone."""
    shape = (int(one.max()) + 1, int(other.max()) + 1)
    table = np.bincount(one * shape[1] + other, minlength=shape[0] * shape[1]).reshape(shape).astype(float)
    return table[table.any(axis=1)][:, table.any(axis=0)]


def _statistics(
    data: Profiled, table: pd.DataFrame, codes: dict[str, Integers], tested: Integers
) -> tuple[Floats, Floats]:
    """The statistics of the rows of `table` (m,), and their permuted values (b, m)."""
    settings = data.settings
    permutations = settings.permutations
    observed, permuted = np.zeros(len(table)), np.zeros((permutations, len(table)))
    for number, per in enumerate(("unit", "row")):
        places = np.flatnonzero(table["per"] == per)
        if not len(places):
            continue
        rows = tested[data.first_of_unit[tested]] if per == "unit" else tested
        chosen = table.iloc[places]
        names = list(dict.fromkeys([*chosen["first"], *chosen["second"]]))
        columns = {name: _column(data, name, codes[name], rows) for name in names}
        asked = list(chosen[["first", "second", "measure"]].itertuples(index=False, name=None))
        random = np.random.default_rng([settings.seed, number])
        units = np.arange(len(rows)) if per == "unit" else data.units[rows]
        observed[places], permuted[:, places] = permuted_statistics(columns, asked, units, permutations, random)
    return observed, permuted


def _column(data: Profiled, name: str, codes: Integers, rows: Integers) -> Column:
    values = data.values(name).iloc[rows].to_numpy(float) if data.kinds[name] == "number" else None
    return Column.of(codes[rows], values)
