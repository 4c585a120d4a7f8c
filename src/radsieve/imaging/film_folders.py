"""Any folder or bucket of image files, read as films of one form, one after another.

Training and use bring films to that form by the same function, `to_film`.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from radsieve.imaging.decode import MAX_PIXELS, Pixels, UnreadableFilmError, canonical, decode
from radsieve.storage.folder import FolderSource
from radsieve.storage.keys import UNSAFE_KEY, escaped, unsafe
from radsieve.storage.objects import Source, StoredObject
from radsieve.storage.parallel import ordered

Bytes = npt.NDArray[np.uint8]

_THREADS = 8  # at most: each holds a decoded film several times over
_FILTER = Image.Resampling.BILINEAR  # widened by the scale where it shrinks, so that nothing is skipped


@dataclass(frozen=True)
class FormedImage:
    """A film in the form that networks take: `pixels` (channels, p, p), and (height, width) of its file."""

    name: str
    pixels: Bytes
    original_size: tuple[int, int]


@dataclass(frozen=True)
class Rejected:
    """A file that is no film, and why; `name` and `detail` fit in one line, whatever the file is called."""

    name: str
    reason: str
    detail: str


def read_films(
    folder: Path, pixels: int, channels: int, max_pixels: int = MAX_PIXELS
) -> Iterator[FormedImage | Rejected]:
    """Yield every file below `folder` but hidden ones, sorted by path, as `read_source` does.

    Raises InputError if there is no such folder or a file of it may not be read.
    """
    return read_source(FolderSource(folder), pixels, channels, max_pixels)


def read_source(
    source: Source, pixels: int, channels: int, max_pixels: int = MAX_PIXELS
) -> Iterator[FormedImage | Rejected]:
    """Yield every object of `source`, sorted by key, as a film of `pixels` x `pixels` or as rejected.

    A few films are decoded ahead in threads, never more; none has more than `max_pixels` pixels in its file.
    """

    def read(stored: StoredObject) -> FormedImage | Rejected:
        if reason := fault(stored):
            return Rejected(escaped(stored.key), *reason)
        try:
            decoded = canonical(decode(source.read(stored).data, max_pixels))
        except UnreadableFilmError as error:
            return Rejected(stored.key, error.reason, escaped(error.detail))
        return FormedImage(stored.key, to_film(decoded, pixels, channels), decoded.shape[:2])

    return ordered(read, listing(source), threads())


def listing(source: Source) -> list[StoredObject]:
    """Every object of `source` that is not a mark of a folder, sorted by key."""
    objects = (stored for stored in source.list() if stored.byte_size or not stored.key.endswith("/"))
    return sorted(objects, key=lambda stored: stored.key)


def fault(stored: StoredObject) -> tuple[str, str] | None:
    """Reason and detail why an object must not be read; None if it may."""
    if detail := unsafe(stored.key):
        return UNSAFE_KEY, detail
    return (stored.fault, "") if stored.fault else None


def threads() -> int:
    """In how many threads films are decoded: Pillow lets threads run side by side."""
    return min(len(os.sched_getaffinity(0)), _THREADS)


def to_film(film: Pixels, pixels: int, channels: int) -> Bytes:
    """Return `film`, (H, W) or (H, W, 3) as `canonical` gives it, as bytes (channels, pixels, pixels).

    Black is 0 and the full scale of the type 255. A film that is not square is squashed. `channels` is 1 (colours
    become grey, weighted by ITU-R BT.601) or 3 (grey becomes three equal channels).
    """
    if film.dtype == np.uint16:  # Pillow shrinks 16-bit films without antialiasing, 32-bit floats with it
        image = Image.fromarray(film.astype(np.float32) / np.float32(257)).resize((pixels, pixels), _FILTER)
        resized = np.rint(np.asarray(image)).astype(np.uint8)
    else:
        image = Image.fromarray(film)
        resized = np.asarray((image.convert("L") if channels == 1 else image).resize((pixels, pixels), _FILTER))
    if resized.ndim == 3:
        return np.ascontiguousarray(resized.transpose(2, 0, 1))
    return np.repeat(resized[None], channels, axis=0)


def formed(film: Bytes, pixels: int, channels: int) -> Bytes:
    """Return `film` (1 or 3, H, W) as (channels, pixels, pixels), by `to_film`; itself if it has that form."""
    if film.shape == (channels, pixels, pixels):
        return film
    pixels_last = film[0] if len(film) == 1 else np.ascontiguousarray(film.transpose(1, 2, 0))
    return to_film(pixels_last, pixels, channels)


def to_mask(mask: npt.NDArray[np.bool_], pixels: int) -> Bytes:
    """Return `mask` (H, W) as 0 and 1, (1, pixels, pixels): 1 where at least half of the pixel lies in the mask."""
    image = Image.fromarray(mask.astype(np.uint8) * np.uint8(255)).resize((pixels, pixels), _FILTER)
    return (np.asarray(image) >= 128).astype(np.uint8)[None]
