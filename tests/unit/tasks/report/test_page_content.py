"""What the page on the tasks says of all its parts."""

from collections.abc import Callable
from typing import Any

import pytest
from defaults import content

from radsieve.params import Params
from radsieve.tasks.report.page_content import intervals


def with_confidence(change: Callable[[dict[str, Any]], None]) -> Params:
    found = content()
    change(found)
    return Params(**found)


def of_two(params: dict[str, Any]) -> None:
    params["classify_rows"]["diabetes"]["confidence"] = params["fuse_modalities"]["confidence"] = 0.9


def of_three(params: dict[str, Any]) -> None:
    of_two(params)
    params["classify_texts"]["confidence"] = 0.99


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda params: None, "Intervals are 95% intervals."),
        (
            of_two,
            "Intervals are 95% intervals; those of classify_rows.diabetes and fuse_modalities are 90% intervals.",
        ),
        (
            of_three,
            "Intervals are 95% intervals; those of classify_rows.diabetes and fuse_modalities are 90% intervals;"
            " those of classify_texts are 99% intervals.",
        ),
    ],
)
def test_each_coverage_is_said(change, said):
    assert intervals(with_confidence(change)) == said
