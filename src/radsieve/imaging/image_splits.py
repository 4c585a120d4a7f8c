"""Split images into train, validation and test splits so that no patient and no picture lies in two of them."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Integers = npt.NDArray[np.int64]


def linked(*keys: Sequence[str]) -> Integers:
    """Return a number per image; images that have a key in common, directly or through other images, share it.

    Each of `keys` holds one text per image, for example its patient or the digest of its pixels.
    """
    images = len(keys[0])
    edges, nodes = [], images
    for key in keys:
        codes, values = pd.factorize(np.asarray(key, dtype=object))
        edges.append(np.column_stack([np.arange(images), codes + nodes]))
        nodes += len(values)
    start, end = np.concatenate(edges).T
    graph = coo_array((np.ones(len(start)), (start, end)), shape=(nodes, nodes))
    return np.asarray(connected_components(graph, directed=False)[1][:images], dtype=np.int64)


def assign_splits(
    names: Sequence[str], units: Integers, labels: Sequence[str], shares: Mapping[str, float], seed: int
) -> list[str]:
    """Return the split of each image: `units` stay whole, and labels are divided by `shares` as closely as that allows.

    `shares` are the splits and their shares of the images, which add up to 1. Units are taken one after another, large
    ones first and equal ones by chance. Each goes to the split that still lacks most of the unit's labels, relative to
    its target; if a unit fits in no split, to the one that it overfills least. A label of three units or more with no
    other label among them occurs in all three splits. The order of the images does not matter.
    """
    order = np.argsort(np.asarray(names, dtype=object), kind="stable")
    label_codes = pd.factorize(np.asarray(labels, dtype=object)[order], sort=True)[0]
    unit_codes = pd.factorize(units[order])[0]  # numbered by the first of their names
    counts = np.zeros((unit_codes.max() + 1, label_codes.max() + 1))
    np.add.at(counts, (unit_codes, label_codes), 1)

    wanted = np.outer(list(shares.values()), counts.sum(axis=0))
    held = np.zeros_like(wanted)
    shuffled = np.random.default_rng(seed).permutation(len(counts))
    chosen = np.empty(len(counts), dtype=np.int64)
    for unit in shuffled[np.argsort(-counts[shuffled].sum(axis=1), kind="stable")]:
        chosen[unit] = _split(counts[unit], wanted, held)
        held[chosen[unit]] += counts[unit]
    splits = np.empty(len(order), dtype=np.int64)
    splits[order] = chosen[unit_codes]
    return [list(shares)[split] for split in splits]


def _split(unit: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64], held: npt.NDArray[np.float64]) -> int:
    """The split for a unit of so many images of each label, given what each split wants and holds, (splits, labels)."""
    present = unit > 0
    wanted, held, images = wanted[:, present], held[:, present], unit[present]
    excess = np.maximum(held + images - np.ceil(wanted - 1e-9), 0).sum(axis=1)
    lack = ((wanted - held) / wanted * images).sum(axis=1) / images.sum()
    candidates = np.flatnonzero(excess == excess.min())
    return int(max(candidates, key=lambda split: (round(lack[split], 9), wanted[split].sum())))
