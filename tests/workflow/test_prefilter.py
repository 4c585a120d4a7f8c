"""The track of the prefilter after that of screening, on small tables and films: what it promises as a whole."""

import json

import numpy as np
import pytest
from project import ran

from radsieve.prefilter.sieve import Sieve

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def test_its_stages_run_for_the_groups_that_the_parameters_name(screened):
    results = screened.folder / "results"
    assert {path.name for path in (results / "compare_classifiers").iterdir()} == {"18_24m", "phantoms"}
    ranked = (results / "rank_classifiers/summary.csv").read_text()
    assert "phantoms" in ranked and "18_24m" in ranked


def test_a_group_less_needs_its_own_stages_no_more(screened, copy_of):
    project = copy_of(screened)
    project.set("latents", "groups", ["phantoms"])
    planned = project.snakemake("--dry-run")
    assert "18_24m" not in "".join(line for line in planned.splitlines() if "compare_classifiers/" in line)
    project.snakemake()
    assert ran(project.dvc("repro")) == set()
    assert "18_24m" not in (project.folder / "results/rank_classifiers/summary.csv").read_text()


def test_its_sieve_serves_in_a_loop_of_ones_own(screened):
    folder = screened.folder / "results/select_thresholds/models/phantoms"
    card = json.loads((folder / "card.json").read_text())
    latents = np.random.default_rng(0).uniform(-1, 1, (500, 128)).astype(np.float32)
    sieve = Sieve.load(folder)
    assert card["group"] == "phantoms"
    assert np.array_equal(sieve.accept(latents), sieve.probability(latents) >= card["threshold"])
