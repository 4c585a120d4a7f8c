"""Metrics of a decision between good and bad, compared with scikit-learn and to a small case done by hand."""

import numpy as np
import pytest
from sklearn import metrics

from radsieve.stats import binary_metrics

RNG = np.random.default_rng(5)
TRUTH = RNG.integers(0, 2, 150)
PROBABILITY = np.round(np.clip(0.3 * TRUTH + 0.7 * RNG.random(150), 0, 1), 1)  # rounded, so that there are ties
ACCEPTED = (PROBABILITY >= 0.5).astype(int)


def test_weighted_metrics_equal_those_of_scikit_learn():
    weights = RNG.integers(0, 4, (3, 150)).astype(float)
    found = binary_metrics.measures(TRUTH, PROBABILITY, ACCEPTED, weights)
    for row, weight in enumerate(weights):
        expected = {
            "precision": metrics.precision_score(TRUTH, ACCEPTED, sample_weight=weight),
            "recall": metrics.recall_score(TRUTH, ACCEPTED, sample_weight=weight),
            "accuracy": metrics.accuracy_score(TRUTH, ACCEPTED, sample_weight=weight),
            "roc_auc": metrics.roc_auc_score(TRUTH, PROBABILITY, sample_weight=weight),
            "pr_auc": metrics.average_precision_score(TRUTH, PROBABILITY, sample_weight=weight),
            "brier": metrics.brier_score_loss(TRUTH, PROBABILITY, sample_weight=weight),
        }
        assert {name: found[name][row] for name in expected} == pytest.approx(expected)
    np.testing.assert_array_equal(binary_metrics.roc_auc(TRUTH, PROBABILITY, weights), found["roc_auc"])


def test_bad_for_each_good_one():
    """6 bad and 2 good images, of which 2 and 2 are accepted: from 3 : 1 to 1 : 1, as published."""
    truth = np.array([0] * 6 + [1] * 2)
    accepted = np.array([1, 1, 0, 0, 0, 0, 1, 1])
    found = binary_metrics.measures(truth, accepted * 0.8, accepted, np.ones((1, 8)))
    assert found["bad_per_good_before"] == [3]
    assert found["bad_per_good_after"] == [1]
    assert found["accepted_share"] == [0.5]


def test_what_is_not_defined_is_nan():
    none = binary_metrics.measures(np.array([0, 1]), np.array([0.1, 0.2]), np.array([0, 0]), np.ones((1, 2)))
    assert {name for name, value in none.items() if np.isnan(value[0])} == {"precision", "bad_per_good_after"}
    bad = binary_metrics.measures(np.array([0, 0]), np.array([0.1, 0.2]), np.array([0, 1]), np.ones((1, 2)))
    undefined = {"recall", "roc_auc", "pr_auc", "bad_per_good_before", "bad_per_good_after"}
    assert {name for name, value in bad.items() if np.isnan(value[0])} == undefined


def test_intervals_hold_the_value_and_widen_when_whole_patients_are_drawn():
    def widths(units):
        found = binary_metrics.measures_with_intervals(TRUTH, PROBABILITY, ACCEPTED, units, 400, 0.95, seed=1)
        assert (found["lower"] <= found["value"]).all()
        assert (found["value"] <= found["upper"]).all()
        return (found["upper"] - found["lower"]).set_axis(found["metric"])

    alone = widths(np.arange(150))
    patients = np.argsort(np.argsort(TRUTH == ACCEPTED, kind="stable")) // 10  # all ten images of each right, or wrong
    assert widths(patients)["accuracy"] > 2 * alone["accuracy"]


def test_curve_equals_that_of_scikit_learn():
    curve = binary_metrics.curve(TRUTH, PROBABILITY)
    fpr, tpr, thresholds = metrics.roc_curve(TRUTH, PROBABILITY, drop_intermediate=False)
    np.testing.assert_allclose(
        curve[["false_positive_rate", "recall", "threshold"]].T, [fpr[1:], tpr[1:], thresholds[1:]]
    )
    precision, recall, _ = metrics.precision_recall_curve(TRUTH, PROBABILITY)
    np.testing.assert_allclose(curve[["precision", "recall"]].T, [precision[-2::-1], recall[-2::-1]])


