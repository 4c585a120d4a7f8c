"""The share of all texts that is recognised, put together from the rows of EVALUATED."""

import pandas as pd
import pytest

from radsieve.tasks.report.texts import _in_all


def evaluated(*rows):
    names = ["kind", "texts", "recognised", "recognised_lower", "recognised_upper"]
    return pd.DataFrame(rows, columns=names)


def test_the_interval_is_that_of_the_rows_and_no_narrower_for_texts_of_one_work():
    one = _in_all(evaluated(("unseen", 40, 0.75, 0.25, 1.0), ("sample", 9, 0.0, 0.0, 0.5)), "unseen")
    assert (one.value, one.lower, one.upper) == (0.75, 0.25, 1.0)


def test_rows_weigh_as_many_texts_as_they_have():
    found = _in_all(evaluated(("unseen", 30, 0.5, 0.25, 0.75), ("unseen", 10, 1.0, 0.5, 1.0)), "unseen")
    assert found.value == 0.625
    assert found.lower == pytest.approx(0.625 - (0.1875**2 + 0.125**2) ** 0.5)
    assert found.upper == pytest.approx(0.625 + 0.1875)
