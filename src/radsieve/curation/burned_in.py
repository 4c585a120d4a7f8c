"""Text that is burned into pictures: where lines stand and how surely they are text, never what they say."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from radsieve.curation.tables import TEXT_LINES, LineKind
from radsieve.imaging.audit.text_lines import Line

_IN_A_ROW = 3  # letters and digits: anatomy is rarely read as so many, and a marker of the side has fewer
_LISTED = 0.7  # confidence: less is anatomy, as far as was seen (docs/audit.md)
_NO = "NO"  # BurnedInAnnotation

Lines = Sequence[Line] | None  # of a picture; None if it is too small or narrow to be searched


def text_score(lines: Lines) -> float | None:
    """Return the highest confidence, 0 to 1, of a line with three letters or digits in a row; 0 if there is none, None
    of a picture that was not searched.
    """
    if lines is None:
        return None
    return max((line.confidence for line in lines if line.in_a_row >= _IN_A_ROW), default=0.0)


def text_lines(pictures: pd.DataFrame, found: Sequence[Lines]) -> pd.DataFrame:
    """Return TEXT_LINES of `pictures` (rows of IMAGES with a relative_path), of which `found` holds the lines, in turn:
    the lines of each picture from top to bottom, those with a letter or digit and a confidence of 0.7 or more.
    """
    rows = []
    for picture, lines in zip(pictures.to_dict("records"), found, strict=True):
        listed = [line for line in lines or () if line.letters and line.confidence >= _LISTED]
        rows += [_row(picture, line) for line in sorted(listed, key=lambda line: line.box)]
    return pd.DataFrame(rows, columns=list(TEXT_LINES.columns))


def boxes_of(lines: pd.DataFrame, images: pd.DataFrame) -> dict[str, list[tuple[float, float, float, float]]]:
    """Return for each file_id of `lines` (TEXT_LINES) the boxes of its text, markers left out, as top, left, bottom and
    right in shares of the height and the width that `images` (IMAGES) says.
    """
    sizes = images.set_index("file_id")[["width", "height"]]
    found: dict[str, list[tuple[float, float, float, float]]] = {}
    for line in lines[lines["kind"] == LineKind.TEXT].to_dict("records"):
        width, height = sizes.loc[line["file_id"]]
        ends = line["top"] + line["height"], line["left"] + line["width"]
        box = (line["top"] / height, line["left"] / width, ends[0] / height, ends[1] / width)
        found.setdefault(line["file_id"], []).append(box)
    return found


def text_metrics(
    pictures: pd.DataFrame, found: Sequence[Lines], scores: "pd.Series[float]", threshold: float | None
) -> dict[str, Any]:
    """Return how many pictures were searched, and were not; in how many a line reaches `threshold`, and how many of
    these say in their header that nothing is burned in (BurnedInAnnotation NO).
    """
    reached = scores >= (math.inf if threshold is None else threshold)
    searched = sum(lines is not None for lines in found)
    said_no = pictures["BurnedInAnnotation"].str.upper() == _NO
    return {
        "searched": searched,
        "not_searched": len(found) - searched,
        "with_text": int(reached.sum()),
        "with_text_though_the_header_says_no": int((reached & said_no).sum()),
    }


def _row(picture: dict[Any, Any], line: Line) -> dict[str, Any]:
    top, left, bottom, right = line.box
    left, right = (round(side * picture["width"]) for side in (left, right))
    top, bottom = (round(side * picture["height"]) for side in (top, bottom))
    return {
        "file_id": picture["file_id"],
        "relative_path": picture["relative_path"],
        "kind": LineKind.TEXT if line.in_a_row >= _IN_A_ROW else LineKind.MARKER,
        "letters": line.letters,
        "confidence": line.confidence,
        "left": left,
        "top": top,
        "width": max(1, right - left),
        "height": max(1, bottom - top),
        "burned_in": picture["BurnedInAnnotation"],
    }
