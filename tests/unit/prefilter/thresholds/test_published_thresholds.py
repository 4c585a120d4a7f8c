"""The published confusion matrices, evaluated by our code."""

from pathlib import Path

import pytest

from radsieve import tables
from radsieve.prefilter.thresholds.published_thresholds import published_savings, recompute
from radsieve.prefilter.thresholds.tables import PUBLISHED_THRESHOLDS, THRESHOLDS_18_24M

PUBLISHED = Path(__file__).parents[4] / "data/published/thresholds_18_24m.csv"


@pytest.fixture(scope="module")
def recomputed():
    return recompute(tables.read(THRESHOLDS_18_24M, PUBLISHED))


def test_every_published_figure_comes_out(recomputed):
    assert list(recomputed.columns) == list(PUBLISHED_THRESHOLDS.columns)
    assert len(recomputed) == 9 * 4 + 2
    assert recomputed["equal"].all()


def test_the_published_savings(recomputed):
    savings = recomputed[recomputed["measure"] == "saving"].set_index("rule")
    assert savings["published"].to_dict() == {"argmax(tpr-fpr)": 1.8, "argmax(2*tpr-fpr)": 1.4}
    assert savings["recomputed"].round(1).to_dict() == savings["published"].to_dict()
    assert savings["recomputed"].to_list() == pytest.approx([156 / 1263 / (207 / 2970), 191 / 1981 / (207 / 2970)])


def test_a_wrong_figure_is_seen():
    wrong = tables.read(THRESHOLDS_18_24M, PUBLISHED).assign(tpr=0.5)
    found = recompute(wrong)
    assert not found.loc[(found["measure"] == "tpr") & (found["rule"] == "argmax(tpr-fpr)"), "equal"].any()
    assert found.loc[found["measure"] == "fpr", "equal"].all()


def test_the_savings_that_the_study_tells():
    told = published_savings(tables.read(THRESHOLDS_18_24M, PUBLISHED))
    assert {rule: round(saving, 1) for rule, saving in told.items()} == {
        "argmax(tpr-fpr)": 1.8,
        "argmax(2*tpr-fpr)": 1.4,
    }
