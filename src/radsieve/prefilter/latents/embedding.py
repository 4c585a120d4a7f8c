"""Latents laid out in the plane by UMAP (McInnes, Healy and Melville 2018)."""

import warnings

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from radsieve.progress import working


@working("UMAP")
def embed(latents: npt.NDArray[np.float32], neighbors: int, min_distance: float, seed: int) -> npt.NDArray[np.float64]:
    """Lay out `latents` (n, d) in the plane (n, 2) so that the `neighbors` nearest of each stay near.

    Neighbours are exact, by Euclidean distance. `min_distance` is the minimum distance between points. The same seed
    gives the same plane, at any number of threads.
    """
    from umap import UMAP  # seconds of import that a wrong input should not wait for

    layout = UMAP(n_neighbors=min(neighbors, len(latents) - 1), min_dist=min_distance, random_state=seed, n_jobs=1)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Spectral initialisation failed")  # it then starts at random, by the seed
        return np.asarray(layout.fit_transform(latents), dtype=float)
