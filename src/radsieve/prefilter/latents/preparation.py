"""Bring the latents of several sources into one table, group after group, in bounded memory."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from radsieve import files
from radsieve.errors import InputError
from radsieve.generators.distributions import DISTRIBUTIONS, UNIFORM, LatentDistribution
from radsieve.prefilter.latents.latent_sources import components_of, read_batches
from radsieve.prefilter.latents.latent_table import VALID, named, schema_of, to_batch
from radsieve.prefilter.settings import PrepareLatents
from radsieve.prefilter.tables import LATENT_GROUPS, LatentSource
from radsieve.prefilter.twin import twin
from radsieve.prefilter.twin.check import Tally
from radsieve.progress import track
from radsieve.screening.tables import LATENTS, component_names
from radsieve.settings import LatentSettings, expand
from radsieve.stats import resampling

_ROW_GROUP = 100_000  # rows that are held in memory and written at once, 52 MB


@dataclass(frozen=True)
class Part:
    """The rows of one group, which come from one source, in batches of latent_table.schema_of its `components`."""

    group: str
    source: str
    batches: Iterable[pa.RecordBatch]
    components: int


def parts(
    scored: Path, options: PrepareLatents, latents: LatentSettings, tally: Tally, scratch: Path
) -> Iterator[Part]:
    """Yield the rows of the sources that `options` (section prepare_latents of params.yaml) names, one after the other.

    `scored` is the table that `screened` or `generated` reads: that of score_images, or that of score_samples, which
    keep their own groups. `latents` is the section of that name. See `twin_parts` and `file_parts` for the rest. Raises
    InputError for a source that cannot be read, for two that would read the same table, and for latents of the twin or
    of generators that are run here if `latents` says that they are not uniform.
    """
    groups, distribution = latents.groups, DISTRIBUTIONS[latents.distribution]
    if {LatentSource.SCREENED, LatentSource.GENERATED} <= set(options.sources):
        raise InputError(
            f"prepare_latents.sources: {LatentSource.SCREENED} and {LatentSource.GENERATED} both read "
            "prepare_latents.scored; keep the one whose images are in it"
        )
    own = [source for source in map(LatentSource, options.sources) if source != LatentSource.TABLE]
    if distribution is not UNIFORM and own:
        raise InputError(
            f"latents.distribution = {distribution.name}, but the latents of {named(own)} are uniform, those of the "
            "twin and of every generator that can be run here; take them out of prepare_latents.sources, or set "
            "latents.distribution to uniform"
        )
    for source in map(LatentSource, options.sources):
        if source == LatentSource.TWIN:
            yield from twin_parts(groups, options.twin_rows, options.seed, tally)
        elif source == LatentSource.SCREENED:
            yield from file_parts(scored, source, groups, distribution, options.screened_group, scratch)
        elif source == LatentSource.GENERATED:
            yield from file_parts(scored, source, groups, distribution, None, scratch)
        elif options.table is None:
            raise InputError("prepare_latents.table = none, but `table` is one of prepare_latents.sources; name a file")
        else:
            path = expand(options.table, "prepare_latents.table")
            yield from file_parts(path, source, groups, distribution, None, scratch)


def twin_parts(groups: Sequence[str], rows: int, seed: int, tally: Tally) -> Iterator[Part]:
    """Yield `rows` simulated rows of each of the `groups` that the twin has, and count them in `tally`.

    Raises InputError if it has none of them.
    """
    known = [group for group in groups if group in twin.GROUPS]
    if not known:
        raise InputError(
            f"latents.groups: the twin has none of {named(groups)}, only {', '.join(twin.GROUPS)}; "
            "add some, or take twin out of prepare_latents.sources"
        )

    def counted(group: str) -> Iterator[pa.RecordBatch]:
        for block in twin.sample(group, rows, seed):
            tally.add(block)
            yield to_batch(block)

    for group in known:
        blocks = track(counted(group), group, -(-rows // twin.BLOCK), "block")
        yield Part(group, LatentSource.TWIN, blocks, len(LATENTS))


def file_parts(
    path: Path,
    source: str,
    groups: Sequence[str],
    distribution: LatentDistribution,
    rename: str | None,
    scratch: Path,
) -> Iterator[Part]:
    """Yield the rows of the table at `path` by group, in order of first appearance.

    All rows belong to the group `rename` if it is given, else each to its own, which must be among `groups`. Rows of
    several groups may be mixed: they are sorted through files in the folder `scratch`. Raises InputError as
    `latent_sources.read_batches` does.
    """
    components = components_of(path)
    if rename is not None:
        batches = (_renamed(batch, rename) for batch in read_batches(path, None, distribution))
        yield Part(rename, source, batches, components)
        return
    written: dict[str, Path] = {}
    with ExitStack() as stack:
        writers: dict[str, pa.ipc.RecordBatchFileWriter] = {}
        for batch in read_batches(path, groups, distribution):
            encoded = batch.column("group").dictionary_encode()
            for code, group in enumerate(encoded.dictionary.to_pylist()):
                if group not in writers:
                    written[group] = scratch / f"{source}-{len(written)}.arrow"
                    writers[group] = stack.enter_context(pa.ipc.new_file(written[group], batch.schema))
                writers[group].write_batch(batch.filter(pa.compute.equal(encoded.indices, code)))
    for group, file in written.items():
        yield Part(group, source, _stored(file), components)


def write(parts: Iterable[Part], path: Path, groups: Sequence[str], confidence: float) -> pd.DataFrame:
    """Write the parts to `path` as Parquet and return LATENT_GROUPS; each row group of the file holds rows of one group
    only.

    Raises InputError if a group comes from two sources, is not among `groups`, or one of `groups` has no rows.
    Nothing is left at `path` then.
    """
    counts: dict[str, tuple[str, int, int, float]] = {}
    parts = iter(parts)
    first = next(parts, None)
    components = first.components if first else len(LATENTS)
    names = component_names(components)
    with (
        files.replacing(path) as temporary,
        pq.ParquetWriter(temporary, schema_of(components), use_dictionary=["group"]) as writer,
    ):
        for part in chain([first] if first else [], parts):
            _refuse(part, counts, groups)
            if part.components != components:
                raise InputError(
                    f"prepare_latents: group {part.group} ({part.source}) has latents of {part.components} components, "
                    f"{first.group if first else ''} of {components}; prepare them in runs of their own"
                )
            rows = valid = 0
            squares = 0.0
            for table in _row_groups(part.batches):
                writer.write_table(table)
                rows += len(table)
                valid += int(np.asarray(table.column(VALID)).sum())
                squares += sum(float(np.square(table.column(name), dtype=float).sum()) for name in names)
            counts[part.group] = (part.source, rows, valid, squares / (rows * components))
        if missing := [group for group in groups if group not in counts]:
            raise InputError(
                f"latents.groups: no source has rows of {named(missing)}; take the name out there, "
                "or add a source to prepare_latents.sources"
            )
    rows_of = [
        (group, source, rows, valid, valid / rows, *resampling.wilson(valid, rows, confidence), components, squares)
        for group, (source, rows, valid, squares) in counts.items()
    ]
    return pd.DataFrame(rows_of, columns=list(LATENT_GROUPS.columns))


def scratch_beside(path: Path) -> tempfile.TemporaryDirectory[str]:
    """Make a folder for intermediate files on the file system of `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=path.parent, prefix=".sorting")


def _refuse(part: Part, counts: Mapping[str, tuple[str, int, int, float]], groups: Sequence[str]) -> None:
    if part.group in counts:
        raise InputError(
            f"prepare_latents: the sources {counts[part.group][0]} and {part.source} both have group {part.group}; "
            "rename it in one of them or take one out"
        )
    if part.group not in groups:
        raise InputError(f"prepare_latents: group {part.group} ({part.source}) is not one of latents.groups; add it")


def _row_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Combine batches into tables of about _ROW_GROUP rows."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(map(len, held)) >= _ROW_GROUP:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _renamed(batch: pa.RecordBatch, group: str) -> pa.RecordBatch:
    place = batch.schema.get_field_index("group")
    return batch.set_column(place, batch.schema.field(place), pa.array([group] * len(batch)))


def _stored(file: Path) -> Iterator[pa.RecordBatch]:
    with pa.memory_map(str(file)) as source:
        reader = pa.ipc.open_file(source)
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)
