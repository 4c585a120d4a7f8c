"""What the page says of rows that synthetic tables give away."""

import pandas as pd
import pytest

from radsieve.tasks.report.synthesized import _points


def test_a_small_share_beyond_chance_is_not_said_to_be_none():
    rows = [("trees", 10_000, 0.004, 0.0), ("again", 10_000, 0.0004, 0.0)]
    (said,) = _points(pd.DataFrame(rows, columns=["generator", "rows", "equal_train", "equal_unseen"]), "deaths", 0.95)
    assert "0.4% of the synthetic" in said and "but 0% an unseen" in said and "real rows 0.04%" in said


@pytest.mark.parametrize(("train", "unseen", "points"), [(0.28, 0.05, 1), (0.07, 0.06, 0), (0.03, 0.01, 0), (0, 0, 0)])
def test_rows_that_equal_training_rows_are_a_point_if_they_do_so_beyond_chance(train, unseen, points):
    rows = [("trees", 300, train, unseen), ("again", 300, 0.05, 0.04), ("copies", 300, 1.0, 0.04)]
    privacy = pd.DataFrame(rows, columns=["generator", "rows", "equal_train", "equal_unseen"])
    said = _points(privacy, "deaths", 0.95)
    assert len(said) == points
    assert all("28%" in one and "of other real rows 5%" in one for one in said)
