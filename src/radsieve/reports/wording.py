"""Names of columns and rows as a reader takes them."""

from collections.abc import Sequence

import pandas as pd


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
