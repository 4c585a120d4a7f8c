"""How well one attribute of an item alone tells the item's class, such as an image's file its grade, or a column of a
table the outcome.

Each attribute is scored by the cross-validated balanced accuracy of the simplest model there is: for every value of the
attribute, the class whose items have that value most often. Attributes with many values are cut into ranges that hold
equally many items.

Items of one unit are not independent evidence: no unit is in two folds, the intervals of recalls are clustered by unit,
and whole units are shuffled.

The p-value is that of a permutation test of the mutual information between attribute and class. (Accuracy itself would
make a weak test: an attribute with two values can predict only two of five classes, however informative it is.) It is
corrected for the number of attributes by the largest standardised mutual information under the same shuffles: Westfall
and Young, Resampling-Based Multiple Testing, 1993, single-step maxT.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import xlogy

from radsieve.stats.permutations import max_t
from radsieve.stats.resampling import average, clustered_share

FOLDS = 5
MAX_VALUES = 10
CONFIDENCE = 0.95
SIGNIFICANCE = 0.05
_CELLS = 1_000_000  # of a block of permutations: bounds the memory
MISSING = "missing"  # the label of the code of values that are missing
SCORED = (
    "attribute",
    "distinct_values",
    "balanced_accuracy",
    "lower",
    "upper",
    "chance",
    "p_value",
    "leaks",
    "same_as",
)

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def score(
    attributes: pd.DataFrame,
    classes: npt.NDArray[Any],
    units: npt.NDArray[Any],
    permutations: int,
    min_gain: float,
    seed: int,
    tested: Counts | None = None,
) -> pd.DataFrame:
    """Score every column of `attributes` (n,) by how well it tells the `classes` (n,) of items in `units` (n,).

    Returns the columns SCORED. `balanced_accuracy` is the mean recall of the classes present, over FOLDS stratified
    folds of units; `chance` is one over the number of classes; `lower` and `upper` are put together from Wilson's
    interval (95%) of each recall, clustered by unit. The p-value permutes whole units among those of as many items, of
    all items or of those `tested` (m,), by their rows. An attribute `leaks` if its corrected p-value is at most 0.05,
    `lower` is above chance and its accuracy is so by `min_gain` at least. Attributes with a single value have no score,
    and none has if all items share one class. `same_as` names the first attribute whose values, or ranges, divide the
    items just alike; it has the same scores.
    """
    rng = np.random.default_rng(seed)
    present, found = np.unique(classes, return_inverse=True)
    numbers = pd.factorize(units)[0]
    distinct = attributes.nunique(dropna=False)
    names = [str(name) for name in attributes if len(present) > 1]
    codes = {name: discretize(attributes[name])[0] for name in names if distinct[name] > 1}
    folds = _stratified_folds(found, numbers, rng)
    hits = {name: _hits(code, found, folds) for name, code in codes.items()}
    rows_tested = np.arange(len(found)) if tested is None else tested
    corrected = corrected_p_values(
        [code[rows_tested] for code in codes.values()], found[rows_tested], numbers[rows_tested], permutations, rng
    )
    p_values = dict(zip(codes, corrected, strict=True))
    chance = 1 / len(present) if codes else None
    rows: list[dict[str, Any]] = []
    for name in map(str, attributes):
        row = {"attribute": name, "distinct_values": distinct[name], "chance": None, "leaks": False}
        row["same_as"] = _same_as(name, codes)
        if row["same_as"]:
            first = next(one for one in rows if one["attribute"] == row["same_as"])
            row = first | {one: row[one] for one in ("attribute", "distinct_values", "same_as")}
        elif name in hits:
            value, lower, upper = _balanced_accuracy(hits[name], found, numbers)
            row |= {"balanced_accuracy": value, "lower": lower, "upper": upper, "chance": chance}
            row["p_value"] = p_values[name]
            above = lower > 1 / len(present) and value - 1 / len(present) >= min_gain
            row["leaks"] = bool(p_values[name] <= SIGNIFICANCE and above)
        rows.append(row)
    return pd.DataFrame(rows).reindex(columns=list(SCORED))


def _same_as(name: str, codes: Mapping[str, Counts]) -> str:
    """The first attribute before `name` of which each value, or range, goes with one of it; empty if there is none."""
    for other in codes:
        if other == name or name not in codes:
            break
        pairs = np.unique(np.stack([codes[name], codes[other]]), axis=1).shape[1]
        if pairs == len(np.unique(codes[name])) == len(np.unique(codes[other])):
            return other
    return ""


def discretize(values: pd.Series, most: int = MAX_VALUES) -> tuple[Counts, list[str]]:
    """Codes 0, 1, ... of the values (n,) and the label of each code, at most `most` of them.

    Up to `most` values stay as they are. Beyond that, numbers are cut into ranges with equally many items (a lowest or
    highest value that many share is a range of its own), and of other values the most frequent ones stay and the rest
    is `other`. Classes play no part in this. A missing number has a code of its own behind all others.
    """
    known = values.notna().to_numpy()
    if not known.all():
        codes = np.full(len(values), -1, dtype=np.int64)
        codes[known], labels = discretize(values[known], most)
        return np.where(known, codes, len(labels)), [*labels, MISSING]
    numeric = pd.api.types.is_numeric_dtype(values)
    if values.nunique() <= most:
        codes, levels = pd.factorize(values, sort=True)
        return codes.astype(np.int64), [_label(level) for level in levels]
    if numeric:
        codes = _ranges(values, most)
        ends = values.groupby(codes).agg(["min", "max"])
        return codes, [_label(low) if low == high else f"{_label(low)} to {_label(high)}"
                       for low, high in ends.itertuples(index=False)]  # fmt: skip
    common = (
        values.value_counts()
        .rename_axis("value")
        .reset_index()
        .sort_values(["count", "value"], ascending=[False, True])
    )
    frequent = sorted(common["value"].head(most - 1))
    codes = pd.Index(frequent).get_indexer(values)
    return np.where(codes < 0, len(frequent), codes), [*map(str, frequent), "other"]


def _ranges(values: pd.Series, most: int) -> Counts:
    """The range of each of the numbers (n,), at most `most` of them."""
    ends = np.unique(values.quantile(np.linspace(0, 1, most + 1)[1:-1]))
    # most days of care are 0: with all others in one range, they would tell nothing
    codes = np.where(values == values.max(), len(ends), np.searchsorted(ends, values))
    return np.unique(codes, return_inverse=True)[1]


def _label(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _stratified_folds(classes: Counts, units: Counts, rng: np.random.Generator) -> Counts:
    """Deal the units of each class, that of their first item, out to FOLDS folds in random order."""
    of_unit = classes[np.unique(units, return_index=True)[1]]
    folds = np.empty(len(of_unit), np.int64)
    for one in range(classes.max(initial=-1) + 1):
        members = np.flatnonzero(of_unit == one)
        folds[rng.permutation(members)] = np.arange(len(members)) % FOLDS
    return folds[units]


def _hits(codes: Counts, classes: Counts, folds: Counts) -> npt.NDArray[np.bool_]:
    """Whether the class of each item is predicted from the codes of one attribute, in cross-validation.

    In each fold a code predicts the class with the largest share of its training items at that code, which is the
    prediction that serves balanced accuracy best. Counting items by fold, code and class is all that this needs.
    """
    shape = (FOLDS, int(codes.max()) + 1, int(classes.max()) + 1)
    flat = np.ravel_multi_index((folds, codes, classes), shape)
    counts = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
    train = counts.sum(axis=0) - counts
    share = train / np.maximum(train.sum(axis=1, keepdims=True), 1)
    return np.asarray(share.argmax(axis=2)[folds, codes] == classes)


def corrected_p_values(
    codes: Sequence[Counts], classes: Counts, units: Counts, permutations: int, rng: np.random.Generator
) -> Floats:
    """Permutation p-value of the association of each attribute with the class, corrected for their number.

    The classes of a whole unit change places with those of another unit of as many items, so that the dependence
    between attributes, and between items of a unit, is preserved.
    """
    if not codes:
        return np.empty(0)
    starts = np.cumsum([0, *(int(code.max()) + 1 for code in codes)])
    flags = np.zeros((int(starts[-1]), len(classes)))
    for code, start in zip(codes, starts, strict=False):
        flags[code + start, np.arange(len(classes))] = 1
    of_class = np.eye(int(classes.max()) + 1)[classes]
    found = [_information(flags, of_class[None], starts)]
    block = max(_CELLS // (len(classes) * of_class.shape[1]), 1)
    alike = units_by_length(units)
    for start in range(0, permutations, block):
        orders = shuffled_orders(alike, (min(block, permutations - start),), rng)
        found.append(_information(flags, of_class[orders], starts))
    statistics = np.concatenate(found)
    return max_t(statistics[0], statistics[1:])


def shuffled_orders(alike: Sequence[Counts], shape: tuple[int, ...], rng: np.random.Generator) -> Counts:
    """Random orders (*shape, n) of the rows of n items, in which whole units change places with those of as many.

    `alike` holds the rows of each unit: see `units_by_length`.
    """
    found = np.empty((*shape, sum(rows.size for rows in alike)), dtype=np.int64)
    for rows in alike:
        moved = np.tile(np.arange(len(rows)), (*shape, 1))
        rng.permuted(moved, axis=-1, out=moved)
        if len(alike) == 1 and rows.shape[1] == 1 and (rows[:, 0] == np.arange(len(rows))).all():
            return moved  # each item is a unit
        found[..., rows.ravel()] = rows[moved].reshape(*shape, -1)
    return found


def units_by_length(units: Counts) -> list[Counts]:
    """For each number of items that a unit has, the rows (units, items) of the units that have as many."""
    sizes = np.bincount(units)
    by_unit = np.split(np.argsort(units, kind="stable"), np.cumsum(sizes)[:-1])
    return [np.stack([by_unit[unit] for unit in np.flatnonzero(sizes == size)]) for size in np.unique(sizes[sizes > 0])]


def _information(flags: Floats, of_class: Floats, starts: Counts) -> Floats:
    """Mutual information (b, attributes) of codes and classes, up to terms that no shuffle changes.

    `flags` (levels, n) say which items have each level of each attribute, whose levels begin at `starts`; `of_class`
    (b, n, classes) which class each item has.
    """
    counts = (flags @ of_class.transpose(1, 0, 2).reshape(flags.shape[1], -1)).reshape(
        len(flags), *of_class[:, 0].shape
    )
    return np.add.reduceat(xlogy(counts, counts).sum(axis=2), starts[:-1], axis=0).T


def _balanced_accuracy(hits: npt.NDArray[np.bool_], classes: Counts, units: Counts) -> tuple[float, float, float]:
    """The mean of the recalls of the classes, and its bounds, put together from Wilson's interval of each.

    The recalls count as independent. The method of variance estimates recovery (Zou and Donner 2008,
    doi:10.1002/sim.3095) keeps a width where every item of a class, or none, is predicted correctly.
    """
    of_class = [classes == one for one in range(int(classes.max()) + 1)]
    found = average([clustered_share(hits[rows], units[rows], CONFIDENCE) for rows in of_class])
    return found.value, found.lower, found.upper
