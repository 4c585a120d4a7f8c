"""What the names of groups mean: `18_24m` are men of 18 to 24 years."""

import re
from collections.abc import Iterable

from radsieve.params import Params

_AGE_AND_SEX = re.compile(r"(\d+)_(\d+)([mf])")
_SEX = {"m": "men", "f": "women"}
SCREENED = "phantoms"


def meaning(name: str) -> str:
    """What a group is, by its name; empty if the name says it by itself.

    >>> meaning("18_24m")
    'men of 18 to 24 years'
    """
    if found := _AGE_AND_SEX.fullmatch(name):
        low, high, sex = found.groups()
        return f"{_SEX[sex]} of {int(low)} to {int(high)} years"
    return "all images of the phantom decoder together, whatever age and sex" if name == SCREENED else ""


def meanings(params: Params) -> list[tuple[str, str]]:
    """The names of groups of this run that need a word, each with what it means."""
    names: Iterable[str] = dict.fromkeys([*params.latents.groups, *params.generator.groups, *params.generation.groups])
    return [(name, text) for name in names if (text := meaning(name))]
