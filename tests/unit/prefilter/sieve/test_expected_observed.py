"""Expected values compared with observed ones, on images made up."""

import numpy as np
import pandas as pd
import pytest
from example_sieves import bounds, make_sieve

from radsieve import files
from radsieve.prefilter.plots.prospective import arm_grid, plot_expected_observed
from radsieve.prefilter.sieve.expected_observed import (
    INDEPENDENT,
    compare_with_expected,
    expected_observed_metrics,
    image_diversity,
)
from radsieve.prefilter.sieve.prospective import ArmRecord
from radsieve.prefilter.sieve.two_arms import power
from radsieve.prefilter.tables import CHECKED_DIVERSITY, EXPECTED_OBSERVED, Arm
from radsieve.screening.tables import SCORES
from radsieve.stats.resampling import wilson


def make_arm(name, good, bad, sampled=0, accepted=None, probability=0.5, group="a"):
    """So many good images and then bad ones; `accepted` says of how many good and bad ones the latents are."""
    arm = ArmRecord(name, 1, sampled or good + bad)
    valid = np.repeat([1, 0], [good, bad])
    kept = np.ones(good + bad, int) if accepted is None else np.zeros(good + bad, int)
    if accepted is not None:
        kept[: accepted[0]] = kept[good : good + accepted[1]] = 1
    table = {"image": [f"{name}/{group}/{n}" for n in range(good + bad)], "arm": name, "group": group}
    table |= {"probability": probability, "accepted": kept, "valid": valid} | dict.fromkeys(SCORES, valid - 0.5)
    arm._rows.append(pd.DataFrame(table))
    return arm


def hold(unsieved, sieved, sieve=None):
    arms = {Arm.UNSIEVED: unsieved, Arm.SIEVED: sieved}
    held = compare_with_expected(arms, (sieve or make_sieve()).card, 100, 1)
    return EXPECTED_OBSERVED.validate(held)


def of_all(held):
    return held[held["group"] == "all"].set_index("quantity")


GAINS = ["precision_sieved", "precision_ratio", "saving", "seconds_per_good_sieved"]


def test_quantities_worked_out_by_hand():
    """25 of 100 good without, 45 of 90 with the sieve, which took 180 latents; 0.5 s an image, 0.025 s a latent."""
    held = of_all(hold(make_arm(Arm.UNSIEVED, 25, 75, accepted=(20, 30)), make_arm(Arm.SIEVED, 45, 45, sampled=180)))
    by_hand = {
        "precision_unsieved": (0.25, 0.25, 100),
        "precision_sieved": (0.5, 0.5, 90),
        "precision_ratio": (2, 2, 190),
        "acceptance_rate": (0.5, 0.5, 90),
        "seconds_per_good_unsieved": (2, 2, 100),
        "seconds_per_good_sieved": (0.55 / 0.5, 0.55 / 0.5, 90),
        "saving": (2 / 1.1, 2 / 1.1, 190),
        "recall": (0.8, 0.8, 25),
        "false_positive_rate": (0.4, 0.4, 75),
        "roc_auc": (0.75, 0.5, 100),
        "saving_paired": (1.9, 1.6 / 1.1, 100),
        "mean_probability_unsieved": (0.5, 0.25, 100),
        "mean_probability_sieved": (0.5, 0.5, 90),
    }
    assert held.index.tolist() == list(by_hand)
    for quantity, (expected, observed, images) in by_hand.items():
        row = held.loc[quantity]
        assert row[["expected", "observed", "difference", "images"]].tolist() == pytest.approx(
            [expected, observed, observed - expected, images]
        )
    assert held.loc["precision_sieved", ["observed_lower", "observed_upper"]].tolist() == pytest.approx(
        wilson(45, 90, 0.95)
    )
    low, high = wilson(45, 90, 0.95)
    assert held.loc["seconds_per_good_sieved", ["observed_lower", "observed_upper"]].tolist() == pytest.approx(
        [0.55 / high, 0.55 / low]
    )
    assert held.loc["saving", "expected_lower"] == pytest.approx(1.5 / 1.1)
    kept = held["within"]
    assert kept.drop(["roc_auc", "mean_probability_unsieved"]).eq(1).all()
    assert kept[["roc_auc", "mean_probability_unsieved"]].eq(0).all()


