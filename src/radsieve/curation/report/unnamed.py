"""What fits no name of `source`, and names that fit nothing: a misspelt grade would lose its whole class unnoticed."""

from collections.abc import Sequence

import pandas as pd

from radsieve.curation.layouts import GRADE, GRADER
from radsieve.reporting.page import count_of, show
from radsieve.reporting.wording import listed
from radsieve.settings import SourceSettings

_MOST = 5  # names in a sentence


def points(raw: pd.DataFrame, quarantine: pd.DataFrame, source: SourceSettings) -> list[tuple[str, str]]:
    """What a reviewer should look at, of images (RAW_DATA) and QUARANTINE: the section of the page, and the point."""
    said = []
    for reason, known in ((GRADE, "source.grades"), (GRADER, "source.graders")):
        if strangers := int((quarantine["reason"] == reason).sum()):
            said.append(
                f"{count_of(strangers, 'object')} of {show(len(raw) + len(quarantine))} left out: "
                f"{reason}, none of {known}."
            )
    for column, what, names in (("severity", "grade", source.grades), ("expert", "grader", source.graders)):
        if absent := _absent(raw[column], names):
            more = [f"{len(absent) - _MOST} more"] if len(absent) > _MOST else []
            said.append(f"No image with the {what} {listed([*absent[:_MOST], *more])}, which source.{what}s names.")
    return [("quarantine", words) for words in said]


def _absent(given: pd.Series, names: Sequence[str]) -> list[str]:
    """The `names` that occur nowhere; none where nothing is given, as in a table of ratings without images."""
    present = set(given)
    return [name for name in names if name not in present] if present else []
