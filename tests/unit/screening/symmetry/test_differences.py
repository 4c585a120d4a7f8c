"""Whether a model beats the best single feature: radsieve.screening.symmetry.differences."""

import numpy as np
import pandas as pd
import pytest

from radsieve.screening.symmetry.differences import differences
from radsieve.screening.tables import SYMMETRY_DIFFERENCES
from radsieve.stats.paired_tests import areas


def predictions(models, truth=np.nan, images=200):
    """Predictions of `models`, name and how much of the label each knows, on the same images."""
    rng = np.random.default_rng(1)
    label = rng.integers(0, 2, images)
    noise = rng.random(images)
    names = [f"{number:03}" for number in range(images)]
    parts = []
    for model, known in models.items():
        probability = known * label + (1 - known) * (noise if model == "best_single_feature" else rng.random(images))
        part = pd.DataFrame(
            {"model": model, "image": names, "label": label, "truth": truth, "probability": probability}
        )
        parts.append(part.assign(accepted=(probability >= 0.5).astype(int)))
    return pd.concat(parts, ignore_index=True), pd.Series(range(images), index=names)


def test_a_model_that_is_better_and_one_that_is_not():
    found, units = predictions({"always_accept": 0, "best_single_feature": 0.1, "better": 0.4, "same": 0.1})
    table = SYMMETRY_DIFFERENCES.validate(differences(found, units, 300, 0.95, 1))
    assert set(table["model"]) == {"better", "same"} and set(table["evaluated_by"]) == {"labels"}
    area = table[table["metric"] == "roc_auc"].set_index("model")
    assert area.loc["better", "lower"] > 0 and area.loc["better", "p_adjusted"] < 0.001
    assert area.loc["same", "lower"] < 0 < area.loc["same", "upper"]
    scores = found.pivot_table(index="image", columns="model", values="probability")[["better", "best_single_feature"]]
    label = found.drop_duplicates("image").set_index("image")["label"].loc[scores.index].to_numpy()
    one, other = areas(label, scores.to_numpy()).means
    assert area.loc["better", "difference"] == pytest.approx(one - other)
    assert (area["p_adjusted"] >= area["p_value"]).all()


def test_bounds_are_those_of_units():
    """Every image twice: as wide as with each once, not narrower by the square root of two."""
    found, units = predictions({"best_single_feature": 0.1, "other": 0.2}, images=60)
    again = found.assign(image=found["image"] + " again")
    twice = pd.concat([found, again]).sort_values("model", kind="stable").reset_index(drop=True)
    doubled = pd.concat([units, units.set_axis(units.index + " again")])
    one, two = (differences(*made, 400, 0.95, 1).set_index("metric") for made in ((found, units), (twice, doubled)))
    width = (two["upper"] - two["lower"]) / (one["upper"] - one["lower"])
    assert width["roc_auc"] == pytest.approx(1, abs=0.15)


def test_the_truth_is_compared_where_it_is_known():
    found, units = predictions({"best_single_feature": 0.1, "other": 0.2}, truth=1.0, images=20)
    found["truth"] = found["label"]
    assert set(differences(found, units, 50, 0.95, 1)["evaluated_by"]) == {"labels", "truth"}