def test_calibration_and_confusion_count_images():
    truth = np.array([0, 0, 1, 1, 1])
    found = binary_metrics.calibration(truth, np.array([0.11, 0.19, 0.15, 0.95, 1.0]), np.arange(5), 0.95)
    assert found[["bin_from", "bin_to", "images"]].to_numpy().tolist() == [[0.1, 0.2, 3], [0.9, 1.0, 2]]
    np.testing.assert_allclose(found[["mean_probability", "share_good"]], [[0.15, 1 / 3], [0.975, 1]])
    confusion = binary_metrics.confusion_table(truth, np.array([0, 1, 1, 1, 0]), np.arange(5), 0.95)
    assert confusion[["good", "accepted", "images"]].to_numpy().tolist() == [[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 2]]
    assert confusion["of"].tolist() == [2, 2, 3, 3]
    assert found["good_images"].tolist() == [1, 2]
    assert confusion["share"].tolist() == pytest.approx([0.5, 0.5, 1 / 3, 2 / 3])


def test_images_of_one_patient_tell_less_of_calibration_and_confusion():
    """Of each of 15 patients ten images, all or most of them good, and all or most accepted, are not independent."""
    for values in (TRUTH, ACCEPTED):
        patients = np.argsort(np.argsort(values, kind="stable")) // 10

        def width(units, values=values):
            same = np.ones(150, int)  # one row of the confusion, so that all 150 images count
            if values is TRUTH:
                table = binary_metrics.calibration(TRUTH, np.full(150, 0.55), units, 0.95)
            else:
                table = binary_metrics.confusion_table(same, ACCEPTED, units, 0.95).iloc[2:]
            return table["upper"] - table["lower"]

        assert (width(patients) > 2 * width(np.arange(150))).all()


def test_no_interval_is_without_width():
    """As 35 of 35 women found: the share and the area of a perfect ranking could be less in other images."""
    truth = np.repeat([0, 1], [37, 35])
    found = binary_metrics.measures_with_intervals(
        truth, 0.1 + 0.8 * truth, truth, np.arange(72), 200, 0.95, seed=1
    ).set_index("metric")
    assert found.loc["recall", ["value", "lower", "upper"]].tolist() == pytest.approx([1, 0.9011, 1], abs=1e-4)
    assert found.loc["roc_auc", "value"] == found.loc["roc_auc", "upper"] == 1
    assert 0.9 < found.loc["roc_auc", "lower"] < 0.96
    assert found.loc["bad_per_good_after", ["value", "lower"]].tolist() == [0, 0]
    assert found.loc["bad_per_good_after", "upper"] == pytest.approx(0.0989 / 0.9011, abs=1e-3)


def test_equal_probabilities_have_an_area_with_a_width():
    """A network that says the same of all images: no resample changes its area, nor a Brier score of a quarter."""
    truth = np.repeat([0, 1], [37, 35])
    found = binary_metrics.measures_with_intervals(
        truth, np.full(72, 0.5), np.zeros(72, int), np.arange(72), 200, 0.95, seed=1
    ).set_index("metric")
    limits = binary_metrics.newcombe_area(0.5, 35, 37, 0.95)
    assert found.loc["roc_auc", ["value", "lower", "upper"]].tolist() == pytest.approx([0.5, *limits])
    assert found.loc["recall", ["value", "lower"]].tolist() == [0, 0] and found.loc["recall", "upper"] > 0.05
    assert found.loc["brier", "value"] == 0.25 and np.isnan(found.loc["brier", "lower"])
    assert not (found["lower"] == found["upper"]).any()


def test_area_limits_solve_their_equation_and_narrow_with_more_images():
    """Both limits lie the quantile times their own standard error (Hanley and McNeil's, with means) from the area."""
    lower, upper = binary_metrics.newcombe_area(0.8, 30, 50, 0.95)
    for limit in (lower, upper):
        mean = 39
        variance = limit * (1 - limit) * (1 + mean * ((1 - limit) / (2 - limit) + limit / (1 + limit))) / 1500
        assert abs(limit - 0.8) == pytest.approx(1.959964 * variance**0.5, rel=1e-5)
    assert lower < 0.8 < upper
    more = binary_metrics.newcombe_area(0.8, 300, 500, 0.95)
    assert lower < more[0] < 0.8 < more[1] < upper
    assert binary_metrics.newcombe_area(0.0, 30, 50, 0.95) == pytest.approx(
        tuple(1 - limit for limit in reversed(binary_metrics.newcombe_area(1.0, 50, 30, 0.95)))
    )


def test_area_limits_hold_the_true_area_as_often_as_they_say():
    """10 good and 15 bad images from normal distributions 2 standard deviations apart; the true area is 0.921."""
    generator = np.random.default_rng(2)
    good, bad = generator.normal(2, 1, (600, 10)), generator.normal(0, 1, (600, 15))
    areas = (good[:, :, None] > bad[:, None, :]).mean((1, 2))
    limits = np.array([binary_metrics.newcombe_area(float(area), 10, 15, 0.95) for area in areas])
    held = ((limits[:, 0] <= 0.92135) & (limits[:, 1] >= 0.92135)).mean()
    assert 0.92 < held < 0.99
