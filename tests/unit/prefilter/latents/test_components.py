"""Correlation of scores and components, and the level of chance: known distributions, scipy's correlations."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, spearmanr

from radsieve.prefilter.latents.components import largest_by_chance, pearson_correlations, relate_components

GENERATOR = np.random.default_rng(1)
ROWS = 600
LATENTS = GENERATOR.uniform(-1, 1, (ROWS, 128)).astype(np.float32)
NORMAL = GENERATOR.normal(size=ROWS)
LEVEL = norm.ppf(1 - (1 - 0.95 ** (1 / 128)) / 2) / np.sqrt(ROWS)  # Sidak's correction for 128 normal correlations


@pytest.fixture(scope="module")
def related():
    scores = pd.DataFrame({"planted": LATENTS[:, 5] + NORMAL, "noise": NORMAL, "constant": 1.0})
    scores["heavy"] = GENERATOR.standard_cauchy(ROWS) ** 3
    return relate_components(LATENTS, scores, 300, 0.95, seed=1).set_index(["score", "component"])


def test_the_correlations_of_scipy(related):
    planted = LATENTS[:, 5] + NORMAL
    for component in (0, 5, 127):
        found = related.loc[("planted", component)]
        assert found["correlation"] == pytest.approx(np.corrcoef(LATENTS[:, component], planted)[0, 1], abs=1e-6)
        assert found["rank_correlation"] == pytest.approx(spearmanr(LATENTS[:, component], planted)[0], abs=1e-6)


def test_a_planted_component_is_found_and_noise_is_not(related):
    planted, noise = related.loc["planted"], related.loc["noise"]
    for p in ("p_value", "rank_p_value"):
        assert planted.index[planted[p] < 0.01].tolist() == [5]
        assert planted.loc[5, p] == pytest.approx(1 / 301)
        assert (noise[p] > 0.01).all()


def test_chance_reaches_what_theory_says_of_128_normal_correlations(related):
    assert related.loc["noise", "chance_level"].unique() == pytest.approx([LEVEL], rel=0.06)
    assert related.loc["noise", "rank_chance_level"].unique() == pytest.approx([LEVEL], rel=0.06)
    assert related.loc["heavy", "rank_chance_level"].unique() == pytest.approx([LEVEL], rel=0.06)


def test_a_constant_score_and_a_constant_component(related):
    assert related.loc["constant"].isna().all(axis=None)
    latents = LATENTS.copy()
    latents[:, 3] = 0.25
    found = relate_components(latents, pd.DataFrame({"planted": latents[:, 5] + NORMAL}), 50, 0.95, seed=1)
    assert found.loc[found["correlation"].isna(), "component"].tolist() == [3]
    assert found[found["p_value"] < 0.021]["component"].tolist() == [5]


def test_more_permutations_than_a_block():
    targets = np.stack([NORMAL, LATENTS[:, 0]], axis=1)
    found = largest_by_chance(LATENTS[:, :2], targets, 70, seed=1)
    assert found.shape == (70, 2)
    assert len(np.unique(found[:, 0])) == 70
    generator = np.random.default_rng(1)
    order = generator.permuted(np.tile(np.arange(ROWS), (64, 1)), axis=1)[7]
    expected = abs(pearson_correlations(LATENTS[:, :2], targets[order])).max(axis=1)
    assert found[7] == pytest.approx(expected, abs=1e-6)
