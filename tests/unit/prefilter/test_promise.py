"""Promises held to what came, on films made up."""

import numpy as np
import pandas as pd
import pytest
from promising_sieves import bounds, make_sieve

from radsieve import files
from radsieve.plots.prospective import arm_sheet, draw_promise
from radsieve.prefilter.promise import film_diversity, hold_to_promise, promise_metrics
from radsieve.prefilter.prospective import ArmRecord
from radsieve.prefilter_tables import CHECKED_DIVERSITY, CHECKED_PROMISE, Arm
from radsieve.resampling import wilson
from radsieve.screening_tables import SCORES


def make_arm(name, good, bad, drawn=0, accepted=None, probability=0.5, group="a"):
    """So many good films and then bad ones; `accepted` says of how many good and bad ones the latents are."""
    arm = ArmRecord(name, 1, drawn or good + bad)
    valid = np.repeat([1, 0], [good, bad])
    kept = np.ones(good + bad, int) if accepted is None else np.zeros(good + bad, int)
    if accepted is not None:
        kept[: accepted[0]] = kept[good : good + accepted[1]] = 1
    table = {"film": [f"{name}/{group}/{n}" for n in range(good + bad)], "arm": name, "group": group}
    table |= {"probability": probability, "accepted": kept, "valid": valid} | dict.fromkeys(SCORES, valid - 0.5)
    arm._rows.append(pd.DataFrame(table))
    return arm


def hold(unsieved, sieved, sieve=None):
    arms = {Arm.UNSIEVED: unsieved, Arm.SIEVED: sieved}
    held = hold_to_promise(arms, (sieve or make_sieve()).card, 100, 1)
    return CHECKED_PROMISE.validate(held)


def of_all(held):
    return held[held["group"] == "all"].set_index("quantity")


def test_quantities_worked_out_by_hand():
    """25 of 100 good without, 45 of 90 with the sieve, which took 180 latents; 0.5 s a film, 0.025 s a latent."""
    held = of_all(hold(make_arm(Arm.UNSIEVED, 25, 75, accepted=(20, 30)), make_arm(Arm.SIEVED, 45, 45, drawn=180)))
    expected = {
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
        "mean_probability_unsieved": (0.5, 0.25, 100),
        "mean_probability_sieved": (0.5, 0.5, 90),
    }
    assert held.index.tolist() == list(expected)
    for quantity, (promised, came, films) in expected.items():
        row = held.loc[quantity]
        assert row[["promised", "came", "difference", "films"]].tolist() == pytest.approx(
            [promised, came, came - promised, films]
        )
    assert held.loc["precision_sieved", ["came_lower", "came_upper"]].tolist() == pytest.approx(wilson(45, 90, 0.95))
    low, high = wilson(45, 90, 0.95)
    assert held.loc["seconds_per_good_sieved", ["came_lower", "came_upper"]].tolist() == pytest.approx(
        [0.55 / high, 0.55 / low]
    )
    assert held.loc["saving", "promised_lower"] == pytest.approx(1.5 / 1.1)
    kept = held["kept"]
    assert kept.drop(["roc_auc", "mean_probability_unsieved"]).eq(1).all()
    assert kept[["roc_auc", "mean_probability_unsieved"]].eq(0).all()


def test_a_promise_is_broken_only_on_the_worse_side():
    unsieved = make_arm(Arm.UNSIEVED, 100, 300, accepted=(80, 120))
    better = of_all(hold(unsieved, make_arm(Arm.SIEVED, 320, 80, drawn=800)))
    assert better.loc[["precision_sieved", "precision_ratio", "saving", "seconds_per_good_sieved"], "kept"].eq(1).all()
    worse = of_all(hold(unsieved, make_arm(Arm.SIEVED, 110, 290, drawn=800)))
    assert worse.loc[["precision_sieved", "precision_ratio", "saving", "seconds_per_good_sieved"], "kept"].eq(0).all()
    assert of_all(hold(unsieved, make_arm(Arm.SIEVED, 200, 200, drawn=500))).loc["acceptance_rate", "kept"] == 0
    assert of_all(hold(unsieved, make_arm(Arm.SIEVED, 200, 200, drawn=1600))).loc["acceptance_rate", "kept"] == 0


