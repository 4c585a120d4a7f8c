"""Perceptrons and recurrent networks on planted rows: what they learn, which one is chosen, and twice the same."""

import numpy as np
import pandas as pd
import pytest
from defaults import COMPUTE, changed, settings
from sklearn.metrics import roc_auc_score

from radsieve.tasks.rows import networks
from radsieve.tasks.rows.folds import folded
from radsieve.tasks.rows.networks import network_scores
from radsieve.tasks.tables import Model

COLUMNS = pd.DataFrame(
    [("x", "number", "before", 0, 9), ("y", "number", "before", 0, 9)],
    columns=["column", "kind", "known", "missing", "distinct"],
)
MODELS = [Model.PERCEPTRON, Model.LSTM, Model.GRU]


def scores(steps="one", models=MODELS):
    """Rows of which the product of two columns tells the outcome: no model that adds columns up does."""
    random = np.random.default_rng(4)
    x, y = random.normal(size=(2, 600))
    rows = pd.DataFrame(
        {"_unit": [f"u{n:03d}" for n in range(600)], "_target": (x * y > 0).astype(int), "x": x, "y": y}
    )
    options = settings("classify_rows.diabetes")
    good, recurrent = options.perceptrons[0], options.recurrent
    net = {"layers": (16,), "dropout": 0.0, "learning_rate": 0.02, "epochs": 30, "batch": 64}
    useless = changed(good, layers=(1,), learning_rate=1e-6, epochs=1)
    options = changed(
        options, perceptrons=(useless, changed(good, **net)), recurrent=changed(recurrent, steps=steps, **net)
    )
    data = folded(rows, 1000, 3, 1, "x")
    return data, network_scores(data, COLUMNS, "before", ["x", "y"], models, options, COMPUTE)


@pytest.mark.slow
@pytest.mark.parametrize("steps", ["one", "columns"])
def test_networks_learn_what_columns_say_together(steps):
    data, found = scores(steps)
    for model, score in found.scores.items():
        assert roc_auc_score(data.truth, score) > 0.9, model
    chosen = [row[-1] for row in found.tried]
    assert chosen == [0, 1] * 3, "the useless perceptron is never chosen"
    assert all(area > 0.8 for *_, area, taken in found.tried if taken)


def test_twice_the_same():
    first, second = (scores(models=[Model.GRU])[1].scores[Model.GRU] for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize(("most", "of_unit"), [(200, 1), (100, 3)])
def test_a_network_is_fitted_to_some_whole_units_and_predicts_all_rows(most, of_unit, monkeypatch):
    seen = []
    fitted = networks.fit
    monkeypatch.setattr(networks, "fit", lambda *given: seen.append(len(given[2])) or fitted(*given))
    random = np.random.default_rng(4)
    rows = pd.DataFrame({"_unit": [f"u{n // of_unit:03d}" for n in range(600)], "x": random.normal(size=600)})
    rows["_target"] = (rows["x"] > 0).astype(int)
    short = changed(settings("classify_rows.diabetes").recurrent, epochs=1, layers=(2,))
    options = changed(settings("classify_rows.diabetes"), network_rows=most, recurrent=short)
    data = folded(rows, 1000, 3, 1, "x")
    found = network_scores(data, COLUMNS, "before", ["x"], [Model.GRU], options, COMPUTE)
    assert np.isfinite(found.scores[Model.GRU]).all()
    assert max(seen) == most // of_unit * of_unit, "and the quarter that chooses is of these"
    assert np.isfinite(found.thresholds[Model.GRU]).all()
