"""The tracks that begin with films of chests, run and then changed: what follows is made again, and nothing else."""

import json

import pandas as pd
import pytest
from project import ran

from radsieve import tables
from radsieve.screening_tables import SCORED_LATENTS

pytestmark = [pytest.mark.workflow, pytest.mark.slow, pytest.mark.timeout(2700)]


def test_how_one_set_is_trained_concerns_that_set_alone(screened, copy_of):
    project = copy_of(screened)
    with project.params() as params:
        params["train_segmenter"]["skin"]["worst_films"] = 3
    made = ran(project.dvc("repro"))
    assert "train_segmenter@skin" in made
    assert not {name for name in made if name.endswith(("@chest", "@breast"))}
    before, after = (
        json.loads((each.folder / "results/train_segmenter/skin/metrics.json").read_text())
        for each in (screened, project)
    )
    assert before == after


def test_a_group_less_needs_its_own_stages_no_more(screened, copy_of):
    project = copy_of(screened)
    project.set("latents", "groups", ["phantoms"])
    project.set("prepare_latents", "sources", ["screened"])
    planned = project.snakemake("--dry-run")
    assert "18_24m" not in "".join(line for line in planned.splitlines() if "compare_classifiers/" in line)
    project.snakemake()
    assert ran(project.dvc("repro")) == set()
    ranked = (project.folder / "results/rank_classifiers/summary.csv").read_text()
    assert "phantoms" in ranked
    assert "18_24m" not in ranked


def test_the_prefilter_takes_the_films_of_trained_generators(screened, copy_of):
    """What the preset of the whole loop asks for."""
    project = copy_of(screened)
    project.set("latents", "groups", ["normal", "abnormal"])
    with project.params() as params:
        params["prepare_latents"] |= {"sources": ["drawn"], "scored": "results/score_drawn/scores.parquet"}
        params["check_sieve"] |= {
            "group": "normal",
            "weights": "results/train_gan/{group}/generator.safetensors",
            "weights_from": "results/train_gan/normal",
        }
    output = project.snakemake()
    assert not {name for name in ran(output) if name.startswith(("train_", "score_", "draw_"))}
    assert not [line for line in output.splitlines() if "compare_classifiers/" in line and "18_24m" in line]
    assert ran(project.dvc("repro")) == set()
    scored = tables.read(SCORED_LATENTS, project.folder / "results/score_drawn/scores.parquet")
    prepared = pd.read_parquet(project.folder / "results/prepare_latents/latents.parquet")
    assert prepared["valid"].tolist() == scored["valid"].tolist()
    checked = pd.read_csv(project.folder / "results/check_sieve/films.csv")
    assert set(checked["group"]) == {"normal"}
    assert checked.loc[checked["arm"] == "unsieved", "accepted"].nunique() >= 1
    decided = pd.read_csv(project.folder / "results/select_thresholds/decisions.csv")
    assert set(decided["group"]) == {"normal", "abnormal"}
