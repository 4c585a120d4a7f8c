"""A small table of latents with known structure, in memory and as the files of prepare_latents."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from radsieve import tables
from radsieve.generators.distributions import UNIFORM, LatentDistribution
from radsieve.prefilter.latents.latent_table import LatentTable, schema_of
from radsieve.prefilter.tables import LATENT_GROUPS
from radsieve.screening.tables import LATENTS, SCORES
from radsieve.stats import resampling


def latent_table(
    groups: Sequence[str],
    rows: int,
    seed: int = 0,
    components: int = len(LATENTS),
    distribution: LatentDistribution = UNIFORM,
) -> LatentTable:
    """`rows` latents of each group, uniform in [-1, 1]; every score is half component 0 and half noise, at most 1.

    Of another `distribution` the scores are larger.
    """
    generator = np.random.default_rng(seed)
    total = rows * len(groups)
    if distribution is UNIFORM:
        latents = generator.uniform(-1, 1, (total, components)).astype(np.float32)
    else:
        latents = distribution.draw(generator, total, components)
    noise = generator.uniform(-1, 1, (total, len(SCORES)))
    scores = latents[:, :1] / 2 + noise / 2
    valid = (scores > 0).all(axis=1).astype(np.int8)
    return LatentTable(tuple(groups), np.repeat(np.arange(len(groups)), rows), valid, scores, latents)


def write(table: LatentTable, folder: Path, source: str = "twin") -> None:
    """Write `table` as latents.parquet and its groups, all of `source`, as groups.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = [pa.array([table.groups[place] for place in table.group]), pa.array(table.valid)]
    columns += [pa.array(values) for values in (*table.scores.T, *table.latents.T)]
    pq.write_table(pa.Table.from_arrays(columns, schema=schema_of(table.latents.shape[1])), folder / "latents.parquet")
    rows = []
    for name in table.groups:
        group = table.of(name)
        good = int(group.valid.sum())
        shares = good / len(group), *resampling.wilson(good, len(group), 0.95)
        spread = group.latents.shape[1], float((group.latents**2).mean())
        rows.append((name, source, len(group), good, *shares, *spread))
    tables.write(LATENT_GROUPS, pd.DataFrame(rows, columns=list(LATENT_GROUPS.columns)), folder / "groups.csv")
