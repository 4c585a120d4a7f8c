"""How many true images pass the scores that were scaled on them."""

import pandas as pd
import pytest

from radsieve.screening.report.scores import _counted
from radsieve.tables.images import Split


@pytest.mark.parametrize(("passed", "said"), [((26, 26), "26"), ((26, 27), "26 to 27"), ((999, 1000), "999 to 1,000")])
def test_equal_values_let_more_images_pass_one_score_than_another(passed, said):
    rows = [("score_shape", 28, 18, passed[0]), ("score_maxheat", 28, 18, passed[1]), ("valid", 28, 18, 21)]
    scaling = pd.DataFrame(rows, columns=["score", "images", "units", "passed"])
    scaling = scaling.assign(split=Split.VALIDATION.value, share=0.75, lower=0.5, upper=0.9)
    assert _counted(scaling, Split.VALIDATION)["passed"] == said
