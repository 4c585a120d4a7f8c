"""The selection of one group: its tables, and what becomes of groups that nothing can be learnt from."""

import latents as made_up
import numpy as np
import pytest
from defaults import changed, settings

from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.sieve.sieve_card import expectation, rows_digest
from radsieve.prefilter.thresholds.confusion_measures import CELLS
from radsieve.prefilter.thresholds.threshold_rules import RULES
from radsieve.prefilter.thresholds.threshold_selection import published_splits, select, selection_metrics

OPTIONS = settings(
    "select_thresholds", rule="argmax(tpr-fpr)", min_precision=0.3, min_tpr=0.9, min_coverage=0.5,
    generate_seconds=0.5, subsets=20, bootstrap=100,
)  # fmt: skip
LATENTS = settings("latents", groups=["a"])


@pytest.fixture(scope="module")
def table():
    return made_up.latent_table(["a"], 800)


@pytest.fixture(scope="module")
def selection(table):
    return select(table, OPTIONS, LATENTS)


def with_valid(table, valid):
    return LatentTable(table.groups, table.group, valid.astype(np.int8), table.scores, table.latents)


def test_parts_of_the_published_size():
    splits = published_splits(10_000, 100, 0.3, 1)
    assert {name: len(rows) for name, rows in splits.items()} == {"test": 100, "validation": 2970, "train": 6930}
    assert sorted(np.concatenate(list(splits.values())).tolist()) == list(range(10_000))
    assert {name: len(rows) for name, rows in published_splits(60, 100, 0.3, 1).items()} == {
        "test": 30,
        "validation": 9,
        "train": 21,
    }


def test_every_rule_is_evaluated_everywhere(selection, table):
    found = selection.tables
    assert found["rules"].groupby("rule")["split"].apply(list).to_dict() == {
        rule: ["validation", "test"] for rule in RULES
    }
    sizes = found["rules"].groupby("split")[list(CELLS)].sum().sum(axis=1) / len(RULES)
    assert sizes.to_dict() == {"test": 100, "validation": 210}
    assert (found["rules"].groupby("rule")["threshold"].nunique() == 1).all()
    assert found["nested"].groupby("rule")["fold"].apply(list).to_dict() == {
        rule: ["1", "2", "3", "pooled"] for rule in RULES
    }
    pooled = found["nested"][found["nested"]["fold"] == "pooled"]
    by_fold = found["nested"][found["nested"]["fold"] != "pooled"]
    assert (by_fold.groupby("rule", sort=False)[list(CELLS)].sum() == pooled.set_index("rule")[list(CELLS)]).all(
        axis=None
    )
    assert (pooled[list(CELLS)].sum(axis=1) == len(table)).all()
    assert found["decisions"]["rule"].tolist() == [*RULES, OPTIONS.rule]
    assert found["decisions"]["stored"].tolist() == [0] * len(RULES) + [1]
    assert found["decisions"]["estimate"].tolist() == ["nested folds"] * len(RULES) + ["card"]


def test_the_signal_is_found_and_the_tpr_floor_kept(selection):
    pooled = selection.tables["nested"].query("fold == 'pooled'").set_index("rule")
    assert pooled.loc["argmax(tpr-fpr)", "saving_lower"] > 1.5
    assert pooled.loc["tpr>=0.95", "tpr"] > 0.85
    decisions = selection.tables["decisions"].query("stored == 0").set_index("rule")
    for name in ("precision", "saving", "seconds_per_good"):
        assert decisions[name].to_dict() == pooled[name].to_dict()
    assert decisions["good_images_lost"].to_numpy() == pytest.approx(1 - pooled["tpr"].to_numpy())


def test_the_row_of_the_stored_sieve_has_the_figures_of_its_card(selection):
    stored = selection.tables["decisions"].query("stored == 1").iloc[0]
    card = selection.sieve.card
    assert stored["threshold"] == card["threshold"]
    for name, key in {"accepted_share": "acceptance_rate", "precision": "precision", "saving": "saving"}.items():
        for end, bound in {"": "value", "_lower": "lower", "_upper": "upper"}.items():
            assert stored[f"{name}{end}"] == card["expected"][key][bound]
    assert stored["good_images_lost"] == pytest.approx(1 - card["expected"]["tpr"]["value"])
    assert 0 < stored["coverage"] < stored["coverage_by_chance"] * 1.5


def test_curves_run_from_strict_to_lenient(selection):
    curves = selection.tables["curves"]
    assert curves["threshold"].is_monotonic_decreasing
    assert curves["accepted_share"].is_monotonic_increasing
    assert curves["accepted_share"].iloc[0] >= 20 / 800
    assert curves["tpr"].iloc[-1] == curves["accepted_share"].iloc[-1] == 1


