"""The stored sieve's acceptance, and what is expected of it: no row is judged by what it took part in choosing."""

from dataclasses import replace

import latents as made_up
import numpy as np
import pytest
from defaults import settings
from sklearn.metrics import roc_auc_score

from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.thresholds.nested_selection import NestedSettings
from radsieve.prefilter.thresholds.repeated_selection import _spread, mean_area, repeat_selection
from radsieve.prefilter.thresholds.threshold_rules import Choice
from radsieve.stats.binary_metrics import newcombe_area

SETTINGS = NestedSettings.of(
    settings("select_thresholds", repeats=2, repeat_folds=4, min_accepted=5), settings("latents", groups=["a"])
)
RULE = "argmax(2*tpr-fpr)"


def with_valid(table, valid):
    return LatentTable(table.groups, table.group, valid.astype(np.int8), table.scores, table.latents)


@pytest.fixture(scope="module")
def table():
    return made_up.latent_table(["a"], 500)


def test_counts_are_those_of_all_rows_and_near_the_share_that_was_chosen(table):
    found = repeat_selection(table, RULE, SETTINGS)
    counts = found.counts(table.valid)
    assert (counts.sum(axis=1) == 500).all()
    assert (counts[:, 2:].sum(axis=1) == table.valid.sum()).all()
    assert found.share == pytest.approx(found.shares.mean())
    assert counts[:, [1, 3]].sum(axis=1) / 500 == pytest.approx(found.share, abs=0.1)
    assert found.roc_auc[1] < found.roc_auc[0] < found.roc_auc[2]


def test_latents_that_say_nothing_save_nothing():
    """On noise the rule takes the best of many thresholds; rows that took part in that would show a saving."""
    ratios = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        noise = made_up.latent_table(["a"], 400)
        noise = with_valid(noise, rng.random(400) < 0.2)
        counts = repeat_selection(noise, "argmax(tpr-fpr)", replace(SETTINGS, repeats=1)).counts(noise.valid)[0]
        ratios.append(counts[3] / counts[[1, 3]].sum() / noise.valid.mean())
    assert np.mean(ratios) == pytest.approx(1, abs=0.1)


def test_shares_are_spread_by_the_standard_error_of_their_mean():
    thresholds = _spread([Choice(0.1), Choice(0.3), Choice(0.5), Choice(0.7)], 0.9)
    assert thresholds == pytest.approx([0.25, 0.35, 0.45, 0.55])
    assert _spread([Choice(0.0, "none"), Choice(0.3), Choice(0.5)], 0.9)[0] == pytest.approx(0.4)


def test_a_fold_without_a_choice_is_not_judged_as_if_the_sieve_accepted_everything():
    none = Choice(0.0, "none")
    assert (_spread([none, none, Choice(0.5)], 0.9) == 0.5).all()
    assert (_spread([none, none, none], 0.9) == 0.9).all()


def test_area_of_a_perfect_ranking_has_an_interval_with_width():
    valid = np.repeat([0, 1], [50, 20])
    value, lower, upper = mean_area(valid, np.stack([np.arange(70.0), np.arange(70.0)]), 0.95)
    assert (value, upper) == (1, 1)
    assert lower == pytest.approx(newcombe_area(1.0, 20, 50, 0.95)[0])
    assert 0.85 < lower < 0.99


def test_area_is_the_mean_with_delongs_interval():
    rng = np.random.default_rng(1)
    valid = np.repeat([0, 1], [60, 40])
    ranks = valid + rng.normal(0, 1.5, (3, 100))
    value, lower, upper = mean_area(valid, ranks, 0.95)
    assert value == pytest.approx(np.mean([roc_auc_score(valid, each) for each in ranks]))
    assert 0 < lower < value < upper < 1


def test_a_class_of_few_rows_gets_fewer_folds(table):
    valid = np.zeros(500)
    valid[:6] = 1
    assert repeat_selection(with_valid(table, valid), RULE, replace(SETTINGS, repeat_folds=50)).reason == ""


def test_a_rule_that_nothing_satisfies_accepts_everything(table):
    strict = replace(SETTINGS, limits=replace(SETTINGS.limits, min_precision=1.0, min_accepted=20))
    found = repeat_selection(table, "precision>=floor", strict)
    assert found.share == 1
    assert found.reason.startswith("no threshold that accepts 20 rows")
    assert (found.accepted == 1).all()


def test_a_sieve_that_accepts_everything_is_judged_so_though_the_rule_chooses_without_some_folds(table, monkeypatch):
    def choose(table, ranks, rows, rule, settings):
        return [Choice(0.5) if not rows.all() else Choice(0.0, "none")] * len(ranks)

    monkeypatch.setattr("radsieve.prefilter.thresholds.repeated_selection._choices", choose)
    found = repeat_selection(table, RULE, SETTINGS)
    assert (found.share, found.reason) == (1, "none")
    assert found.counts(table.valid).tolist() == [[0, (table.valid == 0).sum(), 0, table.valid.sum()]] * 2
