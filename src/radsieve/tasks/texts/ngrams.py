"""Interpolated n-gram models: how likely a sign is after the ones before it, by counts in the training works."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radsieve.errors import InputError

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BOUNDARY, UNKNOWN, FIRST_KNOWN = 0, 1, 2  # codes of what precedes a work, of a sign that is not known, of the first


@dataclass(frozen=True)
class _Level:
    """Of all contexts of one length: the pairs of context and sign with their counts, and what contexts have."""

    pairs: Codes
    counts: Floats
    contexts: Codes
    totals: Floats
    kinds: Floats  # different signs after a context
    discount: float


class NGram:
    """An n-gram model of codes with interpolated Kneser-Ney smoothing.

    As in Chen and Goodman (1999, doi:10.1006/csla.1999.0128).

    Lower orders count after how many different signs a sign occurs; the discount of an order is n1 / (n1 + 2 n2) by
    the numbers of pairs that occur once and twice. The lowest order is mixed with a uniform distribution.
    """

    def __init__(self, pairs: Codes, counts: Floats, order: int, signs: int) -> None:
        """Take `counts` (n,) of the different `pairs` (n,) of a context and a sign, see `tensors`."""
        self.order, self.signs = order, signs
        self._levels: list[_Level] = []
        for length in range(order - 1, -1, -1):
            self._levels.insert(0, _level(pairs, counts, signs))
            if length:
                pairs, number = np.unique(pairs % signs**length, return_counts=True)
                counts = number.astype(float)

    @classmethod
    def of(cls, works: Sequence[Codes], order: int, signs: int) -> "NGram":
        """Count the codes (n,) of `works`, from 0 to `signs` - 1.

        Raises InputError if so many signs and such an order do not fit into a number.
        """
        if signs**order >= 2**62:
            raise InputError(f"{signs} signs: too many for n-grams of order {order}; take a lower order")
        pairs, counts = np.unique(np.concatenate([_numbers(work, order, signs) for work in works]), return_counts=True)
        return cls(pairs, counts.astype(float), order, signs)

    def counted(self) -> tuple[Codes, Floats]:
        """What rebuilds the model: the pairs of the highest order as numbers, and how often they occur."""
        return self._levels[-1].pairs, self._levels[-1].counts

    def probabilities(self, work: Codes, left_out: bool = False) -> Floats:
        """The probability (n,) of each sign of a work after the ones before it.

        With `left_out` the work is one of those that were counted, and each place is left out of the counts for itself.
        """
        joined = _numbers(work, self.order, self.signs)
        places = [_Places.of(level, joined % self.signs ** (length + 1), self.signs)
                  for length, level in enumerate(self._levels)]  # fmt: skip
        if left_out:
            gone = np.ones(len(work))
            for place in reversed(places):
                gone = place.leave_out(gone)
        found = np.full(len(work), 1 / self.signs)
        for place in places:
            found = place.mixed(found)
        return found

    def distribution(self, contexts: Codes) -> Floats:
        """The probability (n, signs) of every sign after `contexts` (n, order - 1), the last sign last."""
        base = np.zeros(len(contexts), dtype=np.int64)
        for column in range(self.order - 1):
            base = base * self.signs + contexts[:, column]
        joined = (base[:, None] * self.signs + np.arange(self.signs)).ravel()
        found = np.full(len(joined), 1 / self.signs)
        for length, level in enumerate(self._levels):
            found = _Places.of(level, joined % self.signs ** (length + 1), self.signs).mixed(found)
        return found.reshape(len(contexts), self.signs)

    def bits(self, work: Codes) -> Floats:
        """The bits (n,) of each sign of a work."""
        return np.asarray(-np.log2(self.probabilities(work)))


@dataclass(frozen=True)
class _Places:
    """What a level knows of each place (n,): count of its pair, total and kinds of its context."""

    count: Floats
    total: Floats
    kinds: Floats
    discount: float

    @classmethod
    def of(cls, level: _Level, pairs: Codes, signs: int) -> "_Places":
        context = pairs // signs
        return cls(
            _look(level.pairs, level.counts, pairs),
            _look(level.contexts, level.totals, context),
            _look(level.contexts, level.kinds, context),
            level.discount,
        )

    def leave_out(self, gone: Floats) -> Floats:
        """Take `gone` (n,), 0 or 1, off the counts; what is gone of the next lower order: pairs that do not remain."""
        last = np.asarray(gone * (self.count == 1))
        self.count[:] -= gone
        self.total[:] -= gone
        self.kinds[:] -= last
        return last

    def mixed(self, lower: Floats) -> Floats:
        """The probability (n,), from that by the next `lower` order."""
        kept = np.maximum(self.count - self.discount, 0)
        spared = np.minimum(self.discount * self.kinds, self.total)
        return np.asarray(np.where(self.total > 0, (kept + spared * lower) / np.maximum(self.total, 1), lower))


def _numbers(work: Codes, order: int, signs: int) -> Codes:
    """At each place of a work the sign and the order - 1 before it as one number, the sign as its last digit."""
    padded = np.concatenate([np.full(order - 1, BOUNDARY, dtype=np.int64), work])
    found = np.zeros(len(work), dtype=np.int64)
    for place in range(order):
        found = found * signs + padded[place : place + len(work)]
    return found


def _level(pairs: Codes, counts: Floats, signs: int) -> _Level:
    contexts, start = np.unique(pairs // signs, return_index=True)
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())
    discount = once / (once + 2 * twice) if once else 0.5
    kinds = np.diff(np.append(start, len(pairs))).astype(float)
    return _Level(pairs, counts, contexts, np.add.reduceat(counts, start), kinds, min(discount, 0.95))


def _look(keys: Codes, values: Floats, wanted: Codes) -> Floats:
    """The value of each wanted key, 0 where there is none; `keys` ascend."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0.0)
