"""How far readers agree, by hand."""

import pandas as pd

from radsieve.curation.report.review import agreement
from radsieve.curation.tables import REVIEWED


def answers(*rows):
    """Rows of (case, question, answer, reader)."""
    found = [(*row, "", "decided", 2, f"{row[0]}.png", "") for row in rows]
    return pd.DataFrame(found, columns=list(REVIEWED.columns))


def test_agreement_of_two_readers_by_question():
    said = [(f"c{number}", "grade", "0" if number else "1", "Bo") for number in range(4)]
    said += [(f"c{number}", "grade", "0", "Ada") for number in range(4)]
    said += [("s", "same", "same", "Ada"), ("s", "same", "same", "Bo"), ("alone", "same", "same", "Bo")]
    found = agreement(answers(*said), 0.95)
    assert found[["reader", "other_reader", "question", "cases"]].to_numpy().tolist() == [
        ["Ada", "Bo", "grade", 4], ["Ada", "Bo", "same", 1], ["Ada", "Bo", "all", 5],
    ]  # fmt: skip
    assert [one.value for one in found["same_answer"]] == [0.75, 1.0, 0.8]
    assert found["same_answer"][0].lower < 0.4
    assert found["same_answer"][1].lower < 0.3, "one case says little"


def test_one_reader_alone_has_nobody_to_agree_with():
    assert agreement(answers(("c", "grade", "0", "Ada")), 0.95).empty
    assert agreement(answers(), 0.95).empty
    assert agreement(answers(("c", "grade", "0", "Ada"), ("d", "grade", "0", "Bo")), 0.95).empty
