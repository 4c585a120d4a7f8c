"""k nearest neighbours for several k from one search."""

from collections.abc import Mapping

import numpy as np
from sklearn.neighbors import NearestNeighbors

from radsieve.prefilter.classifiers.split import Floats, FoldData

NEIGHBOURS = {"kNN1": 1, "kNN3": 3, "kNN10": 10, "kNN30": 30}


def nearest_scores(split: FoldData, names: tuple[str, ...]) -> Mapping[str, Floats]:
    """Return the share (m,) of good ones among the k nearest rows (Euclidean), or all rows if there are fewer than k.

    The same as scikit-learn's KNeighborsClassifier with its defaults.
    """
    maximum = min(max(NEIGHBOURS[name] for name in names), len(split.target))
    search = NearestNeighbors(n_neighbors=maximum, algorithm="brute").fit(split.latents)
    good = split.target[search.kneighbors(split.held_out, return_distance=False)].astype(float)
    shares = np.cumsum(good, axis=1) / np.arange(1, maximum + 1)
    return {name: shares[:, min(NEIGHBOURS[name], maximum) - 1] for name in names}
