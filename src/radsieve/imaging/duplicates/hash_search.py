"""All pairs of 64-bit hashes within a Hamming distance: exact, in plain numpy.

Method: multi-index hashing (Norouzi, Punjani, Fleet: Fast Exact Search in Hamming Space with Multi-Index Hashing,
IEEE TPAMI 36, 2014). The 64 bits are divided into m bands, and t_1 + ... + t_m = d - m + 1. Two hashes that differ in
at most d bits differ in at most t_k bits of some band k: otherwise they would differ in at least
(t_1 + 1) + ... + (t_m + 1) = d + 1 bits. So for every band, all values within t_k bits of each query's value are looked
up in a table of the hashes sorted by their value there, and what is found is compared in full.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from radsieve.errors import InputError
from radsieve.progress import working

BITS = 64
MAX_PAIRS = 50_000_000  # about 2 GB

_MAX_BAND = 22  # bits: the table of a band's values then has 4 million entries
_BLOCK = 1 << 16  # queries looked up at a time, so that what is computed for them stays in the cache
_CHUNK = 1 << 20  # candidate pairs compared at a time
_LOOKUP_COST, _COMPARISON_COST = 12.0, 8.0  # nanoseconds, measured; they only steer the number of bands

Hashes = NDArray[np.uint64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class HashPairs:
    """Pairs sorted by `first`, then `second`: positions of the two hashes and their distance in bits, each (P,)."""

    first: Indices
    second: Indices
    distance: Indices


@dataclass(frozen=True)
class _Band:
    """Some of the 64 bit positions, and by how many bits the values looked up there differ from the query's."""

    positions: list[int]
    reach: int

    @property
    def mask(self) -> np.uint64:
        return np.uint64(sum(1 << position for position in self.positions))

    def values(self, hashes: Hashes) -> NDArray[np.int32]:
        """The bits of the band of each hash, packed into one number below 2 ** len(positions)."""
        packed = np.zeros(len(hashes), dtype=np.int32)
        for place, position in enumerate(self.positions):
            packed |= ((hashes >> np.uint64(position)) & np.uint64(1)).astype(np.int32) << place
        return packed

    def differences(self) -> Iterator[int]:
        """All values of at most `reach` set bits; a value XOR each of them is what is looked up."""
        for ones in range(self.reach + 1):
            for places in combinations(range(len(self.positions)), ones):
                yield sum(1 << place for place in places)


def pairs_within(hashes: Hashes, max_distance: int) -> HashPairs:
    """Return all pairs i < j of `hashes` (N,) that differ in at most `max_distance` of their 64 bits.

    The hashes must all be different: k equal ones alone would be k (k - 1) / 2 pairs, so group them first.

    Raises ValueError if two hashes are equal, InputError if there are more than `MAX_PAIRS` pairs.
    """
    if len(np.unique(hashes)) != len(hashes):
        raise ValueError("the hashes are not all different")
    return _search(hashes, hashes, max_distance, within=True)


@working("searching near hashes")
def pairs_between(queries: Hashes, hashes: Hashes, max_distance: int) -> HashPairs:
    """Return all pairs (i, j) in which `queries[i]` and `hashes[j]` differ in at most `max_distance` bits.

    `queries` are (M,), `hashes` (N,); neither should hold equal values.

    Raises InputError if there are more than `MAX_PAIRS` pairs.
    """
    return _search(queries, hashes, max_distance, within=False)


def _search(queries: Hashes, hashes: Hashes, max_distance: int, within: bool) -> HashPairs:
    if not 0 <= max_distance < BITS:
        raise ValueError(f"max_distance = {max_distance}: must be from 0 to {BITS - 1}")
    keys = [np.empty(0, dtype=np.int64)]
    total = 0
    bands = _choose_bands(queries, hashes, max_distance) if len(queries) and len(hashes) else []
    for number, band in enumerate(bands):
        for first, second in _search_band(queries, hashes, band, max_distance, within):
            difference = queries[first] ^ hashes[second]
            new = np.ones(len(first), dtype=bool)
            for earlier in bands[:number]:  # that have found these pairs already
                new &= np.bitwise_count(difference & earlier.mask) > earlier.reach
            keys.append(first[new] * len(hashes) + second[new])
            total += len(keys[-1])
            if total > MAX_PAIRS:
                raise too_many_pairs(max_distance)
    first, second = np.divmod(np.sort(np.concatenate(keys)), max(len(hashes), 1))
    distance = np.bitwise_count(queries[first] ^ hashes[second]).astype(np.int64)
    return HashPairs(first, second, distance)


