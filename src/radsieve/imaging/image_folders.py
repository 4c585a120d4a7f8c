"""Any folder or bucket of image files, read one after another: as images of one form, or as masks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from radsieve.imaging.cost import room
from radsieve.imaging.decode import MAX_PIXELS, MODES_16_BIT, Pixels, canonical, decode
from radsieve.imaging.rendering import FILTER, InputForm, uses_little
from radsieve.imaging.spacing import Spacing, spacing_in
from radsieve.imaging.unreadable import UnreadableImageError
from radsieve.parallel import ordered, usable_cores
from radsieve.progress import working
from radsieve.storage.folder import FolderSource
from radsieve.storage.keys import UNSAFE_KEY, escaped, unsafe
from radsieve.storage.objects import ARCHIVED, Allowance, Source, StoredObject, WithheldError
from radsieve.tables.images import IMAGE_QUARANTINE

Bytes = npt.NDArray[np.uint8]

_THREADS = 8  # at most: each holds a decoded image several times over


@dataclass(frozen=True)
class FormedImage:
    """An image in the form that networks take: `pixels` (channels, p, p); (height, width) of its file, and the spacing
    of the pixels there, if known; whether it was of 16 bits and used little of them (`uses_little`)."""

    name: str
    pixels: Bytes
    original_size: tuple[int, int]
    spacing: Spacing | None = None
    little_used: bool = False


@dataclass(frozen=True)
class Rejected:
    """A file that is not an image, and why; `name` and `detail` fit on one line, whatever the file is called."""

    name: str
    reason: str
    detail: str


def quarantine_table(rejected: Iterable[Rejected]) -> pd.DataFrame:
    """Return IMAGE_QUARANTINE of what was rejected, in the same order."""
    rows = [(one.name, one.reason, one.detail) for one in rejected]
    return pd.DataFrame(rows, columns=list(IMAGE_QUARANTINE.columns))


def read_images(folder: Path, form: InputForm, max_pixels: int = MAX_PIXELS) -> Iterator[FormedImage | Rejected]:
    """Yield every file below `folder` except hidden ones, sorted by path, as `read_source` does.

    Raises InputError if there is no such folder or a file of it may not be read.
    """
    return read_source(FolderSource(folder), form, max_pixels)


def read_source(
    source: Source, form: InputForm, max_pixels: int = MAX_PIXELS, allowance: Allowance | None = None
) -> Iterator[FormedImage | Rejected]:
    """Yield every object of `source`, sorted by key, as an image in `form` or as rejected.

    A few images are decoded ahead in threads, never more; none has more than `max_pixels` pixels in its file. Raises
    InputError for more withheld objects than `allowance` has, if that is given.
    """

    def read(stored: StoredObject) -> FormedImage | Rejected:
        if reason := fault(stored):
            return Rejected(escaped(stored.key), *reason)
        try:
            content = source.read(stored).data
            with room(content):
                decoded = form.rendering.decoded(content, max_pixels)
                little = uses_little(form.rendering.scaled(decoded))
                return FormedImage(stored.key, form.image(decoded), decoded.shape[:2], spacing_in(content), little)
        except UnreadableImageError as error:
            return Rejected(stored.key, error.reason, escaped(error.detail))
        except WithheldError as error:
            if allowance:
                allowance.withheld(stored.key, error)
            return Rejected(escaped(stored.key), error.fault, error.detail)

    objects = listing(source)
    if allowance:
        allowance.archived([stored.key for stored in objects if fault(stored) == (ARCHIVED, "")])
    return ordered(read, objects, threads())


@working("listing the images")
def listing(source: Source) -> list[StoredObject]:
    """Every object of `source` that is not a folder placeholder, sorted by key."""
    objects = (stored for stored in source.list() if stored.byte_size or not stored.key.endswith("/"))
    return sorted(objects, key=lambda stored: stored.key)


def fault(stored: StoredObject) -> tuple[str, str] | None:
    """Reason and detail why an object must not be read; None if it may be read."""
    if detail := unsafe(stored.key):
        return UNSAFE_KEY, detail
    return (stored.fault, "") if stored.fault else None


def threads() -> int:
    """In how many threads images are decoded: Pillow lets threads run side by side."""
    return min(usable_cores(), _THREADS)


def to_mask(mask: npt.NDArray[np.bool_], pixels: int) -> Bytes:
    """Return `mask` (H, W) as 0 and 1, (1, pixels, pixels): 1 where at least half of the pixel lies in the mask."""
    image = Image.fromarray(mask.astype(np.uint8) * np.uint8(255)).resize((pixels, pixels), FILTER)
    return (np.asarray(image) >= 128).astype(np.uint8)[None]


def as_mask(pixels: Pixels) -> npt.NDArray[np.bool_] | str:
    """Return the foreground of a mask as `canonical` gives it, or why it is none: grey, of 0 and 255 or of 0 and 1."""
    if pixels.ndim == 3:
        return "coloured"
    high = 1 if pixels.max() <= 1 else 255
    others = int(np.count_nonzero((pixels != 0) & (pixels != high)))
    return f"{others} of {pixels.size} pixels are neither 0 nor {high}" if others else np.asarray(pixels > 0)


def chosen_foreground(stored: Image.Image, pixels: Pixels, chosen: str) -> npt.NDArray[np.bool_] | str:
    """Return where a mask, `stored` as decoded and its canonical `pixels`, is what is `chosen` (see `foreground` of the
    settings of a set), or why that cannot be told."""
    deep = stored.mode in MODES_16_BIT and pixels.dtype == np.uint8  # of which `canonical` takes the 257th part
    grey = pixels * np.uint16(257) if deep else pixels
    if chosen.startswith(">"):
        return "coloured, and has no grey to compare" if pixels.ndim == 3 else np.asarray(grey > int(chosen[1:]))
    numbers = np.asarray(stored) if stored.mode == "P" else grey
    colours = [int(one[1:], 16) for one in chosen.split() if one.startswith("#")]
    values = [int(one) for one in chosen.split() if not one.startswith("#")]
    if numbers.ndim == 3 and values:
        return "coloured, without the numbers of a palette; name colours as #rrggbb"
    found = np.isin(numbers, values) if values else np.zeros(pixels.shape[:2], dtype=np.bool_)
    if stored.mode == "1":  # white is 1 or 255
        found |= np.isin(pixels // 255, values)
    if colours and pixels.ndim == 3:
        red, green, blue = (pixels[..., channel].astype(np.uint32) for channel in range(3))
        found |= np.isin(red << 16 | green << 8 | blue, colours)
    elif colours:
        full = 257 if pixels.dtype == np.uint16 else 1
        found |= np.isin(pixels, [full * (one & 255) for one in colours if one == (one & 255) * 0x10101])
    return np.asarray(found)


MASK_VALUES = "mask with other values"


@dataclass(frozen=True)
class Mask:
    """A mask (height, width) and its path below the folder."""

    name: str
    pixels: npt.NDArray[np.bool_]


def read_masks(folder: Path, max_pixels: int = MAX_PIXELS) -> Iterator[Mask | Rejected]:
    """Yield every file below `folder` except hidden ones, sorted by path, as a mask or as rejected.

    A mask is what `as_mask` takes. A few masks are decoded ahead in threads, never more.

    Raises InputError if there is no such folder.
    """
    source = FolderSource(folder)

    def read(stored: StoredObject) -> Mask | Rejected:
        if reason := fault(stored):
            return Rejected(escaped(stored.key), *reason)
        try:
            content = source.read(stored).data
            with room(content):
                pixels = canonical(decode(content, max_pixels))
        except UnreadableImageError as error:
            return Rejected(stored.key, error.reason, escaped(error.detail))
        mask = as_mask(pixels)
        return Rejected(stored.key, MASK_VALUES, mask) if isinstance(mask, str) else Mask(stored.key, mask)

    return ordered(read, listing(source), threads())
