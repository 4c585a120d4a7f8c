"""Images generated before, by their names, so that a run goes on where another was stopped and generates only what is
missing.

The cache is a folder of packs outside of the outputs of any stage. Each holds images that were generated together, and
counts from the moment its last file, the index, is there; deleting packs costs time only.
"""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from radsieve.errors import InputError
from radsieve.generators.generation import image_addresses
from radsieve.generators.interface import Generator, Latents, sample_latents
from radsieve.imaging.packs import Pack, read_pack, write_pack
from radsieve.screening.tables import LATENTS

Bytes = npt.NDArray[np.uint8]

_PROBE_IMAGES, _PROBE_SEED = 2, 0
_OPEN = 64  # packs that are mapped at a time
_ROWS = 4096  # of Parquet that are read at once


class GeneratedImages:
    """The images of one generator for one group: those in the cache, and the others as they are generated.

    `generated` counts the latter. Memory holds the names of the cached images and one batch of images.
    """

    def __init__(self, generator: Generator, group: str, identity: str, cache: Path) -> None:
        """Open the cache of a generator of this `identity` (see `generators.loading`), below the folder `cache`.

        The folder is named by some images that are generated as a probe: what other code or another kind of processor
        generates of the same weights is never taken for the same image.
        """
        self.generated = 0
        self._generator, self._group, self._identity = generator, group, identity
        self._form = (generator.channels, generator.pixels, generator.pixels)
        probe = generator.generate(sample_latents(_PROBE_IMAGES, _PROBE_SEED, group), group)
        self._folder = cache / hashlib.sha256(identity.encode() + probe.tobytes()).hexdigest()
        self._place: dict[str, tuple[Path, int]] = {}
        for folder in sorted(self._folder.glob("*")):
            self._list(folder)
        self._open = lru_cache(_OPEN)(read_pack)

    def names(self, latents: Latents) -> list[str]:
        """The names of the images of `latents` (n, 128)."""
        return image_addresses(self._identity, latents)

    def images(self, latents: Latents, batch: int) -> Iterator[Bytes]:
        """Yield the image (channels, H, W) of each of `latents` (n, 128); those missing are generated `batch` at a
        time.
        """
        names = self.names(latents)
        for start in range(0, len(names), batch):
            rows = range(start, min(start + batch, len(names)))
            wanted = [names[row] for row in rows]
            missing = {names[row]: row for row in rows if names[row] not in self._place}
            if missing:
                self._generate(list(missing), latents[list(missing.values())])
            for name in wanted:
                folder, place = self._place[name]
                yield self._open(folder).images[place]

    def _generate(self, names: Sequence[str], latents: Latents) -> None:
        folder = self._folder / hashlib.sha256("".join(names).encode()).hexdigest()
        write_pack(folder, names, self._generator.generate(latents, self._group), self._form)
        self._place |= {name: (folder, place) for place, name in enumerate(names)}
        self.generated += len(names)

    def _list(self, folder: Path) -> None:
        try:
            pack: Pack = read_pack(folder)
        except InputError:  # not finished, or damaged: its images are generated again
            return
        if pack.images.shape[1:] == self._form:
            self._place |= {name: (folder, place) for place, name in enumerate(pack.names)}


def read_accepted(path: Path, maximum: int) -> Latents:
    """Return the latents (n, 128) of the first `maximum` rows of `path`, a Parquet file of sieve_latents, or all of
    fewer.

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
                parts.append(found[: maximum - rows])
                rows += len(parts[-1])
                if rows == maximum:
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
