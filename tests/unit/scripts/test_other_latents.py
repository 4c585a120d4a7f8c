"""The scripts of the prefilter on latents of another generator: 512 standard normal components, with a known rule."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radsieve import tables
from radsieve.prefilter.sieve import Sieve
from radsieve.prefilter.tables import COMPONENTS, LATENT_GROUPS
from radsieve.prefilter.thresholds.tables import accepted
from radsieve.screening.tables import SCORES, component_names

ROWS, COMPONENT_COUNT = 1200, 512
RULE = np.zeros(COMPONENT_COUNT)
RULE[[3, 40, 300, 511]] = 0.5  # of unit length
PUBLISHED = Path(__file__).parents[3] / "data/published"


@pytest.fixture(scope="module")
def frame():
    latents = np.random.default_rng(5).standard_normal((ROWS, COMPONENT_COUNT)).astype(np.float32)
    good = latents @ RULE > 0.8  # a fifth of all
    scores = {name: np.where(good, 1.0, -1.0) for name in SCORES}
    columns = (
        {"group": "mine", "valid": good} | scores | dict(zip(component_names(COMPONENT_COUNT), latents.T, strict=True))
    )
    return pd.DataFrame(columns)


@pytest.fixture
def folder(tmp_path, frame, set_params):
    frame.to_csv(tmp_path / "mine.csv", index=False)
    set_params(
        tmp_path,
        latents={"groups": ["mine"], "distribution": "normal"},
        prepare_latents={"sources": ["table"], "table": "mine.csv"},
        explore_latents={"permutations": 20, "extremes": 20},
        select_thresholds={"repeats": 1, "repeat_folds": 3, "subsets": 20, "bootstrap": 100},
        sieve_latents={"count": 20_000, "batch": 65_536, "threads": 1, "seed": 2},
    )
    return tmp_path


@pytest.mark.slow
def test_a_planted_rule_is_found_and_new_latents_are_drawn_from_the_distribution(folder, run_stage):
    latents = {"latents": "prepared/latents.parquet"}
    published = {"published": PUBLISHED}
    for name, options in (
        ("prepare_latents", {"scored": "none.parquet", **published, "out": "prepared"}),
        ("explore_latents", latents | {"groups": "prepared/groups.csv", "out": "explored"}),
        ("select_thresholds", latents | published | {"out": "selected"}),
        ("sieve_latents", {"model": "selected/models/mine", "out": "sieved/accepted.parquet"}),
    ):
        done = run_stage(name, folder, **options)
        assert done.returncode == 0, done.stderr
    groups = tables.read(LATENT_GROUPS, folder / "prepared/groups.csv")
    assert groups[["rows", "components"]].to_numpy().tolist() == [[ROWS, COMPONENT_COUNT]]
    assert groups["mean_square"].item() == pytest.approx(1, abs=0.01)
    components = tables.read(COMPONENTS, folder / "explored/components.csv")
    of_valid = components[components["score"] == "valid"].set_index("component")["rank_correlation"]
    assert set(of_valid.nlargest(4).index) == set(np.flatnonzero(RULE))
    sieve = Sieve.load(folder / "selected/models/mine")
    weights = sieve.model.weights
    assert set(np.argsort(weights)[-4:]) == set(np.flatnonzero(RULE))
    found = tables.read(accepted(COMPONENT_COUNT), folder / "sieved/accepted.parquet")
    drawn = found[list(component_names(COMPONENT_COUNT))].to_numpy()
    good = float((drawn @ RULE > 0.8).mean())
    expected = json.loads((folder / "sieved/metrics.json").read_text())["expected_precision"]
    assert expected["lower"] - 0.05 <= good <= expected["upper"] + 0.05
    assert good > 1.5 * 0.212
    across = drawn - np.outer(drawn @ weights, weights) / (weights @ weights)  # where the sieve does not choose
    assert (across**2).sum() / len(drawn) == pytest.approx(COMPONENT_COUNT - 1, rel=0.01)
    assert abs(drawn).max() > 3


def test_taken_for_uniform_they_are_refused_with_what_to_set(folder, run_stage, set_params):
    set_params(
        folder,
        latents={"groups": ["mine"], "distribution": "uniform"},
        prepare_latents={"sources": ["table"], "table": "mine.csv"},
    )
    done = run_stage("prepare_latents", folder, scored="none.parquet", published="p", out="prepared")
    assert done.returncode == 2
    assert "mine.csv: line 2, 3, 4, 5, 6, ... (1200 in all): latents lie outside of [-1, 1]" in done.stderr
    assert "set it to normal" in done.stderr
