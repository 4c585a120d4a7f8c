"""Conclusions by hand and against the truth of simulated tables, and how two of them are compared."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from radsieve.errors import InputError
from radsieve.stats.resampling import Estimate
from radsieve.tasks.cases import deaths
from radsieve.tasks.synthesis.frames import Frame, Space
from radsieve.tasks.synthesis.questions import agreement, answer, check, overlap
from radsieve.tasks.synthesis.settings import QuestionSettings


def question(kind, exposure, level, *adjust):
    return QuestionSettings(name="q", kind=kind, exposure=exposure, level=level, adjust=adjust)


def frame(**columns):
    packed = pd.DataFrame(columns)
    kinds = [(name, "number" if packed[name].dtype == float else "code") for name in packed if name != "_target"]
    return Frame.of(packed, pd.DataFrame(kinds, columns=["column", "kind"]), np.arange(len(packed)))


def asked(rows, *of):
    return answer(question(*of), rows, Space.of(rows).spread, 0.95)


BY_HAND = {"drug": ["yes"] * 100 + ["no"] * 100 + [""], "_target": [1] * 40 + [0] * 60 + [1] * 20 + [0] * 80 + [1]}


def test_estimates_by_hand():
    rows = frame(**BY_HAND)
    ratio = asked(rows, "odds_ratio", "drug", "yes")
    assert ratio.value == pytest.approx(40 * 80 / (60 * 20))
    assert ratio.lower == pytest.approx(ratio.value / np.exp(1.959964 * np.sqrt(1 / 40 + 1 / 60 + 1 / 20 + 1 / 80)))
    assert asked(rows, "difference", "drug", "yes").value == pytest.approx(0.2)
    assert asked(rows, "share", "drug", "yes").value == pytest.approx(0.4)


def test_odds_ratios_of_the_simulated_admissions_hold_the_truth_as_often_as_they_should():
    names = {"DIABETES": 0.5, "OBESITY": 0.2, "PNEUMONIA": 1.9, "TOBACCO": 0.0}
    hits = []
    for seed in range(20):
        table, truth = deaths.simulate(1500, seed)
        assert dict(truth)["coefficient of DIABETES"] == names["DIABETES"]
        packed = table[["AGE", "SEX", *names]].astype(str).replace({"97": "", "98": "", "99": ""})
        packed["AGE"] = table["AGE"].astype(float)
        rows = frame(**packed, _target=(table["DATE_DIED"] != deaths.ALIVE).astype(int))
        for name, log_ratio in names.items():
            found = asked(rows, "odds_ratio", name, "1", "AGE", "SEX", *(other for other in names if other != name))
            hits.append(found.lower <= np.exp(log_ratio) <= found.upper)
    assert 0.88 <= np.mean(hits) <= 0.99


def test_adjustment_takes_away_what_another_column_explains():
    random = np.random.default_rng(3)
    age = random.normal(size=4000)
    drug = np.where(random.random(4000) < expit(2 * age), "yes", "no")
    rows = frame(age=age, drug=drug, _target=(random.random(4000) < expit(age)).astype(int))
    crude, adjusted = asked(rows, "odds_ratio", "drug", "yes"), asked(rows, "odds_ratio", "drug", "yes", "age")
    assert crude.lower > 1.5 and adjusted.lower < 1 < adjusted.upper
    assert asked(rows, "odds_ratio", "age", None).value > 2


def test_the_overlap_that_was_published():
    """Azizi and others 2021: a hazard ratio of 1.56 (1.11 to 2.2), and 2.03 (1.44 to 2.87) of synthetic rows: 61%."""
    real, synthetic = Estimate(1.56, 1.11, 2.2), Estimate(2.03, 1.44, 2.87)
    assert overlap(real, synthetic) == pytest.approx(0.61, abs=0.005)
    assert overlap(real, real) == 1 and overlap(real, Estimate(9, 8, 10)) == 0
    told = agreement("odds_ratio", real, synthetic)
    assert (told.same_sign, told.same_verdict) == (1, 1)
    unsure = agreement("odds_ratio", real, Estimate(1.2, 0.9, 1.6))
    assert (unsure.same_sign, unsure.same_verdict) == (1, 0)
    none = agreement("odds_ratio", real, Estimate(np.nan))
    assert (none.overlap, none.same_sign, none.same_verdict) == (0, 0, 0)


@pytest.mark.parametrize(
    ("of", "message"),
    [
        (("odds_ratio", "dose", "yes"), "no column dose"),
        (("odds_ratio", "drug", "maybe"), "no row has drug = maybe"),
        (("odds_ratio", "drug", None), "drug needs a `level`"),
        (("odds_ratio", "drug", "yes", "age"), "no column age"),
    ],
)
def test_questions_that_the_table_cannot_answer(of, message):
    with pytest.raises(InputError, match=rf"x\.questions, q: .*{message}"):
        check([question(*of)], frame(**BY_HAND), "x")
    with pytest.raises(InputError, match="several are named q"):
        check([question("share", "drug", "yes")] * 2, frame(**BY_HAND), "x")
