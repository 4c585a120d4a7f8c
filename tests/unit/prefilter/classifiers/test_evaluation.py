import numpy as np
import pandas as pd
import pytest

from radsieve.prefilter.classifiers.evaluation import (
    classifier_metrics,
    evaluate_confusion,
    evaluate_curves,
    evaluate_folds,
)

FAMILY = {"P": "family", "S": "family"}
FOLDS = {1: ([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9]), 2: ([0, 1, 0, 1], [0.2, 0.2, 0.1, 0.3])}


def probable(model):
    return model == "P"


@pytest.fixture
def predictions():
    parts = [
        pd.DataFrame({"row": range(4), "target": "valid", "model": model, "fold": fold, "truth": truth, "score": score})
        for model in ("P", "S")
        for fold, (truth, score) in FOLDS.items()
    ]
    return pd.concat(parts, ignore_index=True)


def test_measures_of_each_fold_by_hand(predictions):
    found = evaluate_folds(predictions, FAMILY, probable).set_index(["model", "fold"])
    first, second, other = found.loc[("P", 1)], found.loc[("P", 2)], found.loc[("S", 1)]
    assert first[["rows", "good", "precision", "recall", "accuracy", "roc_auc"]].tolist() == [4, 2, 0.5, 0.5, 0.5, 0.75]
    assert first["pr_auc"] == pytest.approx((1 + 2 / 3) / 2)
    assert first["brier"] == pytest.approx((0.01 + 0.36 + 0.36 + 0.01) / 4)
    assert np.isnan(second["precision"])  # nothing above 0.5
    assert second["recall"] == 0
    assert second["roc_auc"] == 0.875  # one tie
    assert other[["precision", "recall"]].tolist() == [0.5, 1]  # all above 0
    assert np.isnan(other["brier"])


def test_curves_are_means_over_folds(predictions):
    found = evaluate_curves(predictions[predictions["model"] == "P"])
    roc = found[found["curve"] == "roc"].set_index("x")["value"]
    # fold 1: upright to 0.5 at 0, to 1 at 0.5; fold 2: upright to 0.5 at 0, then a chord to (0.5, 1)
    assert roc[0] == 0.5
    assert roc[0.25] == pytest.approx((0.5 + 0.75) / 2)
    assert roc[1] == 1
    precision = found[found["curve"] == "precision_recall"].set_index("x")
    assert precision.loc[0.5, "value"] == 1
    assert precision.loc[1, "value"] == pytest.approx((2 / 3 + 2 / 3) / 2)
    fold_areas = evaluate_folds(predictions, FAMILY, probable).query("model == 'P'")["roc_auc"]
    assert np.trapezoid(roc, roc.index) == pytest.approx(fold_areas.mean(), abs=0.005)
    assert (found["lowest"] <= found["value"]).all()
    assert (found["value"] <= found["highest"]).all()


def test_confusion_counts_all_folds(predictions):
    found = evaluate_confusion(predictions, probable, 0.95).set_index(["model", "good", "accepted"])["rows"]
    assert found["P"].to_dict() == {(0, 0): 3, (0, 1): 1, (1, 0): 3, (1, 1): 1}
    assert found["S"].to_dict() == {(0, 0): 0, (0, 1): 4, (1, 0): 0, (1, 1): 4}


def test_metrics_say_why_a_target_was_not_learnt(predictions):
    folds = evaluate_folds(predictions, FAMILY, probable)
    found = classifier_metrics("A", 4, folds, {"valid": "", "score_shape": "only 0 good"})
    assert found["targets"]["valid"]["not_learnable"] is None
    assert found["targets"]["valid"]["models"]["P"]["roc_auc"] == pytest.approx((0.75 + 0.875) / 2)
    assert found["targets"]["valid"]["models"]["S"]["brier"] is None
    assert found["targets"]["score_shape"] == {"not_learnable": "only 0 good", "models": {}}


def test_no_predictions_give_empty_tables():
    nothing = pd.DataFrame(columns=["row", "target", "model", "fold", "truth", "score"])
    assert evaluate_folds(nothing, FAMILY, probable).empty
    assert evaluate_curves(nothing).empty
    assert evaluate_confusion(nothing, probable, 0.95).empty
