"""The tracks that begin with images of chests, run and then changed: what follows is made again, and nothing else."""

import json

import pandas as pd
import pytest
from project import ran

from radsieve import tables
from radsieve.screening.tables import SCORED_LATENTS

pytestmark = [pytest.mark.workflow, pytest.mark.slow, pytest.mark.timeout(2700)]


def test_how_one_set_is_trained_concerns_that_set_alone(screened, copy_of):
    project = copy_of(screened)
    with project.params() as params:
        params["train_segmenter"]["skin"]["worst_images"] = 3
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
    asked = ("rank_classifiers", "select_thresholds")
    project.snakemake(*asked)
    assert ran(project.dvc("repro", *asked)) == set()
    ranked = (project.folder / "results/rank_classifiers/summary.csv").read_text()
    assert "phantoms" in ranked
    assert "18_24m" not in ranked


def test_the_prefilter_takes_the_images_of_trained_generators(screened, copy_of):
    """What the preset of the whole loop asks for."""
    project = copy_of(screened)
    project.set("latents", "groups", ["normal", "abnormal"])
    with project.params() as params:
        params["prepare_latents"] |= {"sources": ["generated"], "scored": "results/score_samples/scores.parquet"}
        params["check_sieve"] |= {
            "group": "normal",
            "weights": "results/train_gan/{group}/generator.safetensors",
            "weights_from": "results/train_gan/normal",
        }
    planned = project.snakemake("--dry-run")
    assert not [line for line in planned.splitlines() if "compare_classifiers/" in line and "18_24m" in line]
    asked = ("select_thresholds", "check_sieve")
    made = ran(project.snakemake(*asked))
    assert "select_thresholds" in made
    assert not {name for name in made if name.startswith(("train_", "score_", "generate_"))}
    assert ran(project.dvc("repro", *asked)) == set()
    scored = tables.read(SCORED_LATENTS, project.folder / "results/score_samples/scores.parquet")
    prepared = pd.read_parquet(project.folder / "results/prepare_latents/latents.parquet")
    assert prepared["valid"].tolist() == scored["valid"].tolist()
    checked = pd.read_csv(project.folder / "results/check_sieve/images.csv")
    assert set(checked["group"]) == {"normal"}
    assert checked.loc[checked["arm"] == "unsieved", "accepted"].nunique() >= 1
    decided = pd.read_csv(project.folder / "results/select_thresholds/decisions.csv")
    assert set(decided["group"]) == {"normal", "abnormal"}
