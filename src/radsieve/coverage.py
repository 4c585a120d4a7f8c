"""How two sets of points cover each other, by nearest neighbours: precision, recall, density and coverage.

With B(x) the ball around x up to its 5th nearest neighbour in x's own set (Naeem, Oh, Uh, Choi and Yoo 2020, "Reliable
fidelity and diversity metrics for generative models"; the first two by Kynkaanniemi et al. 2019, "Improved precision
and recall metric for assessing generative models"):

- precision: the share of the drawn points within B of some real one; recall: of the real ones within B of a drawn one.
- density: the mean number of real points' B that a drawn point lies in, by 5; about 1 if both sets are alike.
- coverage: the share of the real points that have a drawn one within their own B.
"""

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

NEIGHBOURS = 5  # as in the paper

Points = npt.NDArray[np.floating]
Floats = npt.NDArray[np.float64]


def neighbourhoods(points: Points) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return the distance of the farthest of the nearest neighbours (m,) of `points` (m, d), and these (m, at most 5).

    No point is its own neighbour; there must be two points at least.
    """
    search = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(points) - 1), algorithm="brute").fit(points)
    distances, places = search.kneighbors()
    return distances[:, -1], places


def coverage(drawn: Points, real: Points) -> float:
    """Return the coverage of `real` (m, d) by `drawn` (n, d); m is two at least."""
    radius, _ = neighbourhoods(real)
    return float((cdist(real, drawn).min(axis=1) <= radius).mean())


def fidelity(drawn: Points, real: Points) -> dict[str, float]:
    """Return precision, recall, density and coverage of `drawn` (n, d) beside `real` (m, d), of two points at least."""
    between = cdist(real, drawn)
    around_real, around_drawn = neighbourhoods(real)[0], neighbourhoods(drawn)[0]
    inside = between <= around_real[:, None]
    return {
        "precision": float(inside.any(axis=0).mean()),
        "recall": float((between <= around_drawn).any(axis=1).mean()),
        "density": float(inside.sum(axis=0).mean() / min(NEIGHBOURS, len(real) - 1)),
        "coverage": float((between.min(axis=1) <= around_real).mean()),
    }
