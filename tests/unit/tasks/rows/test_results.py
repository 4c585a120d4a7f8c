"""Everything of a table at once: which columns are known when, and settings that its rows do not allow."""

import numpy as np
import pandas as pd
import pytest
from defaults import COMPUTE, settings

from radsieve.errors import InputError
from radsieve.tasks.rows.areas import area
from radsieve.tasks.rows.comparison import chosen_elsewhere
from radsieve.tasks.rows.folds import FoldedRows, folded
from radsieve.tasks.rows.reading import Reading
from radsieve.tasks.rows.results import row_results

SMALL = {"models": ["logistic"], "trees": 10, "folds": 2, "explained_rows": 20, "resamples": 100, "single_splits": 0,
         "age": "none",
         "protocol_models": ["logistic"]}  # fmt: skip


def results(truth, known, **options):
    random = np.random.default_rng(1)
    rows = pd.DataFrame({"_row": np.arange(2, len(truth) + 2), "_unit": [f"u{n:03d}" for n in range(len(truth))]})
    rows = rows.assign(_target=truth, x=truth + random.normal(size=len(truth)))
    columns = pd.DataFrame([("x", "number", known, 0, 9)], columns=["column", "kind", "known", "missing", "distinct"])
    chosen = settings("classify_rows.diabetes", **SMALL | options)
    how = [Reading("x", "number")]
    return row_results(folded(rows, 1000, chosen.folds, 1, "x"), columns, how, chosen, COMPUTE, "x")


def test_no_column_is_known_before_the_visit():
    found = results(np.arange(60) % 2, "at", resampled=[], protocols=["honest"])
    comparison = {schema.name: table for schema, table in found.tables}["comparison"]
    assert comparison["columns"].tolist() == ["at"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"resampled": ["logistic"], "protocols": ["honest"]}, "resampled"),
        ({"resampled": [], "protocols": ["honest", "smote_first"]}, "protocols"),
    ],
)
def test_fewer_rows_than_neighbours_of_smote(options, named):
    truth = np.array([1] * 10 + [0] * 50)
    with pytest.raises(InputError, match=rf"x\.{named}: SMOTE needs 6 rows of each outcome to fit to, .* only 5"):
        results(truth, "before", **options)


def test_the_stored_model_is_the_best_one_that_is_no_reference_or_the_named_one():
    truth = np.arange(60) % 2
    options = {"resampled": [], "protocols": ["honest"], "models": ["majority", "logistic", "extra_trees"]}
    found = results(truth, "before", **options)
    areas = found.metrics["roc_auc"]
    best = max(("logistic", "extra_trees"), key=lambda name: areas[name]["value"])
    assert found.metrics["stored_model"] == found.model.card["model"] == best
    other = results(truth, "before", **options, stored_model="extra_trees")
    assert other.model.card["model"] == "extra_trees"
    assert other.model.card["roc_auc"]["value"] == pytest.approx(areas["extra_trees"]["value"])
    assert (found.model.card["chosen_of"], other.model.card["chosen_of"]) == (
        ["logistic", "extra_trees"],
        ["extra_trees"],
    )


def test_the_best_of_several_models_is_evaluated_in_folds_that_did_not_choose_it():
    """One is right in the first fold alone, one in the second alone, so that each fold has the other one chosen."""
    truth = np.tile([0, 1], 6)
    data = FoldedRows(pd.DataFrame({"_target": truth, "_unit": range(12)}), np.repeat([0, 1, 2], 4))
    right, wrong, even = truth * 1.0, 1.0 - truth, np.full(12, 0.5)
    scores = {
        "first": np.where(data.fold == 0, right, np.where(data.fold == 1, wrong, even)),
        "second": np.where(data.fold == 1, right, np.where(data.fold == 0, wrong, even)),
    }
    found = chosen_elsewhere(data, scores)
    assert found[data.fold == 0].tolist() == scores["second"][data.fold == 0].tolist()
    assert found[data.fold == 1].tolist() == scores["first"][data.fold == 1].tolist()
    assert (found[data.fold == 2] == 0.5).all()


def test_the_best_of_models_that_know_nothing_is_no_better_than_chance():
    """The greatest ROC-AUC of ten models that guess is above 0.5; what is stated is not."""
    random = np.random.default_rng(1)
    greatest, stated = [], []
    for _ in range(30):
        truth = random.permutation(np.repeat([0, 1], 100))
        data = FoldedRows(pd.DataFrame({"_target": truth, "_unit": range(200)}), np.arange(200) % 5)
        scores = {str(name): random.random(200) for name in range(10)}
        of = [area(truth, score, data.fold, data.units, 0.95).value for score in scores.values()]
        greatest.append(max(of))
        stated.append(area(truth, chosen_elsewhere(data, scores), data.fold, data.units, 0.95).value)
    assert np.mean(greatest) > 0.54
    assert np.mean(stated) < 0.515


def test_the_stored_best_model_has_the_figure_of_the_choice_on_its_card():
    random = np.random.default_rng(2)
    options = {"resampled": [], "protocols": ["honest"], "models": ["logistic", "extra_trees", "forest"]}
    found = results(random.permutation(np.arange(60) % 2), "before", **options)
    predicted = {schema.name: table for schema, table in found.tables}["predictions"]
    of = {model: rows["probability"].to_numpy() for model, rows in predicted.groupby("model")}
    first = predicted[predicted["model"] == "logistic"]
    data = FoldedRows(pd.DataFrame({"_target": first["truth"], "_unit": range(60)}), first["fold"].to_numpy())
    score = chosen_elsewhere(data, {name: of[name] for name in options["models"]})
    expected = area(data.truth, score, data.fold, data.units, 0.95)
    assert found.model.card["roc_auc"] == pytest.approx(vars(expected))
    assert found.metrics["stored_roc_auc"] == found.model.card["roc_auc"]
    assert found.model.card["learnt_from"] == {"rows": 60, "positive": 30, "units": 60}


@pytest.mark.parametrize("options", [{"stored_model": "boosting"}, {"models": ["majority", "best_column"]}])
def test_a_model_to_store_that_is_not_compared(options):
    with pytest.raises(InputError, match=r"x\.stored_model = \w+: no such model is among `models`"):
        results(np.arange(60) % 2, "before", **options)


def test_mistakes_are_repeated_on_fewer_rows_and_models_take_all():
    options = {"resampled": [], "protocols": ["honest", "hard_labels"]}
    found = results(np.arange(400) % 2, "before", **options, protocol_rows=150)
    of = {schema.name: table for schema, table in found.tables}
    assert len(of["predictions"]) == found.model.card["rows"] == 400
    assert set(of["leaks"]["evaluated"]) == {150}
    honest = of["leaks"][of["leaks"]["protocol"] == "honest"].set_index("metric")
    assert (honest["value"] == honest["honest"]).all(), "of the same rows"
    assert honest.loc["roc_auc", "value"] != of["comparison"]["roc_auc"].iloc[0]
    whole = results(np.arange(400) % 2, "before", **options, protocol_rows=400)
    assert set({schema.name: table for schema, table in whole.tables}["leaks"]["evaluated"]) == {400}
