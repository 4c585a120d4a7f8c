"""The subgroups that an image belongs to, such as the patient's sex and band of age, as one column of a table.

An image's entry is `attribute=value` for each attribute, joined by `; `: `age=40 to 59; sex=F`.
"""

import itertools
import re
from collections.abc import Sequence

import pandas as pd

NOT_STATED = "not stated"
AGE, GROUP = "age", "group"  # attributes that have a name of their own

_AGE = re.compile(r"\s*0*(\d{1,3}(?:\.\d+)?)\s*[yY]?\s*")  # also as DICOM writes it: 067Y


def joined(attributes: pd.DataFrame) -> pd.Series:
    """Return the entry of each row of `attributes` (text, a column for each attribute); an empty cell is not stated."""
    entries = pd.Series("", index=attributes.index, dtype=object)
    for name in sorted(attributes.columns):
        values = attributes[name].str.strip().str.replace(r"\s*;\s*", ", ", regex=True)
        entries += f"; {name}=" + values.where(values != "", NOT_STATED)
    return entries.str.removeprefix("; ")


def parted(entries: pd.Series) -> pd.DataFrame:
    """Return the values behind `entries` (text), a column for each attribute; what a row lacks is not stated."""
    rows = [dict(part.split("=", 1) for part in entry.split("; ") if part) for entry in entries]
    return pd.DataFrame(rows, index=entries.index, dtype=object).fillna(NOT_STATED)


def age_band(age: str, limits: Sequence[float]) -> str:
    """Return the band of an `age` in years, as text, between ascending `limits`; empty if it is not a number."""
    found = _AGE.fullmatch(age)
    if found is None:
        return ""
    bands = age_bands(limits)
    return bands[sum(float(found[1]) >= limit for limit in limits)]


def age_bands(limits: Sequence[float]) -> list[str]:
    """Return the names of the bands between ascending `limits` in years, the youngest first."""
    if not limits:
        return ["any"]
    between = [f"{low:g} to under {high:g}" for low, high in itertools.pairwise(limits)]
    return [f"under {limits[0]:g}", *between, f"{limits[-1]:g} and over"]
