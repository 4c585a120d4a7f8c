"""The review page: one HTML file with the pictures of each case, answered by keyboard, that stores a table."""

import hashlib
import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from radsieve.curation.review.answers import ANSWERS, MAX_READER, MAX_REASON
from radsieve.curation.review.cases import Kind, allowed_answers
from radsieve.curation.review.pictures import Shown, pictures_that_fit, shown_picture
from radsieve.curation.settings import MakeReview
from radsieve.curation.tables import AnswerState
from radsieve.imaging.decode import Pixels
from radsieve.reporting import page

_TEMPLATE = page.Template("review.html", __package__)
_VERSION_DIGITS = 12


@dataclass(frozen=True)
class OnPage:
    """What the page shows: `cases` as it knows them, their `pictures` by digest, and the `queue` (REVIEW_QUEUE)."""

    cases: list[dict[str, Any]]
    pictures: dict[str, Shown]
    queue: pd.DataFrame

    @property
    def waiting(self) -> int:
        """The number of cases that are not on the page and not decided."""
        return int(((self.queue["on_page"] == 0) & (self.queue["state"] != AnswerState.DECIDED)).sum())

    def counts(self) -> dict[str, Any]:
        """Count the cases, those on the page by kind, and those that wait."""
        kinds = self.queue["kind"].value_counts()
        return {
            "cases": len(self.queue),
            "on_page": len(self.cases),
            "waiting": self.waiting,
            "kinds": {kind: int(kinds.get(kind, 0)) for kind in Kind},
        }


def page_of(queue: pd.DataFrame, grades: Sequence[str], options: MakeReview, load: Callable[[str], Pixels]) -> OnPage:
    """Choose what the page shows of the `queue` (of `review.decisions.open_cases`).

    That is the first cases that are not decided, as many as `options` allow. `load` returns the pixels of a picture by
    its digest.
    """
    rows = [row for row in queue.to_dict("records") if row["state"] != AnswerState.DECIDED][: options.cases]
    cases = [_known(row, grades, options.show_grades) for row in rows]
    fitting, pictures = pictures_that_fit(
        (case["pictures"] for case in cases), lambda name: shown_picture(load(name)), options.megabytes * 1e6
    )
    shown = {case["case"] for case in cases[:fitting]}
    return OnPage(cases[:fitting], pictures, queue.assign(on_page=queue["case"].isin(shown).astype(int)))


def _known(row: Mapping[Hashable, Any], grades: Sequence[str], show_grades: bool) -> dict[str, Any]:
    """What the page knows of a row of REVIEW_QUEUE.

    Neither paths, which name experts and grades, nor who gave which grade, unless `show_grades`.
    """
    pictures = [name for name in (row["picture"], row["other"]) if name]
    case = {
        "case": row["case"],
        "question": row["question"],
        "pictures": pictures,
        "answers": list(allowed_answers(row["question"], len(pictures), grades)),
        "mirrored": "mirrored" in row["transform"],
    }
    return case | ({"grades": row["grades"]} if show_grades else {})


def review_page(shown: OnPage) -> tuple[str, str]:
    """Return the page, and its version, which answers carry."""
    content = json.dumps(shown.cases, ensure_ascii=False)
    version = f"p{hashlib.sha256(content.encode()).hexdigest()[:_VERSION_DIGITS]}"
    context = {
        "title": "Review",
        "subtitle": "Cases that the rules cannot decide",
        "contents": (),
        "cases": content,
        "count": len(shown.cases),
        "waiting": shown.waiting,
        "pictures": shown.pictures,
        "version": version,
        "columns": json.dumps([*ANSWERS, "page"]),
        "max_reader": MAX_READER,
        "max_reason": MAX_REASON,
    }
    html = page.render(_TEMPLATE, context, ("base.css", "review.css"), ("review_images.js", "review.js"))
    return html, version
