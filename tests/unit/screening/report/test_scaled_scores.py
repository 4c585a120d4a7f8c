"""How many true images pass the scores that were scaled on them."""

import pandas as pd
import pytest

from radsieve.screening.plots.scores import plot_scores
from radsieve.screening.report.scores import _changes, _counted
from radsieve.screening.tables import SCORES
from radsieve.tables.images import Split


@pytest.mark.parametrize(("passed", "said"), [((26, 26), "26"), ((26, 27), "26 to 27"), ((999, 1000), "999 to 1,000")])
def test_equal_values_let_more_images_pass_one_score_than_another(passed, said):
    rows = [("score_shape", 28, 18, passed[0]), ("score_maxheat", 28, 18, passed[1]), ("valid", 28, 18, 21)]
    scaling = pd.DataFrame(rows, columns=["score", "images", "units", "passed"])
    scaling = scaling.assign(split=Split.VALIDATION.value, share=0.75, lower=0.5, upper=0.9)
    assert _counted(scaling, Split.VALIDATION)["passed"] == said


def test_a_change_of_a_score_has_no_more_decimals_than_scores():
    change = {"median_change": [-1.999992, 0.25], "change_lower": [-1.999994, 0.125], "change_upper": [-1.999982, 0.5]}
    scores = pd.DataFrame(
        {"alteration": "lung lost", "images": 10, "score": ["score_maxheat", "score_shape"], **change}
    )
    ((_, _, *cells),) = _changes(scores).rows
    assert [(cell.text, cell.interval) for cell in cells] == [("-2.000", "-2.000 to -2.000"), ("0.25", "0.12 to 0.50")]


def test_the_lowest_score_is_written_without_a_power_of_ten():
    images = pd.DataFrame({name: [-2690.4, *[0.5] * 99] for name in SCORES}).assign(valid=1)
    shape = plot_scores(images, images).axes[list(SCORES).index("score_shape")]
    assert any("down to \N{MINUS SIGN}2,690" in text.get_text() for text in shape.texts)
