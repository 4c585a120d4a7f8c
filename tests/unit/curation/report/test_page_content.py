"""Tables of the page on curation that no stage writes."""

import pandas as pd

from radsieve.curation.report.page_content import by_grader_and_grade


def test_grades_stand_in_the_order_of_the_scale():
    raw = pd.DataFrame({"expert": ["A", "A", "B"], "severity": ["normal", "severe", "mild"]})
    found = by_grader_and_grade(raw, ["normal", "mild", "moderate", "severe"])
    assert found.columns.tolist() == ["expert", "normal", "mild", "severe", "all"]
    assert found.to_numpy().tolist() == [["A", 1, 0, 1, 2], ["B", 0, 1, 0, 1], ["all", 1, 1, 1, 3]]
