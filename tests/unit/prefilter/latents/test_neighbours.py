"""The nearest neighbours of good latents: rows on a line, clusters, and scikit-learn's neighbours."""

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.latents.neighbours import evaluate_neighbours, nearest_neighbours


def placed(latents, valid) -> LatentTable:
    """Rows that pass all scores or none."""
    valid = np.asarray(valid, dtype=np.int8)
    scores = np.repeat(valid[:, None] * 2.0 - 1, 5, axis=1)
    return LatentTable(("g",), np.zeros(len(valid), dtype=int), valid, scores, np.asarray(latents, dtype=np.float32))


def test_rows_on_a_line():
    table = placed([[0.0], [0.1], [0.3], [0.6], [0.65]], [1, 1, 0, 1, 0])
    nearest, _ = nearest_neighbours(table.latents)
    assert nearest.tolist() == [1, 0, 1, 4, 3]
    found = evaluate_neighbours(table, 200, 0.95, seed=1)
    assert found["score"].tolist()[0] == "valid" and len(found) == 6
    valid = found.iloc[0]
    assert (valid["rows"], valid["good"], valid["good_beside_good"]) == (5, 3, 2)
    assert valid["share"] == pytest.approx(2 / 3)
    assert valid["chance"] == pytest.approx(2 / 4)  # two good ones among the four others
    assert valid["chance_lower"] <= valid["chance"] <= valid["chance_upper"]


def test_the_same_neighbours_as_those_of_scikit_learn():
    latents = np.random.default_rng(1).uniform(-1, 1, (700, 16)).astype(np.float32)
    nearest, ratio = nearest_neighbours(latents)
    distance, expected = NearestNeighbors(n_neighbors=2).fit(latents).kneighbors(latents)
    assert (nearest == expected[:, 1]).all()
    squared = pairwise_distances(latents) ** 2
    typical = np.sqrt(squared.sum() / (700 * 699))
    assert ratio == pytest.approx(distance[:, 1].mean() / typical, rel=1e-5)


def test_clusters_of_good_rows_are_beyond_chance_and_noise_is_not():
    generator = np.random.default_rng(2)
    latents = generator.uniform(-1, 1, (300, 3))
    near = evaluate_neighbours(placed(latents, latents[:, 0] > 0.6), 99, 0.95, seed=1).iloc[0]
    assert near["p_value"] == 0.01
    assert near["share"] > near["chance_upper"]
    noise = evaluate_neighbours(placed(latents, generator.random(300) < 0.3), 99, 0.95, seed=1).iloc[0]
    assert noise["p_value"] > 0.01


def test_without_good_rows_there_is_no_share():
    found = evaluate_neighbours(placed([[0.0], [0.1], [0.3]], [0, 0, 0]), 20, 0.95, seed=1)
    assert (found["good"] == 0).all()
    assert found[["share", "chance", "chance_lower", "chance_upper", "p_value"]].isna().all(axis=None)


def test_every_row_good():
    found = evaluate_neighbours(placed([[0.0], [0.1], [0.3]], [1, 1, 1]), 20, 0.95, seed=1)
    assert (found[["share", "chance", "p_value"]] == 1).all(axis=None)
