"""The table of latents: what every stage of the prefilter learns from, in memory and as Parquet.

A row is an image: its group, its five scores, `valid`, which is 1 if all scores are above 0, and the components of the
latent that it was generated from, z000, z001 and so on, as many as its generator takes. Files are read and written in
batches, so that no stage needs a copy of the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from radsieve.errors import InputError
from radsieve.generators.distributions import DISTRIBUTIONS, UNIFORM, LatentDistribution
from radsieve.screening.tables import LATENTS, SCORES, component_names

VALID = "valid"
TARGETS = (VALID, *SCORES)
FACTS = ("group", VALID, *SCORES)  # the columns before the components

_NAMED = 5  # rows and groups named in a message


@dataclass(frozen=True)
class LatentTable:
    """Rows of one or several groups.

    groups: their names; group: (n,) place of a row's group in `groups`; valid: (n,) 0 or 1;
    scores: (n, 5) in the order of SCORES; latents: (n, d).
    """

    groups: tuple[str, ...]
    group: npt.NDArray[np.int64]
    valid: npt.NDArray[np.int8]
    scores: npt.NDArray[np.float64]
    latents: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.valid)

    def of(self, group: str) -> "LatentTable":
        """Return the rows of one group. Raises InputError if there is no such group."""
        if group not in self.groups:
            raise InputError(f"there is no group {group!r} in the table of latents; there are {named(self.groups)}")
        rows = self.group == self.groups.index(group)
        zeros = np.zeros(int(rows.sum()), dtype=np.int64)
        return LatentTable((group,), zeros, self.valid[rows], self.scores[rows], self.latents[rows])

    def target(self, name: str) -> npt.NDArray[np.int8]:
        """Return what a model shall predict (n,): `valid`, or 1 where the score `name` is above 0, else 0."""
        if name == VALID:
            return self.valid
        return (self.scores[:, SCORES.index(name)] > 0).astype(np.int8)


def columns_of(components: int) -> tuple[str, ...]:
    """Return the columns of a table of latents with so many components."""
    return (*FACTS, *component_names(components))


def schema_of(components: int) -> pa.Schema:
    """Return the schema of a table of latents with so many components."""
    return pa.schema(
        [("group", pa.string()), (VALID, pa.int8())]
        + [(name, pa.float64()) for name in SCORES]
        + [(name, pa.float32()) for name in component_names(components)]
    )


def read(path: Path, groups: Sequence[str] | None = None, distribution: str = UNIFORM.name) -> LatentTable:
    """Read the table of latents at `path`: the rows of `groups`, or all; in memory they take 4 bytes a component.

    `distribution` is latents.distribution.

    Raises InputError naming the file and what is wrong: not such a table, a group without rows, values not allowed.
    """
    dataset = _open(path)
    components = len(dataset.schema.names) - len(FACTS)
    chosen = None if groups is None else ds.field("group").isin(list(groups))
    total = dataset.count_rows(filter=chosen)
    table = LatentTable(
        (),
        np.empty(total, dtype=np.int64),
        np.empty(total, dtype=np.int8),
        np.empty((total, len(SCORES))),
        np.empty((total, components), dtype=np.float32),
    )
    known: dict[str, int] = {}
    start = 0
    unit = "row" if groups is None else "row of these groups"
    for batch in dataset.to_batches(columns=dataset.schema.names, filter=chosen):
        check_rows(batch, str(path), start + 1, unit, DISTRIBUTIONS[distribution])
        stop = start + len(batch)
        table.group[start:stop] = _codes(batch, known)
        table.valid[start:stop] = batch.column(VALID)
        fill(batch, SCORES, table.scores[start:stop])
        fill(batch, component_names(components), table.latents[start:stop])
        start = stop
    if missing := [name for name in groups or () if name not in known]:
        raise InputError(f"{path}: no rows of {named(missing)} of latents.groups; run prepare_latents with them")
    if not known:
        raise InputError(f"{path}: no rows; run prepare_latents first")
    return LatentTable(tuple(known), table.group, table.valid, table.scores, table.latents)


def from_scored(scored: pd.DataFrame) -> LatentTable:
    """Return the rows of `scored`, SCORED_LATENTS of `radsieve.screening.tables`, in their order."""
    codes, groups = pd.factorize(scored["group"])
    return LatentTable(
        tuple(groups),
        codes.astype(np.int64),
        scored[VALID].to_numpy(np.int8),
        scored[list(SCORES)].to_numpy(np.float64),
        scored[list(LATENTS)].to_numpy(np.float32),
    )


def fill(batch: pa.RecordBatch, names: Sequence[str], into: npt.NDArray[np.floating]) -> None:
    """Write the columns `names` of `batch` into the array (rows, names)."""
    for place, name in enumerate(names):
        into[:, place] = batch.column(name)


def to_batch(table: LatentTable) -> pa.RecordBatch:
    """Return the rows of `table` as a batch of `schema_of` its components."""
    names = pa.DictionaryArray.from_arrays(pa.array(table.group), pa.array(table.groups)).cast(pa.string())
    columns = [names, pa.array(table.valid), *map(pa.array, table.scores.T), *map(pa.array, table.latents.T)]
    return pa.record_batch(columns, schema=schema_of(table.latents.shape[1]))


def check_rows(
    batch: pa.RecordBatch, source: str, first: int, unit: str = "row", distribution: LatentDistribution = UNIFORM
) -> None:
    """Check the rows of a batch with the columns of `columns_of` and latents of `distribution`.

    `first` is the number of the first row in `source`, and `unit` what is counted there: row or line.
    Raises InputError naming the rows with empty, infinite or impossible values, or a `valid` against the scores.
    """

    def refuse(wrong: npt.ArrayLike, what: str) -> None:
        if rows := [str(first + row) for row in np.flatnonzero(wrong)]:
            raise InputError(f"{source}: {unit} {named(rows)}: {what}")

    names_of_latents = [name for name in batch.schema.names if name not in FACTS]
    for name in batch.schema.names:
        if batch.column(name).null_count:
            refuse(np.asarray(batch.column(name).is_null()), f"{name} is empty; every row needs a value")
    scores = np.empty((len(batch), len(SCORES)))
    latents = np.empty((len(batch), len(names_of_latents)), dtype=np.float32)
    fill(batch, SCORES, scores)
    fill(batch, names_of_latents, latents)
    for names, values in ((SCORES, scores), (names_of_latents, latents)):
        finite = np.isfinite(values)
        if not finite.all():
            name = names[int(np.argmin(finite.all(axis=0)))]
            refuse(~finite.all(axis=1), f"{name} is not a finite number")
    refuse(~distribution.within(latents), _outside(distribution))
    valid = np.asarray(batch.column(VALID))
    refuse(~np.isin(valid, (0, 1)), "valid must be 0 or 1")
    passes = np.all(scores > 0, axis=1)
    refuse(np.not_equal(valid, passes), "valid contradicts the scores; it is 1 if all five are above 0")


def named(names: Sequence[str]) -> str:
    """Return `names` for a message: the first few, and how many there are."""
    return ", ".join(names[:_NAMED]) + (f", ... ({len(names)} in all)" if len(names) > _NAMED else "")


def _outside(distribution: LatentDistribution) -> str:
    if distribution is UNIFORM:
        return (
            "latents lie outside of [-1, 1], which latents.distribution = uniform says they do not; if they are "
            "standard normal, set it to normal"
        )
    return (
        f"latents lie outside of [{-distribution.limit:g}, {distribution.limit:g}], where standard normal ones lie "
        "(latents.distribution = normal); bring them to the scale on which the generator takes them"
    )


def _open(path: Path) -> ds.Dataset:
    if not path.is_file():
        raise InputError(f"{path}: not found; run prepare_latents first")
    try:
        dataset = ds.dataset(path, format="parquet")
    except pa.ArrowException as error:
        raise InputError(f"{path}: cannot be read as Parquet: {error}") from None
    if not dataset.schema.equals(schema_of(max(len(dataset.schema.names) - len(FACTS), 1))):
        raise InputError(f"{path}: not a table of latents; run prepare_latents first")
    return dataset


def _codes(batch: pa.RecordBatch, known: dict[str, int]) -> npt.NDArray[np.int64]:
    encoded = batch.column("group").dictionary_encode()
    codes = [known.setdefault(name, len(known)) for name in encoded.dictionary.to_pylist()]
    return np.take(np.array(codes, dtype=np.int64), np.asarray(encoded.indices))
