"""The rules on scores whose best thresholds are plain to see."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from radsieve.prefilter.thresholds.confusion_measures import Costs
from radsieve.prefilter.thresholds.threshold_rules import (
    ACCEPT_ALL,
    PUBLISHED_RULES,
    RULES,
    Limits,
    choose,
    operating_points,
    tpr_lower_bound,
)

LIMITS = Limits(min_accepted=1, min_precision=0.5, min_tpr=0.5, min_coverage=0, confidence=0.95)
COSTS = Costs(generate_seconds=1, predict_seconds=0)

# Ten rows from the best score to the worst; good: the 1st, 2nd, 4th, 7th
SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1])
TRUTH = np.array([1, 1, 0, 1, 0, 0, 1, 0, 0, 0])


def points(truth=TRUTH, scores=SCORES, latents=None):
    latents = np.zeros((len(truth), 2), dtype=np.float32) if latents is None else latents
    return operating_points(np.asarray(truth), np.asarray(scores, dtype=float), latents)


def threshold(rule, limits=LIMITS, costs=COSTS, **rows):
    choice = choose(rule, points(**rows), limits, costs)
    assert choice.reason == ""
    return choice.threshold


def changed(**limits):
    return Limits(**(vars(LIMITS) | limits))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("argmax(tpr-fpr)", 0.6),  # 3/4 - 1/6
        ("argmax(2*tpr-fpr)", 0.3),  # 2 - 3/6
        ("argmax(tpr-2*fpr)", 0.8),  # 2/4 - 0
        ("tpr>=0.95", 0.3),
        ("argmax(precision)", 0.9),  # 1 of 1; the tie with 2 of 2 goes to the higher threshold
        ("precision>=floor", 0.2),  # 4 of 8, the most that are at least half good
    ],
)
def test_rules_worked_out_by_hand(rule, expected):
    assert threshold(rule) == expected


def test_a_score_at_the_threshold_is_accepted():
    """Three rows share the best score: they are accepted together, or not at all."""
    found = points([1, 1, 0, 0], [0.5, 0.5, 0.5, 0.1])
    assert found.thresholds.tolist() == [0.5, 0.1]
    assert (found.tp.tolist(), found.fp.tolist()) == ([2, 2], [1, 2])
    assert threshold("tpr>=0.95", truth=[1, 1, 0, 0], scores=[0.5, 0.5, 0.5, 0.1]) == 0.5


def test_ties_go_to_the_higher_threshold():
    """TPR - FPR is 1/2 after the first row and again after the third."""
    assert threshold("argmax(tpr-fpr)", truth=[1, 0, 1, 0], scores=[0.9, 0.8, 0.7, 0.6]) == 0.9


def test_tpr_of_just_the_published_share_is_enough():
    truth = np.r_[np.ones(20, dtype=int), 0]
    assert threshold("tpr>=0.95", truth=truth, scores=np.linspace(1, 0.1, 21)) == np.linspace(1, 0.1, 21)[18]


def test_precision_needs_a_least_number_accepted():
    assert threshold("argmax(precision)", changed(min_accepted=4)) == 0.6  # 3 of 4
    assert threshold("argmax(precision)", changed(min_accepted=5)) == 0.5  # 3 of 5, before 4 of 7


def test_least_time_weighs_the_predictor():
    """Images alone: 1 s / precision is least for 2 of 2. If evaluation costs as much, 4 of 7 and 10 evaluated are
    best.
    """
    assert threshold("argmin(seconds per good image)") == 0.9
    assert threshold("argmin(seconds per good image)", costs=Costs(1, 1)) == 0.3
    assert threshold("argmin(seconds per good image)", costs=Costs(1, 0.1)) == 0.8  # (2 + 1) / 2 against (4 + 1) / 3


def test_least_time_keeps_the_coverage():
    """Good latents in two places: to cover both, one has to be accepted in either."""
    latents = np.r_[np.zeros((7, 1)), np.ones((7, 1)) * 100].astype(np.float32) + np.arange(14)[:, None] / 100
    scores = np.r_[np.linspace(0.9, 0.8, 7), np.linspace(0.5, 0.4, 7), 0.45, 0.3]
    rows = {
        "truth": np.r_[np.ones(14, dtype=int), 0, 0],
        "scores": scores,
        "latents": np.r_[latents, np.zeros((2, 1))].astype(np.float32),
    }
    assert threshold("argmin(seconds per good image)", changed(min_coverage=0.4), **rows) >= 0.8
    assert threshold("argmin(seconds per good image)", changed(min_coverage=0.9), **rows) <= 0.5


def test_tpr_floor_with_confidence():
    """The bound is that of Clopper and Pearson, and no fewer images are accepted than it asks for."""
    assert tpr_lower_bound(100, 100, 0.95) == pytest.approx(0.05 ** (1 / 100))
    assert tpr_lower_bound(0, 10, 0.95) == 0
    for accepted in (3, 7, 9):
        bound = tpr_lower_bound(accepted, 10, 0.95)
        assert binom.sf(accepted - 1, 10, bound) == pytest.approx(0.05)  # as many or more would be rare
    truth, scores = np.r_[np.ones(100, dtype=int), 0], np.linspace(1, 0.1, 101)
    found = threshold("tpr>=floor with confidence", changed(min_tpr=0.9), truth=truth, scores=scores)
    kept = int((scores[:100] >= found).sum())
    assert tpr_lower_bound(kept, 100, 0.95) >= 0.9 > tpr_lower_bound(kept - 1, 100, 0.95)


def test_the_confident_floor_holds_as_often_as_expected():
    """Of thresholds from 150 images, 95% keep the share of all good images; the published rule does in about half."""
    generator = np.random.default_rng(2)
    kept = {"tpr>=floor with confidence": [], "tpr>=0.95": []}
    for _ in range(400):
        truth = np.r_[np.ones(150, dtype=int), 0]
        scores = np.r_[generator.uniform(size=150), 0]
        for rule, shares in kept.items():
            shares.append(1 - threshold(rule, changed(min_tpr=0.95), truth=truth, scores=scores))
    holds = {rule: np.mean(np.array(shares) >= 0.95) for rule, shares in kept.items()}
    assert holds["tpr>=floor with confidence"] > 0.92
    assert holds["tpr>=0.95"] < 0.7


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("truth", "which"), [(np.zeros(10, dtype=int), "good"), (np.ones(10, dtype=int), "bad")])
def test_one_class_accepts_everything_and_says_so(rule, truth, which):
    choice = choose(rule, points(truth), LIMITS, COSTS)
    assert choice.threshold == ACCEPT_ALL
    assert choice.reason == f"no {which} image among the 10 rows for choosing"


@pytest.mark.parametrize(
    ("rule", "limits", "reason"),
    [
        ("argmax(precision)", {"min_accepted": 11}, "only 10 rows, but 11 to accept"),
        ("argmin(seconds per good image)", {"min_accepted": 11}, "only 10 rows, but 11 to accept"),
        ("precision>=floor", {"min_accepted": 11}, "only 10 rows, but 11 to accept"),
        ("precision>=floor", {"min_accepted": 3, "min_precision": 0.9}, "has a precision of 0.9 (at most 0.75)"),
        (
            "tpr>=floor with confidence",
            {"min_tpr": 0.95},
            "4 good images are too few to be 95% sure of a TPR of 0.95: 59",
        ),
    ],
)
def test_a_rule_that_nothing_satisfies_accepts_everything_and_says_why(rule, limits, reason):
    choice = choose(rule, points(), changed(**limits), COSTS)
    assert choice.threshold == ACCEPT_ALL
    assert reason in choice.reason


def test_coverage_of_a_single_good_image_is_not_defined():
    choice = choose(
        "argmin(seconds per good image)", points([1, 0, 0], [0.9, 0.5, 0.1]), changed(min_coverage=0.5), COSTS
    )
    assert choice.threshold == ACCEPT_ALL
    assert "at least two good images are needed" in choice.reason


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 5)), min_size=2, max_size=30))
def test_a_choice_is_no_worse_than_any_other_threshold(rows):
    truth, scores = np.array([row[0] for row in rows]), np.array([row[1] / 10 for row in rows])
    found = points(truth, scores)
    if not found.good or not found.bad:
        return
    for rule, (gain, loss) in {
        "argmax(tpr-fpr)": (1, 1),
        "argmax(2*tpr-fpr)": (2, 1),
        "argmax(tpr-2*fpr)": (1, 2),
    }.items():
        assert rule in PUBLISHED_RULES

        def liking(cut, gain=gain, loss=loss):
            accepted = scores >= cut
            return gain * accepted[truth == 1].mean() - loss * accepted[truth == 0].mean()

        chosen = choose(rule, found, LIMITS, COSTS).threshold
        assert liking(chosen) >= max(liking(cut) for cut in np.unique(scores)) - 1e-12
