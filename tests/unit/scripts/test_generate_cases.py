"""scripts/generate_cases.py: the tables that it writes, and what is true of them."""

import json

import pandas as pd
import pytest

from radsieve import tables
from radsieve.tasks.tables import TRUTH

pytestmark = pytest.mark.slow

ROWS = {"diabetes_rows": 120, "survey_rows": 130, "deaths_rows": 140, "games_rows": 100, "findings_rows": 110}


@pytest.fixture(scope="module")
def made(tmp_path_factory, run_stage, set_params):
    folder = tmp_path_factory.mktemp("cases")
    set_params(folder, generate_cases=ROWS)
    done = run_stage("generate_cases", folder, tables="data", out="out")
    assert done.returncode == 0, done.stderr
    return folder


def test_the_tables_have_the_faults_of_real_ones(made):
    diabetes, survey, deaths = (pd.read_csv(made / f"data/{name}.csv") for name in ("diabetes", "survey", "deaths"))
    assert (len(diabetes), len(survey), len(deaths)) == (120, 130, 140)
    assert (diabetes["Insulin"] == 0).mean() > 0.3
    assert survey.duplicated().sum() >= 13
    at_home = deaths["PATIENT_TYPE"] == 1
    assert (deaths.loc[at_home, "INTUBED"] == 97).all()
    assert (deaths.loc[~at_home, "INTUBED"] != 97).all()
    assert (deaths.loc[deaths["SEX"] == 2, "PREGNANT"] == 97).all()
    games, findings = (pd.read_csv(made / f"data/{name}.csv", keep_default_na=False) for name in ("games", "findings"))
    assert (games.loc[games["free"] == 1, "price"] == "N/A").all()
    assert games["genres"].str.contains(";").any()
    assert set(findings["Edema"].astype(str)) == {"", "-1.0", "0.0", "1.0"}
    assert (findings["Path"].str.split("/").str[2].value_counts() > 1).any()


def test_the_truth_names_the_best_that_is_possible(made):
    truth = tables.read(TRUTH, made / "out/truth.csv")
    best = truth[truth["quantity"] == "bayes_auc"].set_index("table")["value"]
    assert best.between(0.65, 0.95).all()
    before = truth.loc[truth["quantity"] == "bayes_auc before", "value"].item()
    assert before < best["deaths"]
    assert json.loads((made / "out/metrics.json").read_text())["rows"] == {
        "diabetes": 120,
        "survey": 130,
        "deaths": 140,
        "games": 90,
        "findings": 110,
    }


def test_the_same_seed_gives_the_same_bytes(made, tmp_path, run_stage, set_params):
    set_params(tmp_path, generate_cases=ROWS)
    run_stage("generate_cases", tmp_path, tables="data", out="out")
    for name in (
        "data/diabetes.csv",
        "data/survey.csv",
        "data/deaths.csv",
        "data/games.csv",
        "data/findings.csv",
        "out/truth.csv",
    ):
        assert (tmp_path / name).read_bytes() == (made / name).read_bytes()