def test_groups_are_held_to_the_promise_for_all():
    arms = {}
    for name, bad in ((Arm.UNSIEVED, 30), (Arm.SIEVED, 10)):
        arms[name] = make_arm(name, 10, bad, drawn=120)
        arms[name]._rows += make_arm(name, 1, 39, group="b", probability=0.3)._rows
    held = hold(arms[Arm.UNSIEVED], arms[Arm.SIEVED])
    found = held[held["group"] != "all"].set_index(["group", "quantity"])
    assert len(found) == 8
    assert found.loc[("a", "precision_sieved"), ["promised", "came", "kept", "films"]].tolist() == [0.5, 0.5, 1, 20]
    assert found.loc[("b", "precision_sieved"), ["promised", "came", "kept", "films"]].tolist() == [0.5, 0.025, 0, 40]
    assert found.loc[("b", "mean_probability_sieved"), "promised"] == pytest.approx(0.3)
    metrics = promise_metrics(held)
    assert metrics["groups_below_promise"] == ["b"]
    assert metrics["promises"] == 12
    assert metrics["promises_kept"] == of_all(held)["kept"].sum() < 12


@pytest.mark.parametrize(("good", "bad"), [(0, 30), (30, 0)])
def test_no_good_film_and_none_but_good_ones(good, bad, tmp_path):
    held = hold(make_arm(Arm.UNSIEVED, good, bad), make_arm(Arm.SIEVED, good, bad, drawn=60))
    found = of_all(held)
    assert found.loc["precision_sieved", "came"] == (good > 0)
    assert np.isnan(found.loc["roc_auc", "came"])
    assert np.isnan(found.loc["roc_auc", "kept"])
    assert np.isnan(found.loc["precision_ratio", "came"]) == (good == 0)
    assert np.isnan(found.loc["seconds_per_good_sieved", "came"]) == (good == 0)
    metrics = promise_metrics(held)
    assert metrics["quantities"]["roc_auc"]["came"] is None
    files.write_json(tmp_path / "metrics.json", metrics)
    files.write_figure(tmp_path / "promise.png", draw_promise(held))


def test_a_card_that_promises_nothing_breaks_nothing(tmp_path):
    nothing = bounds(None, None, None)
    sieve = make_sieve(**dict.fromkeys(make_sieve().card["promise"], nothing))
    held = hold(make_arm(Arm.UNSIEVED, 20, 20), make_arm(Arm.SIEVED, 30, 10), sieve)
    promises = held[~held["quantity"].str.startswith("mean_probability")]
    assert promises["kept"].isna().all()
    assert promises["came"].notna().all()
    files.write_figure(tmp_path / "promise.png", draw_promise(held))


def with_features(unsieved, sieved):
    arms = {}
    for name, points in ((Arm.UNSIEVED, unsieved), (Arm.SIEVED, sieved)):
        arms[name] = ArmRecord(name, 1)
        arms[name]._features["space"] = [points]
    return arms


def test_diversity_falls_if_sieved_films_are_all_alike_and_not_if_they_are_as_the_others():
    rng = np.random.default_rng(1)
    unsieved = rng.normal(size=(60, 30)) * np.r_[np.ones(15), np.full(15, 1000.0)]
    alike = unsieved[:40] * 0.1 + rng.normal(size=(40, 30)) * 0.01
    found = CHECKED_DIVERSITY.validate(film_diversity(with_features(unsieved, alike), 200, 0.95, 1))
    narrow = found.set_index("measure").loc["mean_distance"]
    assert narrow["value"] < narrow["lower"]
    assert narrow["p_value"] < 0.01
    assert (narrow["sieved"], narrow["unsieved"]) == (40, 60)
    same = film_diversity(with_features(unsieved, rng.permutation(unsieved) + 1e-9), 200, 0.95, 1)
    assert (same["p_value"] > 0.05).all()


def test_diversity_of_too_few_films():
    some, none = np.random.default_rng(0).normal(size=(30, 4)), np.empty((0, 4))
    assert CHECKED_DIVERSITY.validate(film_diversity(with_features(none, none), 100, 0.95, 1)).empty
    assert film_diversity(with_features(some, none), 100, 0.95, 1).empty
    assert film_diversity(with_features(none, some[:1]), 100, 0.95, 1).empty
    assert len(film_diversity(with_features(none, some), 100, 0.95, 1)) == 3
    assert film_diversity(with_features(some, some[:1]), 100, 0.95, 1)["value"].isna().all()


def test_a_sheet_frames_films_that_fail_and_says_what_they_fail():
    arm = make_arm(Arm.SIEVED, 1, 1)
    rows = arm.films.to_dict("records")
    shown = [(np.zeros((1, 8, 8), np.uint8), row) for row in rows]
    texts = [text.get_text() for text in arm_sheet(Arm.SIEVED, arm.films, shown).texts]
    assert texts[0] == "Films of sieved latents, as they came: 1 of 2 good"
    assert "1 of 2 good" in texts
    assert "expected good: 50%\npasses all five scores" in texts
    assert any(text.startswith("expected good: 50%\nfails shape, abnormal, maxheat") for text in texts)