def test_the_card_expects_what_its_own_sieve_does(selection, table):
    card = selection.sieve.card
    precision, acceptance = (card["expected"][name] for name in ("precision", "acceptance_rate"))
    assert precision["lower"] < precision["value"] < precision["upper"]
    fresh = np.random.default_rng(5).random((200_000, table.latents.shape[1]), dtype=np.float32) * 2 - 1
    assert selection.sieve.accept(fresh).mean() == pytest.approx(acceptance["value"], abs=0.007)
    assert 0 < acceptance["upper"] - acceptance["lower"] < 0.01
    assert card["data"] == {
        "sha256": rows_digest(table),
        "rows": 800,
        "good": int(table.valid.sum()),
        "valid_rate": table.valid.mean(),
    }
    assert card["reason"] is None
    assert 0.6 < card["expected"]["roc_auc"]["value"] < 1
    assert expectation(card).startswith(f"expected precision {precision['value']:.1%} (")


def test_the_digest_is_of_the_rows(table):
    changed = table.latents.copy()
    changed[5, 7] += 1e-3
    other = LatentTable(table.groups, table.group, table.valid, table.scores, changed)
    assert rows_digest(other) != rows_digest(table)
    assert rows_digest(with_valid(table, 1 - table.valid)) != rows_digest(table)


@pytest.mark.parametrize(
    ("good", "reason"),
    [
        (0, "no good images among 800 rows; 5 are needed"),
        (2, "2 good images among 800 rows; 5 are needed"),
        (800, "no bad images among 800 rows; 5 are needed"),
    ],
)
def test_a_group_that_nothing_can_be_learnt_from_gets_a_sieve_that_accepts_everything(table, good, reason):
    hopeless = with_valid(table, np.arange(800) < good)
    found = select(hopeless, OPTIONS, LATENTS)
    assert found.sieve.accept(table.latents).all()
    np.testing.assert_allclose(found.sieve.probability(table.latents), (good + 1) / 802)
    assert found.sieve.card["reason"] == reason
    assert expectation(found.sieve.card) == f"everything: {reason}"
    assert found.sieve.card["expected"]["roc_auc"] == {"value": None, "lower": None, "upper": None}
    assert {name: len(rows) for name, rows in found.tables.items() if not len(rows)} == {
        "rules": 0,
        "composite": 0,
        "curves": 0,
    }
    assert set(found.tables["decisions"]["reason"]) == {reason}
    assert (found.tables["decisions"]["accepted_share"] == 1).all()
    assert_nothing_is_sieved(found)
    metrics = selection_metrics({"a": found.sieve.card})
    assert metrics["without_sieve"] == {"a": reason}
    assert metrics["groups"]["a"]["roc_auc"] is None


def assert_nothing_is_sieved(found):
    """The card says what follows from that, and the share of good rows for a precision."""
    card = found.sieve.card
    expected, known = card["expected"], {"value": 1, "lower": None, "upper": None}
    assert expected["acceptance_rate"] == known
    assert expected["precision"] == expected["base_rate"]
    assert expected["precision"]["value"] == card["data"]["valid_rate"]
    assert expected["precision"]["lower"] < expected["precision"]["upper"]
    if card["data"]["good"]:
        assert expected["ratio"] == expected["tpr"] == known
        costs = card["seconds"]
        saving = costs["generate"] / (costs["generate"] + costs["predict"])
        assert expected["saving"] == {"value": pytest.approx(saving), "lower": None, "upper": None}
        assert found.tables["decisions"].query("stored == 1")["spread_kept"].item() == pytest.approx(1)


def test_a_rule_that_nothing_satisfies_says_so_in_the_table(table):
    found = select(table, changed(OPTIONS, rule="precision>=floor", min_precision=1.0), LATENTS)
    decisions = found.tables["decisions"].query("stored == 0").set_index("rule")
    assert_nothing_is_sieved(found)
    reason = "no threshold that accepts 20 rows has a precision of 1 (at most 0."
    assert found.sieve.card["reason"].startswith(reason)
    parts = decisions.loc["precision>=floor", "reason"].split("; ")
    assert [part.partition(": ")[0] for part in parts] == ["fold 1", "fold 2", "fold 3", "all rows"]
    assert all(part.partition(": ")[2].startswith(reason) for part in parts)
    assert decisions.loc["precision>=floor", "threshold"] == 0
    assert found.sieve.accept(table.latents).all()
    assert (decisions.loc[decisions.index != "precision>=floor", "reason"] == "").all()


@pytest.mark.slow
def test_a_constant_component_is_named_and_gets_no_weight(table):
    latents = table.latents.copy()
    latents[:, 9] = 0.25
    same = LatentTable(table.groups, table.group, table.valid, table.scores, latents)
    found = select(same, OPTIONS, LATENTS)
    assert found.sieve.card["parameters"]["constant_components"] == [9]
    moved = latents.copy()
    moved[:, 9] = -1
    np.testing.assert_array_equal(found.sieve.probability(moved), found.sieve.probability(latents))
