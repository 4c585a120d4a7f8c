"""Numbers of a metrics.json, with the interval that stands beside them or with them."""

import math

from radsieve.reporting.metrics import estimates_of, metrics_table
from radsieve.reporting.page import ShownEstimate


def test_intervals_beside_a_number_and_with_it():
    found = estimates_of(
        {
            "dice": 0.9,
            "dice_lower": 0.8,
            "dice_upper": 0.95,
            "iou": {"value": 0.7, "lower": 0.6, "upper": 0.8},
            "models": {"tree": {"auc": 0.5}},
        }
    )
    assert found["dice"] == ShownEstimate(0.9, 0.8, 0.95)
    assert found["iou"] == ShownEstimate(0.7, 0.6, 0.8)
    assert found["models.tree.auc"].value == 0.5
    assert found["models.tree.auc"].interval == ""
    assert list(found) == ["dice", "iou", "models.tree.auc"]


def test_an_interval_without_width_is_none():
    found = estimates_of({"bits": {"value": 5.0, "lower": 5.0, "upper": 5.0}, "share": 1.0, "share_lower": 1.0,
                          "share_upper": 1.0})  # fmt: skip
    assert {name: estimate.interval for name, estimate in found.items()} == {"bits": "", "share": ""}
    assert found["bits"].value == 5.0


def test_what_is_not_defined_and_what_is_no_number():
    found = estimates_of({"auc": None, "images": 12, "device": "cpu", "settings": [1, 2]})
    assert math.isnan(found["auc"].value)
    assert found["images"].value == 12
    assert list(found) == ["auc", "images"]


def test_a_table_of_metrics_names_them_in_words():
    area = {"value": 0.5, "lower": 0.4, "upper": 0.6}
    table = metrics_table({"models": {"tree": {"roc_auc": area}, "LogReg.01": {"brier": 0.25}}})
    names = ["models: tree: roc auc", "models: LogReg.01: brier"]
    assert table["metric"].tolist() == names
    assert table["value"].iloc[0] == ShownEstimate(0.5, 0.4, 0.6)
