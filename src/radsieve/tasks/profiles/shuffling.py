"""The association of many pairs of columns at once, as it is and in thousands of permutations.

Each column becomes vectors with mean 0 and mean square 1 over its known rows: the number, its ranks, and a basis of the
differences between its levels. All statistics of a permutation are then sums of squares of one matrix product.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata
from threadpoolctl import threadpool_limits

from radsieve.progress import working
from radsieve.stats.attributes import shuffled_orders, units_by_length
from radsieve.tasks.profiles.frame import Flags, Floats, Integers

_CELLS = 2_000_000  # of a block of permutations: bounds the memory
_CACHED = 100_000  # cells of those whose statistics are computed at once: they stay in the cache
_PARTS = {  # which vectors of the first and of the second column a measure compares
    "pearson": ("number", "number"),
    "spearman": ("ranks", "ranks"),
    "cramers_v": ("levels", "levels"),
    "correlation_ratio": ("number", "number"),
    "mutual_information": ("levels", "levels"),
}


@dataclass(frozen=True)
class Column:
    """The vectors (n, k) of a column, 0 where it is not `known` (n,), and which of them each part is.

    A column of levels alone has them as its `number`, too: the correlation ratio compares levels with a number.
    """

    vectors: Floats
    known: Flags
    parts: Mapping[str, slice]

    @classmethod
    def of(cls, codes: Integers, values: Floats | None) -> "Column":
        """From the levels (n,), -1 where missing, and the numbers (n,) of a column of numbers."""
        known = codes >= 0
        levels = _basis(codes[known])
        if values is None:
            part = slice(0, levels.shape[1])
            return cls(_spread(levels, known), known, {"number": part, "levels": part})
        if levels.shape[1] == 1 and len(np.unique(values[known])) == 2:  # the same thing in all respects
            part = slice(0, 1)
            return cls(_spread(levels, known), known, dict.fromkeys(("number", "ranks", "levels"), part))
        number, ranks = (_standard(of[known]) for of in (values, rankdata(np.where(known, values, np.inf))))
        vectors = np.column_stack([number, ranks, levels])
        parts = {"number": slice(0, 1), "ranks": slice(1, 2), "levels": slice(2, vectors.shape[1])}
        return cls(_spread(vectors, known), known, parts)


def _standard(values: Floats) -> Floats:
    centred = values - (values.mean() if len(values) else 0)
    spread = float(np.sqrt((centred**2).mean())) if len(values) else 0
    return np.asarray(centred / spread if spread > 0 else centred)


def _basis(codes: Integers) -> Floats:
    """Orthogonal vectors (n, levels - 1) of mean 0 and mean square 1 that span the differences between levels."""
    levels = np.unique(codes)
    if len(levels) < 2:
        return np.zeros((len(codes), 0))
    flags = (codes[:, None] == levels[1:]).astype(float)
    return np.asarray(np.linalg.qr(flags - flags.mean(axis=0))[0] * np.sqrt(len(codes)))


def _spread(vectors: Floats, known: Flags) -> Floats:
    found = np.zeros((len(known), vectors.shape[1]))
    found[known] = vectors
    return found


@working("permutations of the columns")
def permuted_statistics(
    columns: Mapping[str, Column],
    asked: Sequence[tuple[str, str, str]],
    units: Integers,
    permutations: int,
    random: np.random.Generator,
) -> tuple[Floats, Floats]:
    """The statistic of each of `asked` (first column, second column, measure), and its permuted values (b, m).

    Every column is permuted on its own, whole `units` (n,) among those with as many rows, what is missing in it
    included. A statistic is the sum of squares of the products of both columns' vectors, over the number of rows in
    which both are known.
    """
    names = list(columns)
    vectors = np.concatenate([columns[name].vectors for name in names], axis=1)
    known = np.column_stack([columns[name].known for name in names]).astype(float)
    complete = bool(known.all())
    starts = np.cumsum([0, *(columns[name].vectors.shape[1] for name in names)])
    of_part, members = _members(columns, names, starts)
    first, second = (
        np.array([of_part[pair[side], _PARTS[pair[2]][side]] for pair in asked], dtype=np.int64) for side in (0, 1)
    )
    number = {name: place for place, name in enumerate(names)}
    at_column = [np.array([number[pair[side]] for pair in asked], dtype=np.int64) for side in (0, 1)]
    alike = units_by_length(units)
    of_column = [np.ascontiguousarray(vectors[:, start:end]) for start, end in pairwise(starts)]

    def statistics(orders: npt.NDArray[np.int64]) -> Floats:
        """Of b orders of the rows of each column (b, columns, n)."""
        moved = np.empty((len(orders), *vectors.shape))
        for place, own in enumerate(of_column):
            moved[:, :, starts[place] : starts[place + 1]] = own[orders[:, place]]
        squares = (moved.transpose(0, 2, 1) @ moved) ** 2
        sums = (members @ squares @ members.T)[:, first, second]
        if complete:
            return np.asarray(sums / len(units))
        masks = np.stack([known[orders[:, place], place] for place in range(len(names))], axis=2)
        both = (masks.transpose(0, 2, 1) @ masks)[:, at_column[0], at_column[1]]
        return np.asarray(sums / np.maximum(both, 1))

    straight = np.broadcast_to(np.arange(len(units)), (1, len(names), len(units)))
    found = np.empty((permutations, len(asked)))
    block, few = (max(cells // max(vectors.size, members.shape[1] ** 2), 1) for cells in (_CELLS, _CACHED))
    with threadpool_limits(1):
        observed = statistics(straight)[0]
        for start in range(0, permutations, block):
            here = slice(start, min(start + block, permutations))
            orders = shuffled_orders(alike, (here.stop - start, len(names)), random)
            found[here] = np.concatenate([statistics(orders[at : at + few]) for at in range(0, len(orders), few)])
    return observed, found


def _members(
    columns: Mapping[str, Column], names: Sequence[str], starts: Integers
) -> tuple[dict[tuple[str, str], int], Floats]:
    """The number of each part of each column, one for those that are the same, and which of all vectors are in each."""
    numbers: dict[tuple[str, str], int] = {}
    of_slice: dict[tuple[int, int], int] = {}
    for place, name in enumerate(names):
        for part, where in columns[name].parts.items():
            ends = int(starts[place]) + where.start, int(starts[place]) + where.stop
            numbers[name, part] = of_slice.setdefault(ends, len(of_slice))
    members = np.zeros((len(of_slice), int(starts[-1])))
    for row, (start, end) in enumerate(of_slice):
        members[row, start:end] = 1
    return numbers, members