def _choose_bands(queries: Hashes, hashes: Hashes, max_distance: int) -> list[_Band]:
    """The division into bands with the shortest expected search.

    Few bands are long: many values are looked up, few hashes are found. Many bands are short: the reverse.
    """

    def cost(bands: list[_Band]) -> float:
        lookups = [sum(comb(len(b.positions), ones) for ones in range(b.reach + 1)) for b in bands]
        found = [len(hashes) / (1 << len(b.positions)) for b in bands]
        return sum(n * (_LOOKUP_COST + _COMPARISON_COST * f) for n, f in zip(lookups, found, strict=True))

    # Bits that are mostly 0 or mostly 1 distinguish hashes poorly; dealt out evenly, no band gets them all.
    ones = [int(np.count_nonzero(queries & np.uint64(1 << position))) for position in range(BITS)]
    order = sorted(range(BITS), key=lambda position: abs(ones[position] - len(queries) / 2))
    divisions = []
    for count in range(-(-BITS // _MAX_BAND), max(max_distance + 1, 3) + 1):
        reach, longer = divmod(max_distance - count + 1, count)
        bands = [_Band(order[k::count], reach + (k < longer)) for k in range(count)]
        divisions.append([band for band in bands if band.reach >= 0])
    return min(divisions, key=cost)


def _search_band(
    queries: Hashes, hashes: Hashes, band: _Band, max_distance: int, within: bool
) -> Iterator[tuple[Indices, Indices]]:
    """Yield the pairs within `max_distance` that differ in at most `band.reach` bits of the band; i < j if `within`."""
    order, values = _sorted_by(band, hashes)
    hashes_sorted = hashes[order]
    sizes = np.bincount(values, minlength=1 << len(band.positions)).astype(np.int32)
    starts = np.cumsum(sizes, dtype=np.int64) - sizes
    query_order, query_values = (order, values) if within else _sorted_by(band, queries)
    queries_sorted = queries[query_order]
    for begin in range(0, len(queries), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        block_values, block_hashes, block_order = (
            query_values[block],
            queries_sorted[block],
            query_order[block],
        )
        for difference in band.differences():
            looked_up = block_values ^ np.int32(difference)
            found = sizes[looked_up]
            if within:  # every pair of values is met twice, once from either side
                found[block_values > looked_up] = 0
            rows = np.flatnonzero(found)
            for row, position in _expand(rows, starts[looked_up[rows]], found[rows].astype(np.int64)):
                near = np.flatnonzero(np.bitwise_count(block_hashes[row] ^ hashes_sorted[position]) <= max_distance)
                if not len(near):
                    continue
                first, second = block_order[row[near]], order[position[near]]
                if within:
                    if difference == 0:
                        once = first < second
                        first, second = first[once], second[once]
                    else:
                        first, second = np.minimum(first, second), np.maximum(first, second)
                yield first, second


def too_many_pairs(max_distance: int) -> InputError:
    """The error for more than `MAX_PAIRS` pairs within `max_distance`."""
    return InputError(
        f"hash_distance = {max_distance}: more than {MAX_PAIRS:,} pairs of images have hashes"
        " that close; choose a smaller distance"
    )


def concatenate_ranges(starts: Indices, counts: Indices) -> Indices:
    """Return start, start + 1, ..., start + count - 1 of every range, one range after the other."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(counts.sum())


def _sorted_by(band: _Band, hashes: Hashes) -> tuple[Indices, NDArray[np.int32]]:
    """The order of the hashes by their value in the band, and these values in that order."""
    values = band.values(hashes)
    order = np.argsort(values, kind="stable")
    return order, values[order]


def _expand(rows: Indices, starts: Indices, counts: Indices) -> Iterator[tuple[Indices, Indices]]:
    """Yield (row, position) for all positions from start to start + count of every row, about `_CHUNK` at a time."""
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(rows):
        done = ends[begin] - counts[begin]
        end = max(int(np.searchsorted(ends, done + _CHUNK, side="right")), begin + 1)
        part = slice(begin, end)
        yield np.repeat(rows[part], counts[part]), concatenate_ranges(starts[part], counts[part])
        begin = end
