"""Five models, one per score, against one of `valid`."""

import latents as made_up
import numpy as np
import pytest

from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.thresholds.composite import compare_composite
from radsieve.prefilter.thresholds.confusion_measures import CELLS, Costs, EvaluationSettings
from radsieve.prefilter.thresholds.nested_selection import NestedSettings, nested_folds
from radsieve.prefilter.thresholds.threshold_rules import Limits
from radsieve.stats.folds import folds as folds_of

SETTINGS = NestedSettings(
    "LogReg.1", 3, 1, Limits(1, 0.1, 0.9, 0, 0.95), EvaluationSettings(Costs(1, 0), 200, 0.95, 1), 2, 3
)


def compared(table):
    folds = nested_folds(table.latents, table.valid, folds_of(table.valid, 3, 1), SETTINGS)
    return compare_composite(table, folds, SETTINGS).set_index("method")


@pytest.fixture(scope="module")
def table():
    return made_up.latent_table(["a"], 900)


@pytest.fixture(scope="module")
def found(table):
    return compared(table)


def test_all_rows_are_evaluated_by_each_method(table, found):
    assert found.index.tolist() == ["composite", "direct", "direct, equal tpr"]
    assert (found[list(CELLS)].sum(axis=1) == 900).all()
    assert (found["fn"] + found["tp"] == table.valid.sum()).all()


def test_the_direct_model_is_compared_at_the_same_tpr(found):
    assert found.loc["direct, equal tpr", "tp"] == found.loc["composite", "tp"]
    difference = found.loc["direct, equal tpr", "precision"] - found.loc["composite", "precision"]
    assert found.loc["direct, equal tpr", "precision_difference"] == pytest.approx(difference)
    assert np.isnan(found.loc["composite", "precision_difference"])


def test_both_methods_find_the_signal(found):
    assert (found["ratio_lower"] > 1).all()


def test_a_score_that_is_always_positive_lets_everything_pass(table):
    scores = table.scores.copy()
    scores[:, 2] = 0.5
    valid = (scores > 0).all(axis=1).astype(np.int8)
    found = compared(LatentTable(table.groups, table.group, valid, scores, table.latents))
    assert set(found["reason"]) == {"score_maxheat: no bad images among 900 rows; 5 are needed"}
    assert 0 < found.loc["composite", "tp"] <= valid.sum()


def test_only_valid_scores_leave_all_to_the_direct_model(table):
    """Every score passes but one, so that the composite is the model of that score, which is `valid` itself."""
    scores = np.full_like(table.scores, 0.5)
    scores[:, 0] = table.scores[:, 0]
    valid = (scores > 0).all(axis=1).astype(np.int8)
    found = compared(LatentTable(table.groups, table.group, valid, scores, table.latents))
    for cell in CELLS:
        assert found.loc["composite", cell] == found.loc["direct", cell]
