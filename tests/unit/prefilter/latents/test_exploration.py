"""What stage explore_latents measures in each group, with a plane of the first two components in place of UMAP's."""

import numpy as np
import pytest
from defaults import settings
from latents import latent_table

from radsieve.errors import InputError
from radsieve.prefilter.latents import exploration
from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.tables import COMPONENTS, EMBEDDING, MIXING, NEIGHBOURS

EVALUATED = settings("latents")
OPTIONS = settings("explore_latents", extremes=60, neighbors=5, permutations=99)


@pytest.fixture(autouse=True)
def plane(monkeypatch):
    monkeypatch.setattr(exploration, "embed", lambda latents, *_: latents[:, :2].astype(float))


@pytest.fixture(scope="module")
def table():
    return latent_table(["a", "b"], 400)


def test_the_component_that_scores_depend_on(table):
    found = exploration.explore(table, EVALUATED, OPTIONS)
    for schema, content in (
        (COMPONENTS, found.components), (EMBEDDING, found.embedding), (MIXING, found.mixing),
        (NEIGHBOURS, found.neighbours),
    ):  # fmt: skip
        schema.validate(content)
        assert content["group"].unique().tolist() == ["a", "b"]
        assert content["score"].nunique() == 6
    strong = found.components[found.components["rank_p_value"] <= 0.05]
    assert (strong["component"] == 0).mean() > 0.8 and len(strong) >= 12
    shape = found.mixing[found.mixing["score"] == "score_shape"]
    assert (shape["roc_auc"] > 0.8).sum() >= 6 and (shape["p_value"] == 0.01).sum() >= 6
    metrics = exploration.exploration_metrics(table, found, 0.95)
    assert (metrics["rows"], metrics["maps"], metrics["too_few_rows_for_a_map"]) == (800, 12, 0)
    assert metrics["components"]["tests"] == 2 * 6 * 128
    assert metrics["mixing"]["plane"]["linear"]["median_roc_auc"] > 0.8
    assert metrics["neighbours"]["times_chance_valid"].keys() == {"a", "b"}


def test_points_are_the_ends_of_the_order(table):
    found = exploration.explore(table, EVALUATED, OPTIONS).embedding
    points = found[(found["group"] == "b") & (found["score"] == "score_symmetry")]
    scores = table.of("b").scores[:, 3]
    assert sorted(points.loc[points["best"] == 1, "row"]) == sorted(np.argsort(scores)[-60:])
    assert sorted(points.loc[points["best"] == 0, "row"]) == sorted(np.argsort(scores)[:60])
    assert points["x"].to_numpy() == pytest.approx(table.of("b").latents[points["row"], 0], abs=1e-4)


def test_a_group_without_good_rows_has_no_map_of_them(table):
    scores = table.scores.copy()
    scores[table.group == 0] -= 2
    poor = LatentTable(table.groups, table.group, (scores > 0).all(axis=1).astype(np.int8), scores, table.latents)
    found = exploration.explore(poor, EVALUATED, OPTIONS)
    assert set(found.embedding["score"][found.embedding["group"] == "a"]) == set(exploration.TARGETS[1:])
    metrics = exploration.exploration_metrics(poor, found, 0.95)
    assert (metrics["maps"], metrics["too_few_rows_for_a_map"]) == (11, 1)
    assert metrics["neighbours"]["times_chance_valid"]["a"] is None
    assert metrics["neighbours"]["tests"] == 6


def test_no_score_that_differs(table):
    constant = LatentTable(table.groups, table.group, np.ones_like(table.valid), np.ones((800, 5)), table.latents)
    found = exploration.explore(constant, EVALUATED, OPTIONS)
    assert found.embedding.empty and found.mixing.empty
    metrics = exploration.exploration_metrics(constant, found, 0.95)
    assert metrics["mixing"]["latent"]["linear"] == {"tests": 0, "beyond_chance": 0, "median_roc_auc": None}
    assert metrics["components"] == {"tests": 0, "beyond_chance": 0, "largest_rank_correlation": None}


def test_a_group_of_few_rows():
    with pytest.raises(InputError, match=r"latents\.groups: a has 39 rows"):
        exploration.explore(latent_table(["a"], 39), EVALUATED, OPTIONS)


def test_a_single_good_row_and_no_row_that_differs(table):
    """One good row has no good neighbour, by chance either; the others, all alike, have no best and no worst rows."""
    alike = np.ones_like(table.scores)
    alike[1:] = -1
    poor = LatentTable(table.groups, table.group, (alike > 0).all(axis=1).astype(np.int8), alike, table.latents)
    metrics = exploration.exploration_metrics(poor, exploration.explore(poor, EVALUATED, OPTIONS), 0.95)
    assert metrics["maps"] == 0
    assert metrics["neighbours"]["times_chance_valid"] == {"a": None, "b": None}
    assert metrics["mixing"]["plane"]["neighbours"]["median_roc_auc"] is None
    assert "800 rows" in exploration.exploration_summary(metrics)
