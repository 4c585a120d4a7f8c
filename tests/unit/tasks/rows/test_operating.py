"""Thresholds that no evaluated row has chosen, and rows that repeat others."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from radsieve.stats.resampling import clustered_share
from radsieve.tasks.report.classified import _repeated
from radsieve.tasks.rows.folds import FoldedRows, inner_split, out_of_fold_of
from radsieve.tasks.rows.operating import at_thresholds, by_repetition, repeated
from radsieve.tasks.tables import OPERATING, SEEN_ROWS, Model


def rows(truth, fold, **features):
    units = [f"u{n:04d}" for n in range(len(truth))]
    return FoldedRows(pd.DataFrame({"_unit": units, "_target": truth, **features}), np.asarray(fold))


class Echo:
    """A model whose probability is the column itself."""

    def fit(self, features, truth):
        self.seen = len(truth)
        return self

    def transform(self, features):
        return features

    def predict_proba(self, features):
        return np.column_stack([1 - features[:, 0], features[:, 0]])


def test_counts_and_shares_by_hand():
    data = rows([1, 1, 0, 0, 1, 0], [0, 0, 0, 1, 1, 1])
    score = np.array([0.6, 0.4, 0.5, 0.5, 0.9, 0.1])
    scores = {Model.MAJORITY: np.full(6, 0.5), Model.LOGISTIC: score}
    found = at_thresholds(data, scores, dict.fromkeys(scores, np.array([0.55, 0.45])), 0.95)
    (row,) = OPERATING.validate(found).to_dict("records")
    assert (row["threshold_lowest"], row["threshold_highest"]) == (0.45, 0.55)
    names = ("true_positive", "false_negative", "true_negative", "false_positive")
    assert [row[name] for name in names] == [2, 1, 2, 1], "0.5 is below the threshold of its fold, or above"
    assert row["sensitivity"] == row["specificity"] == row["balanced_accuracy"] == pytest.approx(2 / 3)
    of_three = clustered_share(np.array([True, False, True]), np.arange(3), 0.95)
    assert (row["sensitivity_lower"], row["sensitivity_upper"]) == (of_three.lower, of_three.upper)
    assert row["sensitivity_lower"] < row["balanced_accuracy_lower"] < row["balanced_accuracy"]


def test_the_rows_of_a_fold_take_no_part_in_the_choice_of_its_threshold():
    """The column tells the outcome at another value in each fold: the threshold of a fold is that of the others."""
    random = np.random.default_rng(1)
    fold = np.repeat([0, 1], 400)
    x = random.random(800)
    truth = (x > np.where(fold == 0, 0.3, 0.7)).astype(int)
    found = out_of_fold_of(rows(truth, fold, x=x), Echo, ["x"], {"echo": Echo}, ["echo"], seed=1)
    assert found.thresholds["echo"] == pytest.approx([0.7, 0.3], abs=0.02)
    assert (found.scores["echo"] == x).all()
    assert not out_of_fold_of(rows(truth, fold, x=x), Echo, ["x"], {"echo": Echo}).thresholds


def test_too_few_rows_to_choose_by_give_the_share_of_positive_rows():
    truth = np.array([1, 1, 1, 0, 0, 0, 0, 0] * 2)
    found = out_of_fold_of(rows(truth, [0] * 8 + [1] * 8, x=truth / 2), Echo, ["x"], {"echo": Echo}, ["echo"])
    assert found.thresholds["echo"].tolist() == [3 / 8, 3 / 8]


@pytest.mark.parametrize("of_unit", [1, 3])
def test_what_chooses_is_a_quarter_and_keeps_units_whole(of_unit):
    truth = np.repeat(np.arange(120) % 2, of_unit)
    units = np.repeat(np.arange(120), of_unit)
    fitted, chooses = inner_split(truth, units, 1)
    assert sorted([*fitted, *chooses]) == list(range(len(truth)))
    assert not set(units[fitted]) & set(units[chooses])
    assert len(chooses) == len(truth) / 4 and truth[chooses].mean() == pytest.approx(0.5, abs=0.05)


def test_a_row_repeats_one_of_another_fold_and_not_one_of_its_own():
    data = rows([0] * 6, [0, 0, 0, 1, 1, 1], x=[1, 1, np.nan, 2, np.nan, 3], site=["a", "a", "", "a", "", "b"])
    assert repeated(data, ["x", "site"]).tolist() == [False, False, True, False, True, False]
    assert repeated(data, ["site"]).tolist() == [True] * 5 + [False]


def test_areas_of_new_and_of_repeated_rows():
    """Half of the rows occur in both folds; on them the score is right, on the others it is random."""
    random = np.random.default_rng(2)
    count = 400
    fold, truth = np.repeat([0, 1], count), np.tile(random.integers(0, 2, count), 2)
    x = np.tile(np.arange(count, dtype=float), 2)
    new = np.tile(np.arange(count) < count / 2, 2)
    x[new] += 1000.0 * (1 + fold[new])
    score = np.where(new, random.random(2 * count), truth)
    found = by_repetition(rows(truth, fold, x=x), ["x"], {Model.FOREST: score}, 0.95)
    table = SEEN_ROWS.validate(found).set_index("evaluated")
    assert table["rows"].tolist() == [800, 400, 400]
    assert table["positive"].tolist() == [truth.sum(), truth[new].sum(), truth[~new].sum()]
    assert table.loc["repeated", "roc_auc"] == 1
    own = [roc_auc_score(truth[new & (fold == one)], score[new & (fold == one)]) for one in (0, 1)]
    assert table.loc["new", "roc_auc"] == pytest.approx(np.mean(own))
    assert table.loc["new", "roc_auc_lower"] < 0.5 < table.loc["new", "roc_auc_upper"]
    none = by_repetition(rows(truth, fold, x=np.arange(800.0)), ["x"], {Model.FOREST: score}, 0.95)
    assert none.set_index("evaluated").loc["repeated", "rows"] == 0
    assert np.isnan(none.set_index("evaluated").loc["repeated", "roc_auc"])


def test_the_page_shows_rows_that_repeat_others_only_where_there_are_any_and_never_the_majority():
    truth, score = np.tile([0, 0, 1, 1], 30), np.linspace(0, 1, 120)
    fold = np.repeat([0, 1, 2], 40)
    scores = {Model.MAJORITY: np.full(120, 0.5), Model.EXTRA_TREES: score}
    some, none = (
        by_repetition(rows(truth, fold, x=x), ["x"], scores, 0.95) for x in (np.arange(120.0) % 100, np.arange(120.0))
    )
    shown = _repeated(some, "deaths", "repeated.csv")
    assert {row[0].text for row in shown.rows} == {"extra trees"}
    assert len(shown.rows) == 3
    assert _repeated(none, "deaths", "repeated.csv") is None
