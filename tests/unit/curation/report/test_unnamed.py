"""A misspelt grade or grader is a point to look at."""

import pandas as pd
from defaults import settings

from radsieve.curation.report import unnamed

SOURCE = settings("source").model_copy(update={"grades": ("0Normal", "1Mild"), "graders": ("Anna", "Bert")})
REASONS = pd.DataFrame({"reason": ["no image", "unknown grade", "unknown grade", "unknown grader"]})


def said(severity, expert, quarantine=REASONS.iloc[:1]):
    found = unnamed.points(pd.DataFrame({"severity": severity, "expert": expert}), quarantine, SOURCE)
    assert {section for section, _ in found} <= {"quarantine"}
    return [words for _, words in found]


def test_all_names_fit():
    assert said(["0Normal", "1Mild"], ["Anna", "Bert"]) == []
    assert said([], []) == []


def test_a_class_that_a_misspelt_grade_loses():
    found = said(["0Normal", "0Normal"], ["Anna", "Bert"], REASONS)
    assert len(found) == 3
    assert found[0].startswith("2 objects of 6") and "source.grades" in found[0]
    assert found[1].startswith("1 object of 6") and "source.graders" in found[1]
    assert "1Mild" in found[2] and "0Normal" not in found[2]


def test_a_grader_without_an_image():
    assert len(found := said(["0Normal", "1Mild"], ["Anna", "Anna"])) == 1
    assert "Bert" in found[0] and "Anna" not in found[0]


def test_of_many_names_some_are_counted():
    source = SOURCE.model_copy(update={"grades": tuple("abcdefgh")})
    raw = pd.DataFrame({"severity": ["a"], "expert": ["Anna"]})
    (words, _) = (words for _, words in unnamed.points(raw, REASONS.iloc[:1], source))
    assert "b, c, d, e, f and 2 more" in words
