"""Films drawn before, by their names, so that a run goes on where another was stopped and draws only what is missing.

The cache is a folder of packs outside of the outputs of any stage. Each holds films that were drawn together, and
counts from the moment its last file, the seal, is there; deleting packs costs time only.
"""

import hashlib
import logging
import shutil
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from radsieve import files
from radsieve.errors import InputError
from radsieve.generators.generation import film_addresses
from radsieve.generators.interface import Generator, Latents, draw_latents
from radsieve.imaging.packs import Pack, read_pack, write_pack
from radsieve.screening_tables import LATENTS

Bytes = npt.NDArray[np.uint8]

_PROBE_FILMS, _PROBE_SEED = 2, 0
_OPEN = 64  # packs that are mapped at a time
_ROWS = 4096  # of Parquet that are read at once
_SEAL = "sha256"  # of the pack's films and names

log = logging.getLogger(__name__)


class DrawnFilms:
    """The films of one generator for one group: those in the cache, and the others as they are drawn.

    `drawn` counts the latter. Memory holds the names of the cached films and one batch of films.
    """

    def __init__(self, generator: Generator, group: str, identity: str, cache: Path) -> None:
        """Open the cache of a generator of this `identity` (see `generators.loading`), below the folder `cache`.

        That the films in it were drawn by the same code is the caller's business (see `radsieve.unfinished`). The
        folder is named by some films that are drawn as a probe, too: what another kind of processor draws of the same
        weights is not taken for the same film.
        """
        self.drawn = 0
        self._generator, self._group, self._identity = generator, group, identity
        self._form = (generator.channels, generator.pixels, generator.pixels)
        probe = generator.draw(draw_latents(_PROBE_FILMS, _PROBE_SEED, group), group)
        self._folder = cache / hashlib.sha256(identity.encode() + probe.tobytes()).hexdigest()
        self._place: dict[str, tuple[Path, int]] = {}
        for folder in sorted(self._folder.glob("*")):
            self._list(folder)
        self._open = lru_cache(_OPEN)(read_pack)

    def names(self, latents: Latents) -> list[str]:
        """The names of the films of `latents` (n, 128)."""
        return film_addresses(self._identity, latents)

    def films(self, latents: Latents, batch: int) -> Iterator[Bytes]:
        """Yield the film (channels, H, W) of each of `latents` (n, 128); those missing are drawn `batch` at a time."""
        names = self.names(latents)
        for start in range(0, len(names), batch):
            rows = range(start, min(start + batch, len(names)))
            wanted = [names[row] for row in rows]
            missing = {names[row]: row for row in rows if names[row] not in self._place}
            if missing:
                self._draw(list(missing), latents[list(missing.values())])
            for name in wanted:
                folder, place = self._place[name]
                yield self._open(folder).films[place]

    def _draw(self, names: Sequence[str], latents: Latents) -> None:
        folder = self._folder / hashlib.sha256("".join(names).encode()).hexdigest()
        write_pack(folder, names, self._generator.draw(latents, self._group), self._form)
        files.write_text(folder / _SEAL, _digest(folder))
        self._place |= {name: (folder, place) for place, name in enumerate(names)}
        self.drawn += len(names)

    def _list(self, folder: Path) -> None:
        if not (folder / _SEAL).is_file():  # the run was killed while it wrote this pack
            shutil.rmtree(folder)
            return
        try:
            pack: Pack = read_pack(folder)
            if (folder / _SEAL).read_text(encoding="utf-8") != _digest(folder):
                raise InputError(f"{folder}: its films are not what was written")
        except (InputError, UnicodeDecodeError) as error:
            log.warning("films drawn by an earlier run are damaged, and are drawn again: %s", error)
            shutil.rmtree(folder)
            return
        if pack.films.shape[1:] == self._form:
            self._place |= {name: (folder, place) for place, name in enumerate(pack.names)}


def _digest(folder: Path) -> str:
    return "".join(files.sha256(folder / name) for name in ("films.npy", "index.csv"))


def read_accepted(path: Path, most: int) -> Latents:
    """Return the latents (n, 128) of the first `most` rows of `path`, a Parquet file of sieve_latents, or all of fewer.

    Raises InputError if it is no such file, has no rows, or values outside of [-1, 1].
    """
    if not path.is_file():
        raise InputError(f"{path}: not found; it is to be a Parquet file of latents, such as sieve_latents writes")
    parts: list[Latents] = []
    rows = 0
    try:
        with pq.ParquetFile(path) as file:
            if missing := [name for name in LATENTS if name not in file.schema_arrow.names]:
                raise InputError(f"{path}: no column {missing[0]}; the latents are {LATENTS[0]} to {LATENTS[-1]}")
            for batch in file.iter_batches(_ROWS, columns=list(LATENTS)):
                found = np.stack([np.asarray(batch.column(name), np.float32) for name in LATENTS], axis=1)
                parts.append(found[: most - rows])
                rows += len(parts[-1])
                if rows == most:
                    break
    except (pa.ArrowException, ValueError) as error:
        raise InputError(f"{path}: cannot be read as latents: {error}") from None
    if not rows:
        raise InputError(f"{path}: no latents in it; the sieve accepted none")
    latents = np.concatenate(parts)
    inside = (np.abs(latents) <= 1).all(axis=1)
    if not inside.all():
        raise InputError(f"{path}: row {int(np.argmin(inside)) + 1} has values outside of [-1, 1], or not a number")
    return latents
