import pandas as pd
import pytest

from radsieve.reporting import wording


@pytest.mark.parametrize(("names", "said"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_names_in_a_row(names, said):
    assert wording.listed(names) == said


def test_names_as_a_reader_takes_them():
    assert wording.plain(pd.Series(["mean_distance"])).tolist() == ["mean distance"]
    assert wording.brief(pd.DataFrame(columns=["group", "score_shape"])).columns.tolist() == ["group", "shape"]
