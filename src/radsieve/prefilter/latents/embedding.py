"""Latents laid out in the plane by UMAP (McInnes, Healy and Melville 2018)."""

import warnings

import numpy as np
import numpy.typing as npt
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from radsieve.progress import working


@working("UMAP")
def embed(latents: npt.NDArray[np.float32], neighbors: int, min_distance: float, seed: int) -> npt.NDArray[np.float64]:
    """Lay out `latents` (n, d) in the plane (n, 2) so that the `neighbors` nearest of each stay near.

    Neighbours are exact, by Euclidean distance. `min_distance` is the minimum distance between points. The same seed
    gives the same plane, at any number of threads.
    """
    from umap import UMAP  # seconds of import that a wrong input should not wait for

    with threadpool_limits(1), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Spectral initialisation failed")  # it then starts at random, by the seed
        warnings.filterwarnings("ignore", "precomputed_knn")  # new points could not be laid out: none are
        count = min(neighbors, len(latents) - 1)
        layout = UMAP(
            n_neighbors=count,
            min_dist=min_distance,
            random_state=seed,
            n_jobs=1,
            precomputed_knn=_nearest(latents, count),
            force_approximation_algorithm=True,  # else it measures all pairs again, one by one
        )
        return np.asarray(layout.fit_transform(latents), dtype=float)


def _nearest(
    latents: npt.NDArray[np.float32], count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32], None]:
    """Rows (n, `count`) and distances of the nearest latents, each its own nearest, and no index to search by."""
    distances, rows = NearestNeighbors(n_neighbors=count - 1, algorithm="brute").fit(latents.astype(float)).kneighbors()
    own = np.arange(len(latents))
    return np.column_stack([own, rows]), np.column_stack([0 * own, distances]).astype(np.float32), None
