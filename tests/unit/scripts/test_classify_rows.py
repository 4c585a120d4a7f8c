"""scripts/classify_rows.py on a small simulated table: what it writes, twice the same."""

import json

import pandas as pd
import pytest
from defaults import content

from radsieve import tables
from radsieve.tasks.cases import deaths
from radsieve.tasks.tables import COMPARISON, EXPLANATIONS, LEAKS

pytestmark = pytest.mark.slow

OPTIONS = {"set": "deaths", "rows": "rows.parquet", "columns": "packed/columns.csv", "out": "out"}
OPTIONS |= {"codebook": "packed/codebook.csv"}


@pytest.fixture(scope="module")
def classified(tmp_path_factory, run_stage, set_params):
    folder = tmp_path_factory.mktemp("classified")
    deaths.simulate(600, seed=3)[0].to_csv(folder / "deaths.csv", index=False)
    sections = content()
    small = {"models": ["majority", "logistic"], "trees": 10, "folds": 3, "explained_rows": 30, "resamples": 100,
             "single_splits": 2}  # fmt: skip
    set_params(
        folder,
        pack_tables={"deaths": sections["pack_tables"]["deaths"] | {"table": "deaths.csv"}},
        classify_rows={"deaths": sections["classify_rows"]["deaths"] | small},
    )
    for stage, options in (
        ("pack_tables", {"set": "deaths", "rows": "rows.parquet", "out": "packed"}),
        ("classify_rows", OPTIONS),
    ):
        done = run_stage(stage, folder, **options)
        assert done.returncode == 0, done.stderr
    return folder


def test_models_are_compared_by_what_is_known_when(classified):
    comparison = tables.read(COMPARISON, classified / "out/comparison.csv")
    logistic = comparison[(comparison["model"] == "logistic") & (comparison["resampling"] == "none")]
    assert logistic["columns"].tolist() == ["before", "at"]
    before, at = logistic["roc_auc"]
    assert at > before > 0.6
    majority = comparison[comparison["model"] == "majority"]
    assert (majority["roc_auc"] == 0.5).all() and majority["roc_auc_lower"].isna().all()


def test_the_mistakes_have_their_sign(classified):
    leaks = tables.read(LEAKS, classified / "out/leaks.csv").set_index(["protocol", "model", "metric"])
    after = leaks.loc[("after_outcome", "logistic", "roc_auc")]
    assert after["difference_lower"] > 0
    rows = pd.read_parquet(classified / "rows.parquet")
    constant = leaks.loc[("labels_1_2", "one unit", "accuracy")]
    assert 0.5 < constant["value"] <= 1 - rows["_target"].mean() + 1e-9, "no row can be called positive"


def test_columns_known_afterwards_explain_nothing(classified):
    explanations = tables.read(EXPLANATIONS, classified / "out/explanations.csv")
    assert not {"INTUBED", "ICU", "PATIENT_TYPE"} & set(explanations["column"])
    assert "AGE" in explanations["column"].head(3).tolist()


def test_it_writes_the_same_bytes_again(classified, run_stage):
    names = sorted(path.name for path in (classified / "out").iterdir())
    done = run_stage("classify_rows", classified, **OPTIONS | {"out": "again"})
    assert done.returncode == 0, done.stderr
    for name in names:
        assert (classified / "again" / name).read_bytes() == (classified / "out" / name).read_bytes(), name
    assert json.loads((classified / "out/metrics.json").read_text())["rows"] == 600
