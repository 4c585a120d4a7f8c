"""The tracks that begin with images of chests, on small images, tables and networks: what they promise as a whole."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml
from project import ran

from radsieve import tables
from radsieve.prefilter.sieve import Sieve
from radsieve.screening.tables import LATENTS, SCORED_LATENTS, SCORES

pytestmark = [pytest.mark.workflow, pytest.mark.slow, pytest.mark.timeout(2700)]


# What fits, draws or embeds, and pages: where threads, seeds or an order could tell one engine from the other.
TWICE = {
    "generate_chests", "train_segmenter@chest", "train_sex", "score_images", "explore_latents", "train_gan@normal",
    "compare_classifiers@phantoms", "generate_samples@normal", "classify_rows@survey", "synthesize_tables@deaths",
    "train_classifier@knee", "train_writer@Alder", "report_tasks",
}  # fmt: skip


def test_both_engines_write_the_same_bytes_and_the_same_lock(screened, copy_of):
    """The whole of the track of curation is compared in test_parity.py."""
    twin = copy_of(screened)
    recorded = yaml.safe_load((twin.folder / "dvc.lock").read_text())
    kept = {name: each for name, each in recorded["stages"].items() if name not in TWICE}
    (twin.folder / "dvc.lock").write_text(yaml.safe_dump(recorded | {"stages": kept}))
    assert ran(twin.dvc("repro", "--no-run-cache")) == TWICE
    ours, theirs = screened.outputs(), twin.outputs()
    assert list(ours) == list(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert yaml.safe_load((twin.folder / "dvc.lock").read_text()) == recorded
    assert "Nothing to be done" in twin.snakemake()


def test_dvc_has_nothing_to_do_after_snakemake(screened, copy_of):
    assert ran(copy_of(screened).dvc("repro")) == set()


def test_screening_ends_in_the_table_that_the_prefilter_reads(screened):
    results = screened.folder / "results"
    scored = tables.read(SCORED_LATENTS, results / "score_images/scores.parquet")
    assert list(scored.columns) == ["group", "valid", *SCORES, *LATENTS]
    assert (scored["valid"] == (scored[list(SCORES)] > 0).all(axis=1)).all()
    assert scored[list(LATENTS)].abs().max(axis=None) <= 1
    images = pd.read_csv(results / "generate_images/images.csv")
    assert list(scored["group"]) == list(images["group"])


def test_a_patient_and_a_picture_have_the_same_split_in_every_set(screened):
    """The sets on chests are of the same patients."""
    tables_of_sets = sorted((screened.folder / "results/assign_splits").glob("*/images.csv"))
    assert len(tables_of_sets) == 6
    images = pd.concat([pd.read_csv(table).assign(set=table.parent.name) for table in tables_of_sets])
    assert images.groupby("set")["split"].nunique().eq(3).all()
    for same in ("unit", "sha256", ["patient", images["set"] == "skin"]):
        assert images.groupby(same)["split"].nunique().max() == 1


def test_the_prefilter_runs_for_the_groups_that_the_parameters_name(screened):
    results = screened.folder / "results"
    assert {path.name for path in (results / "compare_classifiers").iterdir()} == {"18_24m", "phantoms"}
    ranked = (results / "rank_classifiers/summary.csv").read_text()
    assert "phantoms" in ranked and "18_24m" in ranked


def test_a_sieve_serves_in_a_loop_of_ones_own(screened):
    folder = screened.folder / "results/select_thresholds/models/phantoms"
    card = json.loads((folder / "card.json").read_text())
    latents = np.random.default_rng(0).uniform(-1, 1, (500, 128)).astype(np.float32)
    sieve = Sieve.load(folder)
    assert card["group"] == "phantoms"
    assert np.array_equal(sieve.accept(latents), sieve.probability(latents) >= card["threshold"])


def test_images_of_trained_generators_are_screened_and_sieved(screened):
    results = screened.folder / "results"
    scored = tables.read(SCORED_LATENTS, results / "score_samples/scores.parquet")
    assert scored["group"].value_counts().to_dict() == {"normal": 40, "abnormal": 40}
    healthy = scored["group"] == "normal"
    assert (scored["valid"][healthy] == (scored.loc[healthy, list(SCORES)] > 0).all(axis=1)).all()
    loop = pd.read_csv(results / "measure_loop/loop.csv")
    assert loop["group"].tolist() == ["normal", "abnormal"]
    assert loop["valid_rate"].tolist() == scored.groupby("group", sort=False)["valid"].mean().tolist()


def test_tables_of_patients_are_packed_and_classified(screened):
    results = screened.folder / "results"
    for name in ("diabetes", "survey", "deaths"):
        packed = pd.read_parquet(screened.folder / f"data/rows/{name}.parquet")
        assert set(packed["_split"]) == {"train", "validation", "test"}
        leaks = pd.read_csv(results / f"classify_rows/{name}/leaks.csv")
        assert leaks["protocol"].iloc[0] == "honest"
    assert (results / "report/tasks.html").is_file()