def test_better_than_expected_is_not_as_expected_either():
    unsieved = make_arm(Arm.UNSIEVED, 100, 300, accepted=(80, 120))
    better = of_all(hold(unsieved, make_arm(Arm.SIEVED, 320, 80, sampled=800)))
    assert better.loc[GAINS, "within"].eq(0).all()
    worse = of_all(hold(unsieved, make_arm(Arm.SIEVED, 80, 320, sampled=800)))
    assert worse.loc[GAINS, "within"].eq(0).all()
    assert of_all(hold(unsieved, make_arm(Arm.SIEVED, 200, 200, sampled=500))).loc["acceptance_rate", "within"] == 0
    assert of_all(hold(unsieved, make_arm(Arm.SIEVED, 200, 200, sampled=1600))).loc["acceptance_rate", "within"] == 0


def test_groups_are_compared_with_the_expected_value_for_all():
    arms = {}
    for name, bad in ((Arm.UNSIEVED, 30), (Arm.SIEVED, 10)):
        arms[name] = make_arm(name, 10, bad, sampled=120)
        arms[name]._rows += make_arm(name, 1, 39, group="b", probability=0.3)._rows
    held = hold(arms[Arm.UNSIEVED], arms[Arm.SIEVED])
    found = held[held["group"] != "all"].set_index(["group", "quantity"])
    assert len(found) == 8
    assert found.loc[("a", "precision_sieved"), ["expected", "observed", "within", "images"]].tolist() == [
        0.5,
        0.5,
        1,
        20,
    ]
    assert found.loc[("b", "precision_sieved"), ["expected", "observed", "within", "images"]].tolist() == [
        0.5,
        0.025,
        0,
        40,
    ]
    assert found.loc[("b", "mean_probability_sieved"), "expected"] == pytest.approx(0.3)
    metrics = expected_observed_metrics(held, 0.95)
    assert metrics["groups_below_expected"] == ["b"]
    assert metrics["expectations"] == 5
    assert metrics["within_expected"] == of_all(held).loc[list(INDEPENDENT), "within"].sum()
    assert len(metrics["quantities"]) == 13


def test_of_many_groups_one_that_is_below_by_chance_is_not_told():
    """5 of 20 good images where half are expected: told of a single group, not of the worst of ten."""
    for others, told in ((0, ["a"]), (9, [])):
        sieved = make_arm(Arm.SIEVED, 5, 15, sampled=500)
        for number in range(others):
            sieved._rows += make_arm(Arm.SIEVED, 10, 10, group=f"b{number}")._rows
        held = hold(make_arm(Arm.UNSIEVED, 10, 30), sieved)
        assert held.set_index(["group", "quantity"]).loc[("a", "precision_sieved"), "within"] == 0
        metrics = expected_observed_metrics(held, 0.95)
        assert (metrics["groups_compared"], metrics["groups_below_expected"]) == (1 + others, told)


def test_only_counts_that_do_not_follow_from_others_are_counted():
    """The saving, its ratio and the seconds are one and the same number; the area is of the images of the recall."""
    assert INDEPENDENT == (
        "precision_unsieved", "precision_sieved", "acceptance_rate", "recall", "false_positive_rate",
    )  # fmt: skip


def test_what_holds_of_any_images_is_not_counted_as_expected():
    """A sieve that accepts every latent has an acceptance, a recall and a share of false positives of 1, as it must."""
    one = {"value": 1.0, "lower": None, "upper": None}
    sieve = make_sieve(**dict.fromkeys(("acceptance_rate", "tpr", "fpr", "ratio", "saving"), one))
    held = hold(make_arm(Arm.UNSIEVED, 20, 20), make_arm(Arm.SIEVED, 20, 20), sieve)
    assert of_all(held).loc[["recall", "saving_paired"], "observed"].tolist() == pytest.approx([1, 1 / 1.05])
    metrics = expected_observed_metrics(held, 0.95)
    assert metrics["expectations"] == 2
    assert len(metrics["quantities"]) == 13


def test_what_the_two_arms_can_tell():
    """145 and 170 good of 420: p = 0.075; the paired saving is known better than that of the arms."""
    arms = make_arm(Arm.UNSIEVED, 145, 275, accepted=(120, 161)), make_arm(Arm.SIEVED, 170, 250, sampled=600)
    held = hold(*arms)
    found = expected_observed_metrics(held, 0.95)["two_arms"]
    assert found["p_value"] == pytest.approx(0.075, abs=0.0005)
    assert found["images"] == 420
    latents = 1 / (1 + 0.025 / (420 / 600) / 0.5)  # what their evaluation takes from the saving
    detected = 145 / 420 * found["detectable_saving"] / latents
    assert power(145 / 420, detected, 420, 0.95) == pytest.approx(0.8)
    assert found["power_of_expected"] == pytest.approx(power(145 / 420, 2 * 145 / 420, 420, 0.95))
    two, paired = (of_all(held).loc[name] for name in ("saving", "saving_paired"))
    assert two["observed_lower"] < 1 < two["observed_upper"]
    assert paired["observed"] == pytest.approx(120 / 281 / (145 / 420) / (1 + 0.025 / (281 / 420) / 0.5))
    assert paired["observed_upper"] - paired["observed_lower"] < two["observed_upper"] - two["observed_lower"]


