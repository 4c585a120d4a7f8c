"""Figures of real tables that the issue of this project names: Pima women, BRFSS 2015 and admissions in Mexico."""

import os
from pathlib import Path

import pytest
import yaml
from defaults import settings

from radsieve.settings import expand
from radsieve.tables.user_tables import read_cells
from radsieve.tasks.rows.areas import area
from radsieve.tasks.rows.folds import folded
from radsieve.tasks.rows.models import NONE, columns_of
from radsieve.tasks.rows.packing import pack
from radsieve.tasks.rows.protocols import VISIT, Study, evaluate_arms, leaks
from radsieve.tasks.tables import Model

DATA = Path(os.environ.get("RADSIEVE_DATA", "no such folder"))
PRESET = Path(__file__).parents[2] / "workflow/presets/tables.yaml"

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not (DATA / "tables").is_dir(), reason="RADSIEVE_DATA does not name a folder with tables/"),
]


def packed(name):
    changes = yaml.safe_load(PRESET.read_text(encoding="utf-8"))["pack_tables"][name]
    options = settings(f"pack_tables.{name}", **changes)
    return pack(read_cells(expand(options.table)), options, settings("splits"), name)


def study(name, rows, **options):
    found = packed(name)
    chosen = settings(f"classify_rows.{name}", rows=rows, **options)
    return found, Study(folded(found.rows, rows, chosen.folds, chosen.seed, name), found.columns, chosen)


def areas(of, models, known):
    names = columns_of(of.columns, known)
    scores = evaluate_arms(of.data, of.columns, names, [(model, NONE) for model in models], of.settings).scores
    data = of.data
    return {model: area(data.truth, score, data.fold, data.units, 0.95).value for (model, _), score in scores.items()}


def test_pima_women():
    """0.83 by logistic regression; with medians of each class and SMOTE before the folds a forest comes to 0.96, as
    published; of called outcomes the area is 0.72."""
    found, of = study(
        "diabetes", 1000, folds=10, trees=300, protocol_models=["logistic", "forest"],
        protocols=["honest", "class_medians", "class_medians_smote_first", "hard_labels"],
    )  # fmt: skip
    assert (found.metrics["rows"], found.metrics["positive"], found.metrics["equal_rows"]) == (768, 268, 0)
    missing = found.columns.set_index("column")["missing"]
    assert missing[["Glucose", "BloodPressure", "SkinThickness", "Insulin", "BMI"]].tolist() == [5, 35, 227, 374, 11]
    table = leaks(of)
    value = table[table["metric"] == "roc_auc"].set_index(["protocol", "model"])["value"]
    assert value["honest", "logistic"] == pytest.approx(0.83, abs=0.01)
    assert value["class_medians_smote_first", "forest"] == pytest.approx(0.96, abs=0.01)
    assert value["class_medians", "forest"] == pytest.approx(0.94, abs=0.015)
    assert value["hard_labels", "logistic"] == pytest.approx(0.72, abs=0.02)


def test_answers_to_brfss():
    found, of = study("survey", 30_000)
    assert (found.metrics["rows"], found.metrics["positive"]) == (253_680, 35_346)
    assert found.metrics["equal_rows"] == 24_206
    value = areas(of, [Model.LOGISTIC, Model.BOOSTING], VISIT)
    assert value[Model.LOGISTIC] == pytest.approx(0.82, abs=0.01)
    assert value[Model.BOOSTING] == pytest.approx(0.825, abs=0.012)


def test_deaths_of_admissions():
    """0.92 by what is known at the visit, 0.86 before it, 0.97 with what is known only afterwards; and the accuracy of
    0.926624 that was published is the share alive."""
    found, of = study("deaths", 60_000)
    alive = 1 - found.metrics["positive"] / found.metrics["rows"]
    assert (found.metrics["rows"], found.metrics["positive"]) == (1_048_575, 76_942)
    assert alive == pytest.approx(0.926624, abs=1e-5)
    for known, expected in ((VISIT, 0.92), (("before",), 0.86), ((*VISIT, "after"), 0.97)):
        assert areas(of, [Model.BOOSTING], known)[Model.BOOSTING] == pytest.approx(expected, abs=0.012), known
