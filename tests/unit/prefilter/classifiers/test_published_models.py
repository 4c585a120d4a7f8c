import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radsieve.errors import InputError
from radsieve.prefilter.classifiers.published_models import beside_published, read_published

PUBLISHED = Path(__file__).parents[4] / "data/published"


def test_the_published_tables():
    found = read_published(PUBLISHED).set_index(["table", "metric", "model", "group"])["published"]
    assert len(found) == 2 * 15 * 6 + 4 * 4 * 6
    assert found["valid_roc_auc_by_model", "roc_auc", "LogReg.1", "38_44f"] == 0.781131
    assert found["valid_precision_by_model", "precision", "SVC_rbf", "18_24m"] == 0
    assert found["mlp_depth", "recall", "MLP_1", "58_64m"] == 0.393365


def test_ours_beside_them():
    folds = pd.DataFrame({"target": "valid", "model": "LogReg.1", "precision": [0.5, np.nan, 0.4], "recall": 0.1})
    folds = folds.assign(accuracy=0.9, roc_auc=[0.7, 0.8, 0.75])
    summary = pd.DataFrame(
        [("valid", "18_24f", "LogReg.1", "roc_auc", 0.72, 0.78)],
        columns=["target", "group", "model", "metric", "lower", "upper"],
    )
    found = beside_published(read_published(PUBLISHED), summary, {"18_24f": folds, "phantoms": folds})
    found = found.set_index("metric")
    assert len(found) == 2
    assert found.loc["roc_auc", ["ours", "inside"]].tolist() == [0.75, 1]
    assert found.loc["roc_auc", "difference"] == pytest.approx(0.75 - 0.757519)
    assert found.loc["precision", "ours"] == pytest.approx(0.3)  # 0 where nothing is accepted
    assert np.isnan(found.loc["precision", "inside"])


def test_a_table_that_is_missing_or_another(tmp_path):
    shutil.copytree(PUBLISHED, tmp_path / "published")
    table = tmp_path / "published/mlp_depth.csv"
    table.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"mlp_depth.csv: no column accuracy, group"):
        read_published(tmp_path / "published")
    table.unlink()
    with pytest.raises(InputError, match=r"mlp_depth.csv: not found; --published"):
        read_published(tmp_path / "published")
