"""What the page on screening says of a classifier by rules."""

import pandas as pd
import pytest

from radsieve.numbers import ShownEstimate
from radsieve.screening.report.classifiers import _calibrated, _spread, _strength


@pytest.mark.parametrize(
    ("outside", "said"),
    [
        ((0.64, 0.58, 0.71), "not shown to keep to the lungs"),
        ((0.50, 0.45, 0.55), "keeps to the lungs more"),
        ((0.80, 0.75, 0.85), "keeps away from the lungs"),
    ],
)
def test_heat_is_compared_with_heat_that_is_spread_evenly(outside, said):
    shortcut = pd.DataFrame(
        {"truth": [1, 1, 1, 0], "heat_outside": [0.6, 0.7, None, 0.1], "lung_share": [0.30, 0.38, 0.9, 0.9]}
    )
    found = _spread(shortcut, {"abnormal": {"heat_outside": ShownEstimate(*outside)}}, "abnormal")
    assert said in found
    assert "0.660 of evenly spread heat" in found


def test_heat_without_an_interval_is_not_judged():
    assert _spread(pd.DataFrame(), {"abnormal": {"heat_outside": ShownEstimate(0.9)}}, "abnormal") == ""


@pytest.mark.parametrize(
    ("areas", "end"),
    [
        ([0.8, 0.9, 0.95], "greatest"),
        ([0.95, 0.9, 0.8], "least"),
        ([0.8, 0.9, 0.8], ""),
        ([0.8, 0.9, 0.9 + 1e-8], ""),  # the least of equals is chosen, as far as 6 digits tell
        ([1.0, 1.0, 1.0], ""),
    ],
)
def test_a_strength_at_the_end_of_those_tried_is_named(areas, end):
    path = pd.DataFrame({"c": [0.001, 0.01, 0.1], "validation_auc": areas})
    assert (f"is the {end} that was tried" in _strength(path)) if end else (_strength(path) == "")


@pytest.mark.parametrize(
    ("intercept", "said"),
    [((0.7, 0.1, 1.3), "too low"), ((-0.7, -1.3, -0.1), "too high"), ((0.1, -1, 1), "nor excluded")],
)
def test_calibration_of_separated_labels_is_judged_by_its_intercept(intercept, said):
    metrics = {"calibration_intercept": ShownEstimate(*intercept), "calibration_slope": ShownEstimate(float("nan"))}
    assert said in _calibrated(metrics)
