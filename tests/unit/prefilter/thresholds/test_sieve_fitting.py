"""fit_sieve: the same sieve as that of the whole selection, card included."""

import latents as made_up
import numpy as np
import pytest
from defaults import changed, settings

from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.thresholds.sieve_fitting import fit_sieve
from radsieve.prefilter.thresholds.threshold_selection import select

OPTIONS = settings("select_thresholds", min_precision=0.3, min_tpr=0.9, min_coverage=0.5, subsets=20, bootstrap=100)
LATENTS = settings("latents", groups=["a"])


@pytest.fixture(scope="module")
def table():
    return made_up.latent_table(["a"], 300)


def assert_the_same(table, options):
    fitted, selected = fit_sieve(table, options, LATENTS), select(table, options, LATENTS).sieve
    assert fitted.card == selected.card
    assert np.array_equal(fitted.model.weights, selected.model.weights)
    assert fitted.model.intercept == selected.model.intercept
    return fitted


@pytest.mark.parametrize("rule", ["argmax(tpr-fpr)", "tpr>=floor with confidence"])
def test_the_sieve_is_that_of_the_whole_selection(table, rule):
    sieve = assert_the_same(table, changed(OPTIONS, rule=rule))
    assert sieve.card["rule"] == rule
    assert sieve.card["expected"]["roc_auc"]["value"] > 0.5


def test_a_group_that_nothing_can_be_learnt_from_too(table):
    hopeless = LatentTable(table.groups, table.group, np.zeros_like(table.valid), table.scores, table.latents)
    assert assert_the_same(hopeless, OPTIONS).card["reason"].startswith("no good images")
