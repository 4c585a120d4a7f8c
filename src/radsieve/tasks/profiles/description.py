"""What each column holds, which values it has how often, what is missing, and which rows are equal."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from radsieve.stats.attributes import SIGNIFICANCE, corrected_p_values
from radsieve.stats.resampling import clustered_wilsons
from radsieve.tasks.profiles.frame import Floats, Integers, Profiled
from radsieve.tasks.tables import DUPLICATES, MISSING, PROFILE_COLUMNS, TARGET, VALUE_COUNTS

_MOST_VALUES = 30  # of a column that are counted: the most frequent ones
_QUANTILES = {"lowest": 0, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "highest": 1}


def describe(data: Profiled) -> pd.DataFrame:
    """PROFILE_COLUMNS: a row for each column."""
    found = [_described(data, name) for name in data.kinds]
    return pd.DataFrame(found).reindex(columns=list(PROFILE_COLUMNS.columns))


def _described(data: Profiled, name: str) -> dict[str, Any]:
    kind, known = data.kinds[name], data.known[name]
    values = data.values(name)[known]
    row: dict[str, Any] = {"column": name, "kind": kind, "rows": len(known), "missing": int((~known).sum())}
    row |= {"differing_units": data.differing[name]}
    if kind == "number":
        row |= {end: values.quantile(share) for end, share in _QUANTILES.items()} if len(values) else {}
        row |= {"mean": values.mean(), "sd": values.std()}
    if kind == "list":
        values = data.items(name)[known].explode()
    counts = values.value_counts()
    top = sorted(counts.index[counts == counts.max()], key=str)[0] if len(counts) else ""
    share = float(counts.max()) / known.sum() if len(counts) else None
    return row | {"distinct": len(counts), "most_frequent": _text(top), "most_frequent_share": share}


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def count_values(data: Profiled) -> pd.DataFrame:
    """VALUE_COUNTS: the rows with each value of a code, and with each item of a list, which are counted per row.

    Beside them stands how many rows an analysis would see that makes a row of each item of `exploded`, once, or again
    of each item of the same list under another name: a row with k items counts k, or k squared times. The items
    themselves are right after the first time: only shares of rows are not.
    """
    exploded = data.settings.exploded
    lengths = None if exploded is None else item_counts(data, exploded)
    parts = [_counted(data, name, lengths) for name in data.of_kind("code", "list")]
    return pd.concat([pd.DataFrame(columns=list(VALUE_COUNTS.columns)), *parts], ignore_index=True)


def item_counts(data: Profiled, name: str) -> Integers:
    """How many rows each row (n,) becomes if the list `name` is exploded; without items it stays one row."""
    return np.asarray(np.maximum(data.items(name).map(len), 1), dtype=np.int64)


def _counted(data: Profiled, name: str, lengths: Integers | None) -> pd.DataFrame:
    """VALUE_COUNTS of one column, the most frequent values first."""
    known = data.known[name]
    listed = data.kinds[name] == "list"
    values = (data.items(name) if listed else data.values(name))[known].reset_index(drop=True)
    rows = np.flatnonzero(known)
    pairs = values.explode() if listed else values
    place = rows[pairs.index.to_numpy()]
    frame = pd.DataFrame({"value": pairs.to_numpy(), "row": place})
    grouped = frame.groupby("value", sort=True)["row"]
    order = grouped.size().sort_values(ascending=False, kind="stable").head(_MOST_VALUES)
    table = pd.DataFrame({"column": name, "value": order.index, "rows": order.to_numpy()})
    table["share"] = order.to_numpy() / max(int(known.sum()), 1)
    units = data.units[rows]
    position = np.full(len(known), -1)
    position[rows] = np.arange(len(rows))
    hits = []
    for value in order.index:
        hit = np.zeros(len(rows), dtype=bool)
        hit[position[grouped.get_group(value).to_numpy()]] = True
        hits.append(hit)
    table[["lower", "upper"]] = clustered_wilsons(hits, units, data.settings.confidence)
    if lengths is not None:
        # an item of the list that is exploded has one row of its own the first time
        once = np.ones_like(lengths) if name == data.settings.exploded else lengths
        for column, weight in (("exploded", once), ("exploded_twice", once * lengths)):
            summed = pd.Series(weight[place]).groupby(frame["value"]).sum()
            table[column] = summed.loc[order.index].to_numpy(float)
    return table.reindex(columns=list(VALUE_COUNTS.columns))


def find_missing(data: Profiled, tested: Integers) -> pd.DataFrame:
    """MISSING: how much of each column is missing, and whether that tells the target.

    `min` and `max` are the shares missing among rows of one value of the target each. The p-value is that of a
    permutation of whole units of the rows `tested`, corrected for the number of columns that have something missing.
    """
    names = [name for name in data.kinds if name != TARGET]
    absent = [~data.known[name] for name in names]
    table = pd.DataFrame({"column": names, "rows": len(data.rows), "missing": [int(one.sum()) for one in absent]})
    table[["min_in", "max_in"]] = ""
    table["share"] = [float(one.mean()) for one in absent]
    table[["lower", "upper"]] = clustered_wilsons(absent, data.units, data.settings.confidence)
    target = data.settings.target
    if target is not None:
        classes = data.values(target).where(data.known[target])
        for place, one in enumerate(absent):
            shares = pd.Series(one).groupby(classes.to_numpy()).mean()
            if names[place] != target and one.any() and len(shares):
                table.loc[place, ["min", "max"]] = [shares.min(), shares.max()]
                table.loc[place, ["min_in", "max_in"]] = [str(shares.idxmin()), str(shares.idxmax())]
        others = [one & (name != target) for name, one in zip(names, absent, strict=True)]
        table["p_value"] = _tells(data, others, tested)
        table["tells"] = (table["p_value"] <= SIGNIFICANCE).astype(int)
    return table.reindex(columns=list(MISSING.columns)).fillna({"tells": 0})


def _tells(data: Profiled, absent: Sequence[Any], tested: Integers) -> Floats:
    """The corrected p-value (m,) of each column's being missing against the target; NaN where nothing is."""
    target = str(data.settings.target)
    rows = tested[data.known[target][tested]]
    classes = pd.factorize(data.values(target).iloc[rows])[0].astype(np.int64)
    found = np.full(len(absent), np.nan)
    varied = [place for place, one in enumerate(absent) if 0 < one[rows].sum() < len(rows)]
    random = np.random.default_rng(data.settings.seed)
    codes = [absent[place][rows].astype(np.int64) for place in varied]
    if varied:
        found[varied] = corrected_p_values(codes, classes, data.units[rows], data.settings.permutations, random)
    return found


