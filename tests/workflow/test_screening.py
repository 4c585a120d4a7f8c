"""The track of screening, on small films and with small networks: what it promises as a whole."""

import json

import pandas as pd
import pytest
from project import ran

from radsieve import tables
from radsieve.screening_tables import LATENTS, SCORED_LATENTS, SCORES

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def test_both_engines_write_the_same_bytes_and_the_same_lock(screened, small_screening, copy_of):
    twin = copy_of(small_screening)
    twin.dvc("repro")
    ours, theirs = screened.outputs(), twin.outputs()
    assert list(ours) == list(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert (screened.folder / "dvc.lock").read_bytes() == (twin.folder / "dvc.lock").read_bytes()
    assert "Nothing to be done" in twin.snakemake()
    assert ran(screened.dvc("repro")) == set()


def test_it_ends_in_the_table_that_the_next_track_reads(screened):
    results = screened.folder / "results"
    scored = tables.read(SCORED_LATENTS, results / "score_images/scores.parquet")
    assert list(scored.columns) == ["group", "valid", *SCORES, *LATENTS]
    assert (scored["valid"] == (scored[list(SCORES)] > 0).all(axis=1)).all()
    assert scored[list(LATENTS)].abs().max(axis=None) <= 1
    films = pd.read_csv(results / "generate_films/films.csv")
    assert list(scored["group"]) == list(films["group"])


def test_no_patient_is_in_two_parts(screened):
    for table in (screened.folder / "results/pack_films").glob("*/films.csv"):
        films = pd.read_csv(table)
        assert films.groupby("patient")["part"].nunique().max() == 1
        assert set(films["part"]) == {"train", "validation", "test"}


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
