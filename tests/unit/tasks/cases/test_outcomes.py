"""Outcomes of known log-odds: the best area under the curve, by hand and against what models reach."""

import numpy as np
import pytest
from defaults import settings
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from radsieve.tasks.cases import deaths, diabetes, outcomes, survey
from radsieve.tasks.rows.folds import folded
from radsieve.tasks.rows.packing import pack
from radsieve.tasks.rows.protocols import Study, leaks


def test_the_best_area_of_two_rows_by_hand():
    """Rows with p = 0.8 and 0.2: a positive and a negative row differ in order with weights .64 and .04."""
    assert outcomes.best_area(logit(np.array([0.8, 0.2]))) == pytest.approx(0.64 / (0.64 + 0.04))


def test_the_best_area_is_the_mean_of_drawn_outcomes():
    random = np.random.default_rng(1)
    log_odds = random.normal(-1, 1.5, 400)
    drawn = [roc_auc_score(outcomes.draw(log_odds, random), log_odds) for _ in range(300)]
    assert outcomes.best_area(log_odds) == pytest.approx(np.mean(drawn), abs=0.004)


def test_the_share_of_positive_rows_is_as_asked(share=0.2):
    import pandas as pd

    columns = pd.DataFrame({"a": np.random.default_rng(2).normal(size=1000)})
    assert expit(outcomes.logit(columns, {"a": 1.0}, share)).mean() == pytest.approx(share)


@pytest.mark.parametrize(("case", "column", "spread"), [(diabetes, "Glucose", 30.0), (survey, "BMI", 6.6)])
def test_coefficients_are_found_again(case, column, spread):
    table, truth = case.simulate(30000, seed=5)
    true = dict(truth)[f"coefficient of {column}"]
    features = table.drop(columns=case.TARGET)
    scaled = (features - features.mean()) / features.std()
    if case is diabetes:  # without what is missing
        kept = (table[["Glucose", "BloodPressure", "SkinThickness", "Insulin", "BMI"]] != 0).all(axis=1)
        scaled, table = scaled[kept], table[kept]
        scaled[column] = table[column] / spread
    else:
        scaled[column] = features[column] / spread
    fitted = LogisticRegression(C=1e6, max_iter=500).fit(scaled, table[case.TARGET].astype(int))
    found = fitted.coef_[0][scaled.columns.get_loc(column)]
    assert found == pytest.approx(true, abs=0.12)


def test_what_is_known_afterwards_tells_who_died():
    table, _ = deaths.simulate(5000, seed=1)
    died = table[deaths.TARGET] != deaths.ALIVE
    in_hospital = table["PATIENT_TYPE"] == 2
    assert died[in_hospital].mean() > 5 * died[~in_hospital].mean()
    assert died[table["CLASIFFICATION_FINAL"] == 2].all()


@pytest.mark.parametrize(("case", "name"), [(diabetes, "diabetes"), (survey, "survey"), (deaths, "deaths")])
def test_the_best_area_lies_in_the_interval_of_logistic_regression_evaluated_honestly(case, name):
    table, truth = case.simulate(1500, seed=1)
    found = pack(table.astype(str), settings(f"pack_tables.{name}"), settings("splits"), name)
    chosen = settings(f"classify_rows.{name}", protocols=["honest"], protocol_models=["logistic"])
    data = folded(found.rows, chosen.rows, chosen.folds, chosen.seed, name)
    honest = leaks(Study(data, found.columns, chosen)).set_index("metric").loc["roc_auc"]
    assert honest["lower"] < dict(truth)["bayes_auc"] < honest["upper"]
    assert honest["upper"] - honest["lower"] < 0.1
