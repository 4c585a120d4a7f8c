"""scripts/compare_classifiers.py and scripts/rank_classifiers.py on a small table of latents."""

import json
from pathlib import Path

import latents
import numpy as np
import pandas as pd
import pytest

from radsieve import tables
from radsieve.prefilter.latent_table import LatentTable
from radsieve.prefilter_tables import (
    CLASSIFIER_FOLDS,
    CLASSIFIER_PAIRED,
    CLASSIFIER_PREDICTIONS,
    CLASSIFIER_PUBLISHED,
    CLASSIFIER_SUMMARY,
)

PUBLISHED = Path(__file__).parents[2] / "data/published"
OUTPUTS = [
    "confusion.csv",
    "confusion.png",
    "curves.csv",
    "curves.png",
    "folds.csv",
    "metrics.json",
    "predictions.parquet",
]
GROUPS = ["18_24m", "phantoms", "none"]
MODELS = ["kNN30", "SVC_lin", "LogReg.1", "LogReg1", "MLP_2", "ScoreRidge", "Pooled"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, set_params):
    """Three groups of latents, the last of them without a good film."""
    folder = tmp_path_factory.mktemp("classifiers")
    table = latents.latent_table(GROUPS, 240)
    last = table.group == 2
    scores = np.where(last[:, None], -np.abs(table.scores), table.scores)
    valid = np.where(last, 0, table.valid).astype(np.int8)
    latents.write(LatentTable(table.groups, table.group, valid, scores, table.latents), folder / "in")
    options = {"models": MODELS, "targets": ["valid", "score_shape"], "mlp_steps": 20}
    set_params(folder, latents={"groups": GROUPS}, compare_classifiers=options)
    return folder


@pytest.fixture(scope="module")
def compared(folder, run_stage):
    """The folder with the results of all groups."""
    for group in GROUPS:
        done = run_stage(
            "compare_classifiers", folder, group=group, latents="in/latents.parquet", out=f"compared/{group}"
        )
        assert done.returncode == 0, done.stderr
    return folder


def test_all_outputs_and_the_same_bytes_again_on_other_threads(compared, run_stage, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    options = {"group": "18_24m", "latents": "in/latents.parquet", "out": "again"}
    done = run_stage("compare_classifiers", compared, **options)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (compared / "again").iterdir()) == OUTPUTS
    for name in OUTPUTS:
        assert (compared / "again" / name).read_bytes() == (compared / "compared/18_24m" / name).read_bytes(), name
    folds = tables.read(CLASSIFIER_FOLDS, compared / "again/folds.csv")
    assert list(dict.fromkeys(folds["model"])) == MODELS
    assert len(folds) == 2 * len(MODELS) * 3
    assert folds[folds["model"] == "LogReg.1"]["roc_auc"].mean() > 0.6
    predictions = tables.read(CLASSIFIER_PREDICTIONS, compared / "again/predictions.parquet")
    assert len(predictions) == 2 * len(MODELS) * 240


def test_a_group_without_a_good_film_has_empty_results_and_a_reason(compared):
    out = compared / "compared/none"
    assert sorted(path.name for path in out.iterdir()) == OUTPUTS
    assert tables.read(CLASSIFIER_FOLDS, out / "folds.csv").empty
    metrics = json.loads((out / "metrics.json").read_text())
    reason = metrics["targets"]["valid"]["not_learnable"]
    assert reason == "group none, valid: latents.folds = 3: only 0 good of 240 films; take fewer folds"
    assert metrics["targets"]["valid"]["models"] == {}


def test_the_ranking_of_what_could_be_learnt(compared, run_stage):
    done = run_stage("rank_classifiers", compared, compared="compared", published=PUBLISHED, out="ranked")
    assert done.returncode == 0, done.stderr
    out = compared / "ranked"
    assert sorted(path.name for path in out.iterdir()) == [
        "metrics.json",
        "paired.csv",
        "published.csv",
        "published.png",
        "summary.csv",
        "summary.png",
    ]
    summary = tables.read(CLASSIFIER_SUMMARY, out / "summary.csv")
    assert set(summary["group"]) == {"18_24m", "phantoms", "all groups"}
    assert set(summary["target"]) == {"valid", "score_shape"}
    paired = tables.read(CLASSIFIER_PAIRED, out / "paired.csv")
    assert set(paired["model"]) == set(MODELS) - {"LogReg1"}
    published = tables.read(CLASSIFIER_PUBLISHED, out / "published.csv")
    assert set(published["group"]) == {"18_24m"}
    assert set(published["model"]) == {"kNN30", "SVC_lin", "LogReg.1", "LogReg1", "MLP_2"}
    assert json.loads((out / "metrics.json").read_text())["targets"]["valid"]["reference"] == "LogReg1"


def test_a_ranking_of_nothing(folder, compared, run_stage, set_params, tmp_path):
    set_params(tmp_path, latents={"groups": ["none"]})
    options = {"compared": folder / "compared", "published": PUBLISHED, "out": "ranked"}
    done = run_stage("rank_classifiers", tmp_path, **options)
    assert done.returncode == 0, done.stderr
    assert "no group has a target that can be learnt" in done.stderr
    assert pd.read_csv(tmp_path / "ranked/summary.csv").empty


def test_an_unknown_model(folder, run_stage, set_params, tmp_path):
    set_params(tmp_path, latents={"groups": GROUPS}, compare_classifiers={"models": ["LogReg"]})
    options = {"group": "18_24m", "latents": folder / "in/latents.parquet", "out": "out"}
    done = run_stage("compare_classifiers", tmp_path, **options)
    assert done.returncode == 2
    assert "compare_classifiers.models: no model is called 'LogReg'; there are kNN1" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_wrong_reference_and_missing_results(compared, run_stage, set_params, tmp_path):
    given = {"published": PUBLISHED, "out": "out"}
    set_params(tmp_path, latents={"groups": GROUPS}, rank_classifiers={"reference": "LogReg10"})
    done = run_stage("rank_classifiers", tmp_path, compared=compared / "compared", **given)
    assert done.returncode == 2
    assert "rank_classifiers.reference: 'LogReg10' was not compared; there are kNN30" in done.stderr
    done = run_stage("rank_classifiers", tmp_path, compared="nowhere", **given)
    assert done.returncode == 2
    assert "folds.csv: not found; run the stage that makes it first" in done.stderr
    assert not (tmp_path / "out").exists()