def find_duplicates(data: Profiled) -> pd.DataFrame:
    """DUPLICATES: equal rows, and rows with equal values of each key; a number has a row for itself if missing."""
    target = data.settings.target
    every = list(data.kinds)
    others = [name for name in every if name != target]
    named = [("all columns", every)]
    if target is not None:
        named.append(("all columns but the target", others))
    named += [(", ".join(key), list(key)) for key in data.settings.keys]
    found = [_repeated(data, label, names) for label, names in named]
    return pd.DataFrame(found).reindex(columns=list(DUPLICATES.columns))


def _repeated(data: Profiled, label: str, names: Sequence[str]) -> dict[str, Any]:
    number = np.zeros(len(data.rows), dtype=np.int64)
    for name in names:  # each column in turn, so that no row of many cells is held as a text
        values = pd.factorize(data.values(name))[0].astype(np.int64) + 1
        number = np.unique(number * (values.max() + 1) + values, return_inverse=True)[1]
    counts = np.bincount(number)
    row: dict[str, Any] = {"columns": label, "rows": len(number), "distinct": len(counts)}
    row |= {"repeated": len(number) - len(counts), "largest": int(counts.max())}
    target = data.settings.target
    if target is not None and target not in names:
        known = data.known[target]
        classes = pd.factorize(data.values(target)[known])[0]
        pairs = np.unique(np.stack([number[known], classes]), axis=1)[0]
        row["contradicting"] = float((np.bincount(pairs) > 1).sum())
    if target == TARGET and TARGET not in names:
        positive = np.bincount(number, weights=data.rows[TARGET].to_numpy(float), minlength=len(counts))
        row |= {"none_positive": float((positive == 0).sum()), "one_positive": float((positive == 1).sum())}
        row |= {"several_positive": float((positive > 1).sum()), "most_positive": float(positive.max())}
    return row
