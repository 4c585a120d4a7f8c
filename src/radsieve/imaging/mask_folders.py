"""A folder of mask images, read one after another as foreground and background."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from radsieve.imaging.decode import MAX_PIXELS, UnreadableFilmError, canonical, decode
from radsieve.imaging.film_folders import Rejected, fault, listing, threads
from radsieve.storage.folder import FolderSource
from radsieve.storage.keys import escaped
from radsieve.storage.objects import StoredObject
from radsieve.storage.parallel import ordered

MASK_VALUES = "mask with other values"


@dataclass(frozen=True)
class Mask:
    """A mask (height, width) and its path below the folder."""

    name: str
    pixels: npt.NDArray[np.bool_]


def read_masks(folder: Path, max_pixels: int = MAX_PIXELS) -> Iterator[Mask | Rejected]:
    """Yield every file below `folder` but hidden ones, sorted by path, as a mask or as rejected.

    A mask is grey and has no values but 0 and 255. A few masks are decoded ahead in threads, never more.

    Raises InputError if there is no such folder.
    """
    source = FolderSource(folder)

    def read(stored: StoredObject) -> Mask | Rejected:
        if reason := fault(stored):
            return Rejected(escaped(stored.key), *reason)
        try:
            pixels = canonical(decode(source.read(stored).data, max_pixels))
        except UnreadableFilmError as error:
            return Rejected(stored.key, error.reason, escaped(error.detail))
        if pixels.ndim == 3:
            return Rejected(stored.key, MASK_VALUES, "coloured")
        if others := int(np.count_nonzero((pixels != 0) & (pixels != 255))):
            return Rejected(stored.key, MASK_VALUES, f"{others} of {pixels.size} pixels are neither 0 nor 255")
        return Mask(stored.key, pixels > 0)

    return ordered(read, listing(source), threads())
