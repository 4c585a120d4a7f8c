"""Statistics of the scores, their correlations, and the shares that pass: by group, and by source of data."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from radsieve import tables
from radsieve.errors import InputError
from radsieve.prefilter.latents.latent_table import TARGETS, LatentTable
from radsieve.prefilter.tables import LATENT_GROUPS
from radsieve.screening.tables import SCORES
from radsieve.stats import resampling

ALL = "all"  # in place of a group: every row of the source


def read_sources(path: Path, table: LatentTable) -> dict[str, str]:
    """Return the source of each group of `table`, from the table LATENT_GROUPS at `path`.

    Raises InputError if a group is not listed there.
    """
    listed = tables.read(LATENT_GROUPS, path)
    found = dict(zip(listed["group"], listed["source"], strict=True))
    if missing := [group for group in table.groups if group not in found]:
        raise InputError(
            f"{path}: it lacks the group {missing[0]!r} of the table of latents; run prepare_latents again"
        )
    return found


def statistics(table: LatentTable, source: Mapping[str, str]) -> pd.DataFrame:
    """Count, mean, standard deviation, minimum, quartiles and maximum of `valid` and of each score.

    `source` names the source of each group. Columns source, group, statistic, TARGETS; `group` is ALL for a source of
    several groups as a whole, which is how the study prints them.
    """
    found = [
        rows.describe().rename_axis("statistic").reset_index().assign(source=name, group=group)
        for name, group, rows in _parts(table, source)
    ]
    return pd.concat(found, ignore_index=True)[["source", "group", "statistic", *TARGETS]]


def correlations(table: LatentTable, source: Mapping[str, str]) -> pd.DataFrame:
    """Pearson's correlation of `valid` and the scores, as a matrix for each part of `statistics`.

    Columns source, group, score, TARGETS; NaN where a score is constant.
    """
    found = [
        rows.corr().rename_axis("score").reset_index().assign(source=name, group=group)
        for name, group, rows in _parts(table, source)
    ]
    return pd.concat(found, ignore_index=True)[["source", "group", "score", *TARGETS]]


def pass_rates(table: LatentTable, source: Mapping[str, str], confidence: float) -> pd.DataFrame:
    """How many rows pass each score, and all of them (`valid`), for each part of `statistics`, with Wilson's interval.

    Columns source, group, score, rows, passed, share, lower, upper.
    """
    found = [
        (name, group, score, len(rows), passed, passed / len(rows), *resampling.wilson(passed, len(rows), confidence))
        for name, group, rows in _parts(table, source)
        for score in TARGETS
        for passed in (int((rows[score] > 0).sum()),)
    ]
    columns = ["source", "group", "score", "rows", "passed", "share", "lower", "upper"]
    return pd.DataFrame(found, columns=columns)


def _parts(table: LatentTable, source: Mapping[str, str]) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Source, group, and `valid` and the scores of its rows; several groups of one source as a whole come first."""
    every = pd.DataFrame(table.scores, columns=list(SCORES)).assign(valid=table.valid.astype(float))[list(TARGETS)]
    for name in dict.fromkeys(source[group] for group in table.groups):
        members = [place for place, group in enumerate(table.groups) if source[group] == name]
        if len(members) > 1:
            yield name, ALL, every[np.isin(table.group, members)]
        for place in members:
            yield name, table.groups[place], every[table.group == place]
