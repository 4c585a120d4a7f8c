"""Split films into train, validation and test parts so that no patient and no picture lies in two of them."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Integers = npt.NDArray[np.int64]


def linked(*keys: Sequence[str]) -> Integers:
    """Return a number per film; films that have a key in common, directly or through other films, share it.

    Each of `keys` holds one text per film, for example its patient or the digest of its pixels.
    """
    films = len(keys[0])
    edges, nodes = [], films
    for key in keys:
        codes, values = pd.factorize(np.asarray(key, dtype=object))
        edges.append(np.column_stack([np.arange(films), codes + nodes]))
        nodes += len(values)
    start, end = np.concatenate(edges).T
    graph = coo_array((np.ones(len(start)), (start, end)), shape=(nodes, nodes))
    return np.asarray(connected_components(graph, directed=False)[1][:films], dtype=np.int64)


def split(
    names: Sequence[str], units: Integers, labels: Sequence[str], shares: Mapping[str, float], seed: int
) -> list[str]:
    """Return the part of each film: `units` stay whole, each label is divided by `shares` as closely as they allow.

    `shares` are the parts and their shares of the films, which add up to 1. Units are taken one after another, large
    ones first and equal ones by chance. Each goes to the part that still lacks most of the unit's labels, measured by
    what it is to hold; if a unit fits in no part, to the one that it overfills least. A label of three units or more
    with no other label among them comes into all three parts. The order of the films does not matter.
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
        chosen[unit] = _part(counts[unit], wanted, held)
        held[chosen[unit]] += counts[unit]
    parts = np.empty(len(order), dtype=np.int64)
    parts[order] = chosen[unit_codes]
    return [list(shares)[part] for part in parts]


def _part(unit: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64], held: npt.NDArray[np.float64]) -> int:
    """The part for a unit of so many films of each label, given what each part wants and holds, (parts, labels)."""
    present = unit > 0
    wanted, held, films = wanted[:, present], held[:, present], unit[present]
    excess = np.maximum(held + films - np.ceil(wanted - 1e-9), 0).sum(axis=1)
    lack = ((wanted - held) / wanted * films).sum(axis=1) / films.sum()
    candidates = np.flatnonzero(excess == excess.min())
    return int(max(candidates, key=lambda part: (round(lack[part], 9), wanted[part].sum())))
