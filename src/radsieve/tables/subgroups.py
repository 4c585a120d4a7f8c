"""The subgroups that an image belongs to, such as the patient's sex and band of age, as one column of a table.

An image's entry is `attribute=value` for each attribute, joined by `; `: `age=40 to 59; sex=F`.
"""

import itertools
import re
from collections.abc import Sequence
from math import inf

import pandas as pd

NOT_STATED = "not stated"
AGE, GROUP = "age", "group"  # attributes that have a name of their own
LONGEST_LIFE = 130.0  # years: greater ages are codes or mistakes

_SEXES = {"f": "F", "female": "F", "m": "M", "male": "M", "o": "O", "other": "O"}
_OF_SEX = re.compile(r"(?:patient(?:'?s)?)?[\W_]*(?:sex|gender)", re.IGNORECASE)  # names of columns
_AGE = re.compile(r"\s*0*(\d{1,3}(?:[.,]\d+)?)\s*[yY]?\s*")  # also as DICOM writes it: 067Y


def joined(attributes: pd.DataFrame) -> pd.Series:
    """Return the entry of each row of `attributes` (text, a column for each attribute); an empty cell is not stated."""
    entries = pd.Series("", index=attributes.index, dtype=object)
    for name in sorted(attributes.columns):
        values = alike(name, attributes[name]).str.strip().str.replace(r"\s*;\s*", ", ", regex=True)
        entries += f"; {name}=" + values.where(values != "", NOT_STATED)
    return entries.str.removeprefix("; ")


def parted(entries: pd.Series) -> pd.DataFrame:
    """Return the values behind `entries` (text), a column for each attribute; what a row lacks is not stated."""
    rows = [dict(part.split("=", 1) for part in entry.split("; ") if part) for entry in entries]
    return pd.DataFrame(rows, index=entries.index, dtype=object).fillna(NOT_STATED)


def normal_sex(text: str) -> str:
    """Return F, M or O for a sex, however it is written; other texts as they are.

    >>> from radsieve.tables.subgroups import normal_sex
    >>> [normal_sex(text) for text in ("f", "Male", "unknown")]
    ['F', 'M', 'unknown']
    """
    return _SEXES.get(text.strip().lower(), text)


def alike(name: str, values: pd.Series) -> pd.Series:
    """Return the `values` (text) of the column `name`, those of a sex in their normal form."""
    return values.map(normal_sex) if _OF_SEX.fullmatch(name.strip()) else values


def age_band(age: str, limits: Sequence[float], greatest: float = inf) -> str:
    """Return the band of an `age`, as text, between ascending `limits`; empty if it is no number up to `greatest`."""
    found = _AGE.fullmatch(age)
    years = float(found[1].replace(",", ".")) if found else inf
    if found is None or years > greatest:
        return ""
    return age_bands(limits)[sum(years >= limit for limit in limits)]


def age_bands(limits: Sequence[float]) -> list[str]:
    """Return the names of the bands between ascending `limits` in years, the youngest first."""
    if not limits:
        return ["any"]
    between = [f"{low:g} to under {high:g}" for low, high in itertools.pairwise(limits)]
    return [f"under {limits[0]:g}", *between, f"{limits[-1]:g} and over"]
