"""Faults that a picture has in comparison with the other pictures of its set, each as a score: higher is worse.

Float64 throughout: how many threads share a sum shows in digits that are rounded away.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SIDE = 16  # pixels of the side of the small pictures that are compared
_OTHERS = 500  # pictures with which each one is compared, at most
_ALIKE = 0.1  # share of them that counts: those most alike, for a set may hold several views
_NEAR = 0.1  # share of the set that must be like a picture: what is odd often has some of its kind beside it
_FEWEST = 3  # such pictures


def pose_faults(small: NDArray[np.float32]) -> dict[str, Array]:
    """Return the scores (N,) `inverted`, `turned` and `mirrored` of the small square pictures (N, S, S).

    How much more a picture correlates with others of its set once it is inverted, turned by 90, 180 or 270 degrees, or
    mirrored: from -2 to 2, above 0 if it then fits better. What counts is the mean over that tenth of the others that
    is most like it. Where left and right both occur, as among knees, nothing stands out as mirrored, and rightly so.
    """
    if len(small) < 2:
        return {fault: np.zeros(len(small)) for fault in ("inverted", "turned", "mirrored")}
    images = np.asarray(small, dtype=np.float64)
    chosen = _sample(len(images))
    others = _unit(images[chosen])

    def fit(changed: Array) -> Array:
        alike = _unit(changed) @ others.T
        alike[chosen, np.arange(len(chosen))] = -np.inf
        count = max(1, round(_ALIKE * (len(chosen) - 1)))
        return np.asarray(-np.partition(-alike, count - 1, axis=1)[:, :count].mean(axis=1))

    as_it_is = fit(images)
    turned = np.max([fit(np.rot90(images, turn, axes=(1, 2))) for turn in (1, 2, 3)], axis=0)
    return {
        "inverted": fit(-images) - as_it_is,
        "turned": turned - as_it_is,
        "mirrored": fit(images[:, :, ::-1]) - as_it_is,
    }


def off_topic(features: NDArray[np.float32]) -> Array:
    """Return how far each picture lies from its neighbours, (N,), by `features` (N, D) of a network.

    The distance to the nearest pictures that make up a tenth of the set (3 at least), divided by the median of this
    distance: 1 is usual. Features are scaled to unit length, so that what counts is their proportion.
    """
    if len(features) < 2:
        return np.zeros(len(features))
    places = _unit(np.asarray(features, dtype=np.float64))
    chosen = _sample(len(places))
    distance = np.sqrt(np.maximum(0, 2 - 2 * places @ places[chosen].T))
    distance[chosen, np.arange(len(chosen))] = np.inf
    rank = _neighbours(len(chosen))
    found = np.partition(distance, rank - 1, axis=1)[:, rank - 1]
    return np.asarray(found / max(float(np.median(found)), 1e-9))


def outliers(values: Array) -> Array:
    """Return by how much each of `values` (N,) differs from the nearest ones that make up a tenth of the set (3
    at least).
    """
    if len(values) < 2:
        return np.zeros(len(values))
    rank = _neighbours(len(values))
    order = np.argsort(values, kind="stable")
    sorted_values = values[order]
    nearest = np.full(len(values), np.inf)
    for before in range(rank + 1):  # the nearest are a run of neighbours, so many of them before the value itself
        own = slice(before, len(values) - (rank - before))
        low, high = sorted_values[: len(values) - rank], sorted_values[rank:]
        nearest[own] = np.minimum(nearest[own], np.maximum(sorted_values[own] - low, high - sorted_values[own]))
    found = np.empty(len(values))
    found[order] = nearest
    return found


def _neighbours(count: int) -> int:
    """Which of the nearest of `count` pictures, itself left out, tells the distance."""
    return min(count - 1, max(_FEWEST, round(_NEAR * count)))


def _sample(count: int) -> NDArray[np.int64]:
    """Which of `count` pictures the others are compared with: all, or as many as allowed, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, _OTHERS)).round().astype(np.int64))


def _unit(images: Array) -> Array:
    flat = images.reshape(len(images), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9))
