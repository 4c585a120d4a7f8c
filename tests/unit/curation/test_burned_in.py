"""What lines of text say of pictures: score, table, counts, and boxes for the figure."""

import numpy as np
import pandas as pd

from radsieve.curation.burned_in import boxes_of, text_lines, text_metrics, text_score
from radsieve.curation.tables import TEXT_LINES
from radsieve.imaging.audit.text_lines import Line

NAME = Line((0.8, 0.1, 0.9, 0.5), letters=11, in_a_row=4, confidence=0.95)
MARKER = Line((0.1, 0.8, 0.2, 0.9), letters=1, in_a_row=1, confidence=0.99)
BONE = Line((0.4, 0.4, 0.6, 0.6), letters=3, in_a_row=3, confidence=0.3)
EDGE = Line((0.5, 0.0, 0.6, 0.1), letters=0, in_a_row=0, confidence=0.97)
FOUND = [[NAME, MARKER, EDGE], [BONE], None]
PICTURES = pd.DataFrame(
    {
        "file_id": [f"{one * 64}:{one * 32}" for one in "abc"],
        "relative_path": ["a.png", "b.png", "c.png"],
        "width": [200, 100, 1],
        "height": [100, 100, 5000],
        "BurnedInAnnotation": ["no", "", ""],
    }
)


def test_the_score_is_that_of_the_surest_text():
    assert [text_score(lines) for lines in FOUND] == [0.95, 0.3, None]
    assert text_score([MARKER, EDGE]) == text_score([]) == 0


def test_lines_are_listed_by_place_with_their_kind():
    table = TEXT_LINES.validate(text_lines(PICTURES, FOUND))
    assert table["kind"].tolist() == ["marker", "text"]
    assert table["relative_path"].tolist() == ["a.png"] * 2 and table["burned_in"].tolist() == ["no"] * 2
    assert table[["left", "top", "width", "height"]].to_numpy().tolist() == [[160, 10, 20, 10], [20, 80, 80, 10]]
    assert TEXT_LINES.validate(text_lines(PICTURES, [None, [], None])).empty


def test_boxes_are_those_of_text_as_shares():
    boxes = boxes_of(text_lines(PICTURES, FOUND), PICTURES)
    assert list(boxes) == [PICTURES["file_id"][0]]
    np.testing.assert_allclose(boxes[PICTURES["file_id"][0]], [NAME.box])


def test_counts():
    scores = pd.Series([0.95, 0.3, np.nan])
    counted = {"searched": 2, "not_searched": 1, "with_text": 1, "with_text_though_the_header_says_no": 1}
    assert text_metrics(PICTURES, FOUND, scores, 0.8) == counted
    assert text_metrics(PICTURES, FOUND, scores, 0.99)["with_text_though_the_header_says_no"] == 0
    assert text_metrics(PICTURES, FOUND, scores, None)["with_text"] == 0
