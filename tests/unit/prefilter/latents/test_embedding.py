"""UMAP: the same plane again, and points that belong together stay together."""

import numpy as np
import pytest

from radsieve.prefilter.latents.embedding import embed


@pytest.mark.slow  # UMAP is compiled first
def test_two_clouds_stay_two_clouds_and_the_same_seed_gives_the_same_plane():
    generator = np.random.default_rng(1)
    latents = generator.uniform(-0.2, 0.2, (60, 128)).astype(np.float32)
    latents[30:] += 0.8
    plane = embed(latents, 10, 0.1, seed=1)
    assert plane.shape == (60, 2)
    assert (plane == embed(latents, 10, 0.1, seed=1)).all()
    distance = np.linalg.norm(plane[:, None] - plane, axis=2)
    np.fill_diagonal(distance, np.inf)
    assert ((distance.argmin(axis=1) >= 30) == (np.arange(60) >= 30)).all()
