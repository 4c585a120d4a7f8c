"""scripts/train_symmetry.py on images written by the test."""

import json

import pandas as pd
import pytest
import screened
from PIL import Image

from radsieve import tables
from radsieve.screening.tables import FEATURES, SYMMETRY_COMPARISON, SYMMETRY_FEATURES, SYMMETRY_PREDICTIONS
from radsieve.stats.models import read_model

OPTIONS = {
    "features": "results/measure_symmetry/generated/features.csv",
    "images_table": "results/generate_images/images.csv",
    "truth": "results/generate_images/truth.csv",
    "out": "out",
}
OUTPUTS = [
    "calibration.csv",
    "calibration.png",
    "comparison.csv",
    "confusion.csv",
    "curves.csv",
    "curves.png",
    "decision_tree.skops",
    "differences.csv",
    "logistic_regression.skops",
    "metrics.json",
    "predictions.csv",
    "tree.png",
]
SMALL = {"bootstrap": 100, "logistic_c": [1], "tree_depth": [2], "tree_leaf_images": [5], "folds": 3, "inner_folds": 2}


@pytest.fixture
def folder(tmp_path):
    screened.write_generated(tmp_path, images=90)
    return tmp_path


@pytest.mark.slow
def test_the_truth_of_phantoms_with_noise(folder, run_stage, set_params):
    set_params(folder, train_symmetry=SMALL | {"label_noise": 0.1, "grouped_by": "group"})
    for out in ("out", "again"):
        done = run_stage("train_symmetry", folder, **OPTIONS | {"out": out})
        assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes(), name
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert metrics["images"] == 90
    assert 2 <= metrics["labels_off_the_truth"] <= 20
    found = tables.read(SYMMETRY_COMPARISON, folder / "out/comparison.csv")
    by_truth = found[found["evaluated_by"] == "truth"].pivot_table(index="model", columns="metric", values="value")
    for model in ("logistic_regression", "decision_tree"):
        assert by_truth.loc[model, "roc_auc"] > 0.9
        assert by_truth.loc[model, "bad_per_good_after"] < 0.5 < by_truth.loc[model, "bad_per_good_before"]
        features = tables.read(SYMMETRY_FEATURES, folder / OPTIONS["features"])[list(FEATURES)].to_numpy()
        assert read_model(folder / f"out/{model}.skops").predict_proba(features).shape == (90, 2)
    predictions = tables.read(SYMMETRY_PREDICTIONS, folder / "out/predictions.csv")
    assert predictions.groupby("group")["fold"].nunique().tolist() == [1, 1, 1]
    with Image.open(folder / "out/tree.png") as tree:
        assert tree.width > 500


@pytest.mark.slow
def test_labels_of_the_user(folder, run_stage, set_params, monkeypatch):
    truth = pd.read_csv(folder / OPTIONS["truth"])
    labels = truth[["image", "good"]].rename(columns={"image": "image"})
    labels.iloc[::-1].to_csv(folder / "labels.csv", index=False)
    monkeypatch.setenv("LABELS", str(folder))
    set_params(folder, train_symmetry=SMALL | {"labels": "$LABELS/labels.csv", "grouped_by": "image"})
    done = run_stage("train_symmetry", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert metrics["good"] == truth["good"].sum()
    assert metrics["groups"] == 90
    assert metrics["labels_off_the_truth"] is None
    comparison = tables.read(SYMMETRY_COMPARISON, folder / "out/comparison.csv")
    assert set(comparison["evaluated_by"]) == {"labels"}


def test_fewer_groups_than_folds(folder, run_stage, set_params):
    set_params(folder, train_symmetry=SMALL | {"folds": 4, "grouped_by": "group"})
    done = run_stage("train_symmetry", folder, **OPTIONS)
    assert done.returncode == 2
    assert "train_symmetry.folds = 4: more folds than the 3 groups" in done.stderr
    assert not (folder / "out").exists()
