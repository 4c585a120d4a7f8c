"""What a confusion matrix says, on matrices worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsieve.prefilter.thresholds.confusion_measures import (
    MEASURES,
    Costs,
    EvaluationSettings,
    acceptance_measures,
    confusion_counts,
    evaluated,
    precision_difference,
)

FREE = Costs(generate_seconds=2, predict_seconds=0)
COUNTS = st.lists(st.integers(0, 1000), min_size=4, max_size=4).map(np.array).filter(lambda counts: counts.sum() > 0)


def evaluation(costs=FREE):
    return EvaluationSettings(costs, resamples=2000, confidence=0.95, seed=1)


def test_counts_are_in_the_published_order():
    truth = np.array([0, 0, 0, 1, 1, 0])
    accepted = np.array([False, True, False, False, True, False])
    assert confusion_counts(truth, accepted).tolist() == [3, 1, 1, 1]


def test_measures_worked_out_by_hand():
    found = acceptance_measures([70, 20, 2, 8], FREE)
    assert list(found) == list(MEASURES)
    expected = {
        "accepted_share": 0.28,
        "tpr": 0.8,
        "fpr": 20 / 90,
        "precision": 8 / 28,
        "base_rate": 0.1,
        "ratio": 80 / 28,
        "saving": 80 / 28,
        "seconds_per_good": 2 * 28 / 8,
    }
    assert {name: float(value) for name, value in found.items()} == pytest.approx(expected)


def test_the_predictor_is_paid_for_every_latent_that_it_evaluates():
    """28 images of 2 s and 100 latents of 0.1 s for 8 good images, against 200 s for 10 good ones."""
    found = acceptance_measures([70, 20, 2, 8], Costs(generate_seconds=2, predict_seconds=0.1))
    assert found["seconds_per_good"] == pytest.approx((28 * 2 + 100 * 0.1) / 8)
    assert found["saving"] == pytest.approx((200 / 10) / ((28 * 2 + 100 * 0.1) / 8))
    assert found["saving"] == pytest.approx(80 / 28 / (1 + 0.1 / (0.28 * 2)))


def test_what_is_not_defined_is_empty():
    nothing_accepted = evaluated(np.array([90, 0, 10, 0]), evaluation())
    for name in ("precision", "ratio", "saving", "seconds_per_good"):
        assert np.isnan([nothing_accepted[f"{name}{end}"] for end in ("", "_lower", "_upper")]).all(), name
    assert nothing_accepted["tpr"] == 0
    assert np.isnan(evaluated(np.array([5, 5, 0, 0]), evaluation())["tpr"])


def test_intervals_of_shares_are_those_of_jeffreys():
    from scipy.stats import beta

    found = evaluated(np.array([32, 64, 0, 4]), EvaluationSettings(FREE, 40_000, 0.95, 1))
    assert found["tpr"] == found["tpr_upper"] == 1
    assert found["tpr_lower"] == pytest.approx(beta.ppf(0.025, 4.5, 0.5), abs=0.01)
    assert found["precision_lower"] == pytest.approx(beta.ppf(0.025, 4.5, 64.5), abs=0.003)
    assert found["precision_upper"] == pytest.approx(beta.ppf(0.975, 4.5, 64.5), abs=0.003)


def test_of_several_repetitions_the_mean_is_told_with_bounds_that_reach_all_of_them():
    one, other = np.array([600, 200, 50, 150]), np.array([500, 300, 30, 170])
    found = evaluated(np.array([one, other]), evaluation())
    assert [found[cell] for cell in ("tn", "fp", "fn", "tp")] == [550, 250, 40, 160]
    assert found["precision"] == pytest.approx(160 / 410)
    assert found["precision_lower"] < evaluated(np.array([550, 250, 40, 160]), evaluation())["precision_lower"]
    assert found["precision_lower"] < 170 / 470 < 150 / 350 < found["precision_upper"]


def test_intervals_cover_where_few_images_are_good():
    """Where a bootstrap of rows stays at 0 or 1 and covers much less often than it says."""
    generator = np.random.default_rng(1)
    shares = np.array([0.31, 0.65, 0.002, 0.038])
    truth = acceptance_measures(shares, FREE)
    inside = {name: [] for name in ("tpr", "precision", "saving")}
    for counts in generator.multinomial(100, shares, size=300):
        found = evaluated(counts, EvaluationSettings(FREE, 400, 0.95, 1))
        for name, hits in inside.items():
            if np.isfinite(found[name]):
                hits.append(found[f"{name}_lower"] <= truth[name] <= found[f"{name}_upper"])
    assert {name: np.mean(hits) > 0.9 for name, hits in inside.items()} == dict.fromkeys(inside, True)


@given(COUNTS)
def test_bounds_include_the_value(counts):
    found = evaluated(counts, EvaluationSettings(FREE, 100, 0.9, 1))
    for name in MEASURES:
        if np.isfinite(found[name]):
            assert found[f"{name}_lower"] <= found[name] <= found[f"{name}_upper"], name


@given(COUNTS, st.integers(2, 9))
def test_only_the_proportions_count(counts, times):
    once, often = acceptance_measures(counts, FREE), acceptance_measures(counts * times, FREE)
    for name in MEASURES:
        np.testing.assert_allclose(once[name], often[name], rtol=1e-12)


def test_difference_of_precisions():
    truth = np.array([1, 1, 0, 0, 0, 1])
    one = np.array([True, True, True, False, False, False])  # 2 of 3
    two = np.array([True, False, True, True, False, False])  # 1 of 3
    found = precision_difference(truth, one, two, evaluation())
    assert found["precision_difference"] == pytest.approx(1 / 3)
    assert found["difference_lower"] < 1 / 3 < found["difference_upper"]
    swapped = precision_difference(truth, two, one, evaluation())
    assert swapped["precision_difference"] == pytest.approx(-1 / 3)
    none = precision_difference(truth, one, np.zeros(6, dtype=bool), evaluation())
    assert np.isnan(list(none.values())).all()
