"""Pictures that are nearly the same: candidates found by hashes, each verified on the decoded images, then grouped.

A picture is a class of files with equal pixels; pictures are numbered in listing order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import DisjointSet

from radsieve.imaging.duplicates import hash_search, image_similarity
from radsieve.imaging.duplicates.hash_search import Hashes, Indices
from radsieve.imaging.duplicates.image_similarity import ORIENTATIONS, Gray
from radsieve.progress import track

CROWD = 16  # pictures with one and the same hash that others are compared with: the first ones in listing order
# less than the limit is asked for beside what covers both pictures: little may be left there, and without contrast
_SLACK = 0.1
_KEPT_IMAGES = 2048  # decoded images kept in memory, about 90 kB each

Load = Callable[[int], Gray]
_Candidate = tuple[int, int, list[int]]


@dataclass(frozen=True)
class Tie:
    """How a picture shows the same as an earlier one: distance in bits, correlation, whether it is mirrored, and
    whether it is the negative.
    """

    distance: int
    similarity: float
    mirrored: bool
    negative: bool = False

    @property
    def transform(self) -> str:
        """What was done to one picture of the two, in words."""
        return ", ".join(filter(None, ["negative" * self.negative, "mirrored" * self.mirrored])) or "none"


@dataclass
class NearDuplicates:
    """`ties` of (earlier, later) pictures, `groups` with the representative first, number of pairs `checked`.

    `misses` are pairs that were compared and are just not alike enough: below the limit by the margin at most.
    """

    ties: dict[tuple[int, int], Tie] = field(default_factory=dict)
    misses: dict[tuple[int, int], Tie] = field(default_factory=dict)
    groups: list[list[int]] = field(default_factory=list)
    checked: int = 0


def find_near_duplicates(
    hashes: NDArray[np.uint64], load: Load, max_distance: int, min_similarity: float, margin: float = 0
) -> NearDuplicates:
    """Find the groups of pictures that show the same.

    `hashes` (N, 2) are the perceptual hashes of the whole images and of their mirror images; `load` returns the grey
    values of the image with a given number. Candidates are images of which one, or a view of one, is within
    `max_distance` bits of the other; they are tied if, once registered, they correlate by `min_similarity` at least,
    and nearly so beside large areas that are black or white in both; what misses the limit by `margin` at most is kept
    besides.

    Ties do not chain: the first picture of a group is its representative, and every other picture has a tie to it.
    A picture that is tied to another member only is left for a group of its own. Pairs that are connected already are
    not compared again: `ties` names every member's tie to its representative, but not every pair of a group.

    Raises InputError if there are more candidates than `hash_search.MAX_PAIRS`.
    """
    views = _view_hashes(load, len(hashes))
    comparison = _Comparison(hashes, views, load, min_similarity, margin)
    forest = DisjointSet(range(len(hashes)))
    _connect(forest, _all_candidates(hashes, views, max_distance), comparison)
    for members in forest.subsets():
        comparison.result.groups += _stars(sorted(members), comparison)
    comparison.result.groups.sort()
    return comparison.result


def connecting_ties(
    hashes: NDArray[np.uint64], units: Indices, load: Load, max_distance: int, min_similarity: float
) -> dict[tuple[int, int], Tie]:
    """Find ties that connect pictures of different `units` (N,); the other arguments are those of
    `find_near_duplicates`.

    Pairs that are connected already, by their unit or by ties found before, are not compared.
    """
    views = _view_hashes(load, len(hashes))
    comparison = _Comparison(hashes, views, load, min_similarity)
    forest = DisjointSet(range(len(hashes)))
    first_of = {unit: picture for picture, unit in reversed(list(enumerate(units.tolist())))}
    for picture, unit in enumerate(units.tolist()):
        forest.merge(first_of[unit], picture)
    _connect(forest, _all_candidates(hashes, views, max_distance), comparison)
    return comparison.result.ties


class _Comparison:
    """Compares pictures on demand and records the results."""

    def __init__(
        self,
        hashes: NDArray[np.uint64],
        views: NDArray[np.uint64],
        load: Load,
        min_similarity: float,
        margin: float = 0,
    ) -> None:
        self.result = NearDuplicates()
        self._hashes, self._views, self._min_similarity, self._margin = hashes, views, min_similarity, margin
        self._image = lru_cache(_KEPT_IMAGES)(lambda n: _details(image_similarity.canvas(load(n))))

    def tied(self, a: int, b: int, orientations: Sequence[int] = range(len(ORIENTATIONS))) -> bool:
        """Whether picture b, in one of `orientations`, shows the same as the earlier picture a."""
        if (a, b) in self.result.ties:
            return True
        self.result.checked += 1
        (first, covered), (second, also_covered) = self._image(a), self._image(b)
        turned = {orientation: image_similarity.oriented(second, orientation) for orientation in orientations}
        found = {orientation: image_similarity.registered(first, other) for orientation, other in turned.items()}
        orientation = max(found, key=lambda one: (found[one][0], one))
        similarity, affine = found[orientation]
        if similarity < self._min_similarity - self._margin:
            return False
        flats = covered, also_covered[:, ::-1] if orientation % 2 else also_covered
        if flats[0].any() and flats[1].any():
            beside = image_similarity.similarity_beside(first, turned[orientation], affine, flats)
            if beside < self._min_similarity - _SLACK:
                return False  # alike by what covers both of them alone
        distance = self._distance(a, b, orientation)
        tie = Tie(distance, round(similarity, 6), mirrored=bool(orientation % 2), negative=orientation >= 2)
        if similarity < self._min_similarity:
            self.result.misses[a, b] = tie
            return False
        self.result.misses.pop((a, b), None)  # missed before, in one orientation only
        self.result.ties[a, b] = tie
        return True

    def _distance(self, a: int, b: int, orientation: int) -> int:
        """The minimum distance by which one image, or a view of it, could be found as a candidate of the other."""
        bits = [
            self._views[a, orientation] ^ self._views[b, 0, 0],
            self._views[b, orientation] ^ self._views[a, 0, 0],
        ]
        if orientation < self._hashes.shape[1]:
            bits.append(self._hashes[a, [orientation]] ^ self._hashes[b, 0])
        return int(np.bitwise_count(np.concatenate(bits)).min())


def _details(canvas: image_similarity.Canvas) -> tuple[image_similarity.Pyramid, image_similarity.Mask]:
    return image_similarity.pyramid(canvas), image_similarity.flat(canvas)


def ties_between(
    hashes: NDArray[np.uint64], parts: Indices, load: Load, max_distance: int, min_similarity: float
) -> dict[tuple[int, int], Tie]:
    """Find ties of pictures of different `parts` (N,); the other arguments are those of `find_near_duplicates`.

    Of pictures with one and the same hash only `CROWD` are compared with others.
    """
    views = _view_hashes(load, len(hashes))
    comparison = _Comparison(hashes, views, load, min_similarity)
    candidates = [one for one in _all_candidates(hashes, views, max_distance) if parts[one[0]] != parts[one[1]]]
    for a, b, orientations in track(candidates, "comparing images", len(candidates), "pair"):
        comparison.tied(a, b, orientations)
    return comparison.result.ties


def _connect(forest: DisjointSet, candidates: list[_Candidate], comparison: _Comparison) -> None:
    """Compare candidates that are not connected yet, and connect those that are tied."""
    for a, b, orientations in track(candidates, "comparing images", len(candidates), "pair"):
        if not forest.connected(a, b) and comparison.tied(a, b, orientations):
            forest.merge(a, b)


def _stars(members: list[int], comparison: _Comparison) -> list[list[int]]:
    """Divide connected pictures into groups in which every picture has a tie to the first."""
    groups = []
    while len(members) > 1:
        representative, *others = members
        group = [other for other in others if comparison.tied(representative, other)]
        if group:
            groups.append([representative, *group])
        members = [other for other in others if other not in set(group)]
    return groups


def _view_hashes(load: Load, pictures: int) -> NDArray[np.uint64]:
    """Hashes (N, 4, V) of the views of every picture in each of ORIENTATIONS."""
    hashes = np.empty((pictures, len(ORIENTATIONS), image_similarity.VIEWS), dtype=np.uint64)
    for picture in track(range(pictures), "hashing views", pictures):
        gray = load(picture)
        hashes[picture] = image_similarity.view_hashes(image_similarity.canvas(gray), gray.shape[1] / gray.shape[0])
    return hashes


def _all_candidates(hashes: NDArray[np.uint64], views: NDArray[np.uint64], max_distance: int) -> list[_Candidate]:
    """Sorted (earlier, later) pictures within `max_distance`, and in which of ORIENTATIONS.

    A negative is found by its views alone: the hashes of whole images are known as they are and mirrored.
    """
    count = len(hashes)
    keys = [_candidates(views[:, orientation], views[:, 0, 0], max_distance) for orientation in range(views.shape[1])]
    for orientation in range(hashes.shape[1]):
        whole = _candidates(hashes[:, [orientation]], hashes[:, 0], max_distance)
        keys[orientation] = np.union1d(keys[orientation], whole)
    every = np.unique(np.concatenate(keys))
    first, second = np.divmod(every, max(count, 1))
    found = np.stack([np.isin(every, key, assume_unique=True) for key in keys], axis=1)
    chosen = [np.flatnonzero(row).tolist() for row in found]
    return list(zip(first.tolist(), second.tolist(), chosen, strict=True))


def _candidates(queries: NDArray[np.uint64], hashes: Hashes, max_distance: int) -> Indices:
    """Pairs a < b of pictures, as a N + b: one's `hashes`, (N,), is close to any of the other's `queries`, (N, V).

    Of pictures with one and the same hash only the first `CROWD` are found, so that blank images or many copies
    of one image do not make a quadratic number of pairs; copies are tied to the first of them anyway.
    """
    query_values, query_owners, query_counts = _owners(queries)
    values, owners, counts = _owners(hashes[:, None])
    pairs = hash_search.pairs_between(query_values, values, max_distance)
    few = np.minimum(counts, CROWD)
    if (query_counts[pairs.first] * few[pairs.second]).sum() > hash_search.MAX_PAIRS:
        raise hash_search.too_many_pairs(max_distance)
    starts, query_starts = np.cumsum(counts) - counts, np.cumsum(query_counts) - query_counts
    second = owners[hash_search.concatenate_ranges(starts[pairs.second], few[pairs.second])]
    query = np.repeat(pairs.first, few[pairs.second])
    first = query_owners[hash_search.concatenate_ranges(query_starts[query], query_counts[query])]
    second = np.repeat(second, query_counts[query])
    different = first != second
    low, high = np.minimum(first, second)[different], np.maximum(first, second)[different]
    return np.unique(low * len(hashes) + high)


def _owners(hashes: NDArray[np.uint64]) -> tuple[Hashes, Indices, Indices]:
    """The distinct values of `hashes` (N, V), the pictures that have them, value by value, and how many have each."""
    values, inverse, counts = np.unique(hashes.ravel(), return_inverse=True, return_counts=True)
    return values, np.argsort(inverse, kind="stable") // hashes.shape[1], counts