@pytest.mark.parametrize(("good", "bad"), [(0, 30), (30, 0)])
def test_no_good_image_and_none_but_good_ones(good, bad, tmp_path):
    held = hold(make_arm(Arm.UNSIEVED, good, bad), make_arm(Arm.SIEVED, good, bad, sampled=60))
    found = of_all(held)
    assert found.loc["precision_sieved", "observed"] == (good > 0)
    assert np.isnan(found.loc["roc_auc", "observed"])
    assert np.isnan(found.loc["roc_auc", "within"])
    assert np.isnan(found.loc["precision_ratio", "observed"]) == (good == 0)
    assert np.isnan(found.loc["seconds_per_good_sieved", "observed"]) == (good == 0)
    metrics = expected_observed_metrics(held, 0.95)
    assert metrics["quantities"]["roc_auc"]["observed"] is None
    files.write_json(tmp_path / "metrics.json", metrics)
    files.write_figure(tmp_path / "expected_observed.png", plot_expected_observed(held))


def test_a_card_that_expects_nothing_breaks_nothing(tmp_path):
    nothing = bounds(None, None, None)
    sieve = make_sieve(**dict.fromkeys(make_sieve().card["expected"], nothing))
    held = hold(make_arm(Arm.UNSIEVED, 20, 20), make_arm(Arm.SIEVED, 30, 10), sieve)
    expectations = held[~held["quantity"].str.startswith("mean_probability")]
    assert expectations["within"].isna().all()
    assert expectations["observed"].notna().all()
    files.write_figure(tmp_path / "expected_observed.png", plot_expected_observed(held))


def with_features(unsieved, sieved):
    arms = {}
    for name, points in ((Arm.UNSIEVED, unsieved), (Arm.SIEVED, sieved)):
        arms[name] = ArmRecord(name, 1)
        arms[name]._features["space"] = [points]
    return arms


def test_diversity_falls_if_sieved_images_are_all_alike_and_not_if_they_are_as_the_others():
    rng = np.random.default_rng(1)
    unsieved = rng.normal(size=(60, 30)) * np.r_[np.ones(15), np.full(15, 1000.0)]
    alike = unsieved[:40] * 0.1 + rng.normal(size=(40, 30)) * 0.01
    found = CHECKED_DIVERSITY.validate(image_diversity(with_features(unsieved, alike), 200, 0.95, 1))
    narrow = found.set_index("measure").loc["mean_distance"]
    assert narrow["value"] < narrow["lower"]
    assert narrow["p_value"] < 0.01
    assert (narrow["sieved"], narrow["unsieved"]) == (40, 60)
    same = image_diversity(with_features(unsieved, rng.permutation(unsieved) + 1e-9), 200, 0.95, 1)
    assert (same["p_value"] > 0.05).all()


def test_diversity_of_too_few_images():
    some, none = np.random.default_rng(0).normal(size=(30, 4)), np.empty((0, 4))
    assert CHECKED_DIVERSITY.validate(image_diversity(with_features(none, none), 100, 0.95, 1)).empty
    assert image_diversity(with_features(some, none), 100, 0.95, 1).empty
    assert image_diversity(with_features(none, some[:1]), 100, 0.95, 1).empty
    assert len(image_diversity(with_features(none, some), 100, 0.95, 1)) == 3
    assert image_diversity(with_features(some, some[:1]), 100, 0.95, 1)["value"].isna().all()


def test_a_grid_frames_images_that_fail_and_says_what_they_fail():
    arm = make_arm(Arm.SIEVED, 1, 1)
    rows = arm.images.to_dict("records")
    shown = [(np.zeros((1, 8, 8), np.uint8), row) for row in rows]
    texts = [text.get_text() for text in arm_grid(Arm.SIEVED, arm.images, shown).texts]
    assert texts[0] == "Images of sieved latents, not selected: 1 of 2 good"
    assert "1 of 2 good" in texts
    assert "predicted good: 50%\npasses all five scores" in texts
    assert any(text.startswith("predicted good: 50%\nfails shape, abnormal, maxheat") for text in texts)
