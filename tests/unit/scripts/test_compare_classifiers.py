"""scripts/compare_classifiers.py on a small table of latents."""

import json

import pytest
from small_groups import GROUPS, MODELS

from radsieve import tables
from radsieve.prefilter.tables import CLASSIFIER_FOLDS, CLASSIFIER_PREDICTIONS

pytestmark = pytest.mark.slow

OUTPUTS = [
    "confusion.csv",
    "confusion.png",
    "curves.csv",
    "curves.png",
    "folds.csv",
    "metrics.json",
    "predictions.parquet",
]


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


def test_a_group_without_a_good_image_has_empty_results_and_a_reason(compared):
    out = compared / "compared/none"
    assert sorted(path.name for path in out.iterdir()) == OUTPUTS
    assert tables.read(CLASSIFIER_FOLDS, out / "folds.csv").empty
    metrics = json.loads((out / "metrics.json").read_text())
    reason = metrics["targets"]["valid"]["not_learnable"]
    assert reason == "group none, valid: latents.folds = 3: only 0 good of 240 images; take fewer folds"
    assert metrics["targets"]["valid"]["models"] == {}


def test_an_unknown_model(latents_of_groups, run_stage, set_params, tmp_path):
    set_params(tmp_path, latents={"groups": GROUPS}, compare_classifiers={"models": ["LogReg"]})
    options = {"group": "18_24m", "latents": latents_of_groups / "in/latents.parquet", "out": "out"}
    done = run_stage("compare_classifiers", tmp_path, **options)
    assert done.returncode == 2
    assert "compare_classifiers.models: no model is called 'LogReg'; there are kNN1" in done.stderr
    assert not (tmp_path / "out").exists()
