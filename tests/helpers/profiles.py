"""Packed tables written by hand, and their profiles."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from defaults import settings

from radsieve.tasks.profiles.frame import Profiled, profiled


def packed(
    numbers: Mapping[str, Any] | None = None,
    codes: Mapping[str, Any] | None = None,
    lists: Mapping[str, Sequence[Sequence[str]]] | None = None,
    units: Sequence[object] | None = None,
    outcome: Sequence[int] | None = None,
    **changes: Any,
) -> Profiled:
    """A table of these columns, each row a unit of its own unless `units` says whose it is, and changed settings."""
    own = pd.DataFrame({name: np.asarray(values, dtype=float) for name, values in (numbers or {}).items()})
    for name, values in (codes or {}).items():
        own[name] = [str(value) for value in values]
    for name, items in (lists or {}).items():
        own[name] = [json.dumps(list(one)) if one else "" for one in items]
    kinds = [(name, "number") for name in numbers or {}] + [(name, "code") for name in codes or {}]
    kinds += [(name, "list") for name in lists or {}]
    named = [str(unit) for unit in (range(len(own)) if units is None else units)]
    rows = pd.DataFrame({"_row": range(2, len(own) + 2), "_unit": named, "_split": "train"})
    if outcome is not None:
        rows["_target"] = list(outcome)
    columns = pd.DataFrame(kinds, columns=["column", "kind"])
    of = {"target": None if outcome is None else "_target", "permutations": 200, "tested_rows": 5000} | changes
    return profiled(rows.join(own), columns, settings("profile_tables.survey", **of), "profile_tables.x")
