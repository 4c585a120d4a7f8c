"""scripts/rank_classifiers.py on what compare_classifiers makes of a small table of latents."""

import json
from pathlib import Path

import pandas as pd
from small_groups import GROUPS, MODELS

from radsieve import tables
from radsieve.prefilter.tables import CLASSIFIER_PAIRED, CLASSIFIER_PUBLISHED, CLASSIFIER_SUMMARY

PUBLISHED = Path(__file__).parents[3] / "data/published"


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


def test_a_ranking_of_nothing(compared, run_stage, set_params, tmp_path):
    set_params(tmp_path, latents={"groups": ["none"]})
    options = {"compared": compared / "compared", "published": PUBLISHED, "out": "ranked"}
    done = run_stage("rank_classifiers", tmp_path, **options)
    assert done.returncode == 0, done.stderr
    assert "no group has a target that can be learnt" in done.stderr
    assert pd.read_csv(tmp_path / "ranked/summary.csv").empty


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
