"""From which probability on an image is called positive, and what is right there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsieve.screening.classifiers.operating_point import (
    choose_operating_point,
    confusion_at,
    operating_point,
    shares_at,
)
from radsieve.stats.resampling import wilson

TRUTH = np.array([0, 0, 0, 1, 0, 1, 1, 1])
PROBABILITY = np.array([0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.7])


@pytest.mark.parametrize(
    ("rule", "level", "expected"),
    [
        ("youden", 0.95, 0.175),  # sensitivity 1, specificity 3/4, as good as 0.35 and more sensitive
        ("sensitivity", 0.75, 0.35),
        ("sensitivity", 0.76, 0.175),
        ("specificity", 0.75, 0.175),
        ("specificity", 0.76, 0.35),
    ],
)
def test_the_point_is_half_way_between_two_images(rule, level, expected):
    assert choose_operating_point(TRUTH, PROBABILITY, rule, level) == pytest.approx(expected)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1, width=16)), min_size=2, max_size=40), st.floats(0.05, 0.95))
def test_the_level_that_was_asked_for_is_reached(images, level):
    truth = np.array([0, 1] + [int(label) for label, _ in images])
    probability = np.array([0.2, 0.8] + [value for _, value in images])
    for rule, label in (("sensitivity", 1), ("specificity", 0)):
        point = choose_operating_point(truth, probability, rule, level)
        assert 0 <= point < 1.00001
        assert ((probability[truth == label] >= point) == (label == 1)).mean() >= level


def test_the_card_says_how_the_point_was_chosen():
    found = operating_point(TRUTH, PROBABILITY, np.arange(8) // 2, "youden", 0.95, "validation").card()
    assert found == {
        "probability": pytest.approx(0.175),
        "rule": "youden",
        "level": None,
        "chosen_on": "validation",
        "images": 8,
        "units": 4,
        "reached": {"sensitivity": 1.0, "specificity": 0.75},
    }


def test_thirty_five_of_thirty_five_are_not_certainty():
    truth = np.repeat([1, 0], [35, 38])
    called = np.concatenate([np.ones(35, int), np.repeat([1, 0], [2, 36])])
    found = shares_at(truth, called, np.arange(73), 0.95).set_index("measure")
    assert found.loc["sensitivity", ["count", "of", "value"]].tolist() == [35, 35, 1]
    assert found.loc["sensitivity", ["lower", "upper"]].tolist() == pytest.approx(wilson(35, 35, 0.95))
    assert found.loc["sensitivity", "lower"] == pytest.approx(0.901, abs=5e-4)
    assert found.loc["ppv", ["count", "of"]].tolist() == [35, 37]
    assert found.loc["npv", ["count", "of"]].tolist() == [36, 36]
    assert found.loc["accuracy", ["count", "of"]].tolist() == [71, 73]


def test_images_of_few_patients_tell_less():
    truth, called = np.ones(30, int), np.repeat([1, 0], [24, 6])
    alone, clustered = (
        shares_at(truth, called, units, 0.95).set_index("measure") for units in (np.arange(30), np.arange(30) // 3)
    )
    assert clustered.loc["sensitivity", "lower"] < alone.loc["sensitivity", "lower"]
    assert np.isnan(alone.loc["specificity", "value"])


def test_missed_images_are_counted():
    called = (PROBABILITY >= 0.35).astype(int)
    found = confusion_at(TRUTH, called, np.arange(8), ("normal", "abnormal"), 0.95)
    assert found[["label", "called", "images", "of"]].to_numpy().tolist() == [
        ["normal", "normal", 4, 4], ["normal", "abnormal", 0, 4],
        ["abnormal", "normal", 1, 4], ["abnormal", "abnormal", 3, 4],
    ]  # fmt: skip
