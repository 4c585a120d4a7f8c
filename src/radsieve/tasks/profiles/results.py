"""Everything that a profile says of a table: tables, figures, metrics, and a summary."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from matplotlib.figure import Figure

from radsieve.stats import attributes
from radsieve.tasks.plots import profiles as plots
from radsieve.tasks.profiles.associations import associate
from radsieve.tasks.profiles.description import count_values, describe, find_duplicates, find_missing
from radsieve.tasks.profiles.frame import Integers, Profiled
from radsieve.tasks.profiles.mistakes import leaks
from radsieve.tasks.tables import (
    ASSOCIATIONS,
    ATTRIBUTE_LEAKS,
    DUPLICATES,
    LEAKS,
    MISSING,
    PROFILE_COLUMNS,
    VALUE_COUNTS,
)


@dataclass(frozen=True)
class Profile:
    """Tables by their schemas, figures by their names, metrics, and what was found in a few words."""

    tables: tuple[tuple[pa.DataFrameSchema, pd.DataFrame], ...]
    figures: dict[str, Figure]
    metrics: dict[str, Any]
    summary: str


def profile(data: Profiled) -> Profile:
    """Describe the table, test its associations, and repeat the mistakes of its settings."""
    tested = sample(data)
    columns, missing, duplicates = describe(data), find_missing(data, tested), find_duplicates(data)
    associations, telling = associate(data, tested), tell_target(data, tested)
    found = {
        "rows": len(data.rows),
        "units": data.unit_count,
        "rows_tested": len(tested),
        "permutations": data.settings.permutations,
        "missing": int(missing["missing"].sum()),
        "missing_that_tells": int(missing["tells"].sum()),
        "equal_rows": int(duplicates["repeated"].iloc[0]),
        "associations": len(associations),
        "associations_found": int((associations["p_value"] <= attributes.SIGNIFICANCE).sum()),
        "columns_that_tell": int(telling["leaks"].sum()),
    }
    return Profile(
        tables=(
            (PROFILE_COLUMNS, columns),
            (MISSING, missing),
            (DUPLICATES, duplicates),
            (VALUE_COUNTS, count_values(data)),
            (ASSOCIATIONS, associations),
            (ATTRIBUTE_LEAKS, telling),
            (LEAKS, leaks(data)),
        ),
        figures={
            "profile": plots.plot_profile(data),
            "missing": plots.plot_missing(missing),
            "associations": plots.plot_associations(associations),
        },
        metrics=found,
        summary=f"{found['rows']} rows of {found['units']} units; {found['equal_rows']} equal an earlier one;"
        f" {found['associations_found']} of {found['associations']} associations found",
    )


def sample(data: Profiled) -> Integers:
    """The rows, in their order, on which permutations are made: of too many, whole units drawn at random, of those that
    have no more rows than are tested."""
    most = data.settings.tested_rows
    if len(data.rows) <= most:
        return np.arange(len(data.rows))
    random = np.random.default_rng(data.settings.seed)
    rows_of = np.bincount(data.units)
    drawn = random.permutation(len(rows_of))
    drawn = drawn[rows_of[drawn] <= most]
    taken = drawn[np.cumsum(rows_of[drawn]) <= most]
    return np.flatnonzero(np.isin(data.units, taken))


def tell_target(data: Profiled, tested: Integers) -> pd.DataFrame:
    """ATTRIBUTE_LEAKS: how well each column alone tells the target, among rows whose target is known.

    Lists take no part. A value that is missing is a value.
    """
    target = data.settings.target
    if target is None:
        return pd.DataFrame(columns=list(ATTRIBUTE_LEAKS.columns)).astype({"leaks": bool})
    known = data.known[target]
    names = [name for name in data.of_kind("code", "number") if name != target]
    table = pd.DataFrame({name: data.values(name)[known] for name in names}).reset_index(drop=True)
    place = np.cumsum(known) - 1
    rows = place[tested[known[tested]]]
    settings = data.settings
    classes = data.values(target)[known].to_numpy()
    return attributes.score(
        table, classes, data.units[known], settings.permutations, settings.min_gain, settings.seed, rows
    ).rename(columns={"attribute": "column"})
