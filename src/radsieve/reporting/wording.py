"""Names of columns and rows, and numbers in a sentence, as a reader takes them."""

from collections.abc import Sequence

import pandas as pd

from radsieve.numbers import ShownEstimate
from radsieve.reporting.page import show


def brief(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with columns named without the `score_` that all scores begin with, so that they fit side by side."""
    return frame.rename(columns=lambda name: str(name).removeprefix("score_"))


def plain(names: pd.Series) -> pd.Series:
    """Names with spaces in place of underscores."""
    return names.str.replace("_", " ")


def listed(names: Sequence[str]) -> str:
    """Names in a row: `a`, `a and b`, `a, b and c`."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def in_words(estimate: ShownEstimate) -> str:
    """A value with its interval, as in `1.3 (1.2 to 1.4)`."""
    return f"{estimate.text}{f' ({estimate.interval})' if estimate.interval else ''}"


def span(values: pd.Series) -> str:
    """The lowest and the highest value in words."""
    low, high = float(values.min()), float(values.max())
    return show(low) if show(low) == show(high) else f"{show(low)} to {show(high)}"
