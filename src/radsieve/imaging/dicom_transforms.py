"""Look-up tables and windows of DICOM (PS3.3, C.7.6.3.1.5 f. and C.11.1 f., 2025e): from values to other values.

They are applied here because pydicom 3.0.2 keeps the place in a table in the type of the table's values (300 is the
place 44 of a table of bytes) and takes the output of a window for one that ascends.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from radsieve.imaging.unreadable import UnreadableImageError

Window = int | Literal["stored", "range"]  # which of several, from 1; none; all that the picture has
STORED: Literal["stored"] = "stored"
RANGE: Literal["range"] = "range"
LINEAR, EXACT, SIGMOID = "LINEAR", "LINEAR_EXACT", "SIGMOID"
_DEPTHS = range(8, 17)


@dataclass(frozen=True)
class Table:
    """A look-up table: `entries` (n,) of `depth` bits for the values from `first` on."""

    entries: npt.NDArray[np.int64]
    first: int
    depth: int

    @property
    def highest(self) -> int:
        """The greatest value that an entry of this depth may have."""
        return int(2**self.depth - 1)

    def of(self, values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """The entries of `values`, of any shape; those before the table have its first, those after it its last."""
        whole = values if np.issubdtype(values.dtype, np.integer) else np.rint(values)
        places = np.clip(whole, self.first, self.first + len(self.entries) - 1).astype(np.int64) - self.first
        return np.asarray(self.entries.take(places))


def table(descriptor: Sequence[Any], data: Any, little_endian: bool, greatest: float) -> Table:
    """Return the table of a LUT Descriptor and LUT Data, bytes or whole numbers, for values up to `greatest`.

    Entries of 8 bits stand in bytes or, as some write them, in words. A first value beyond `greatest` is a negative one
    that was written or read as unsigned.

    Raises UnreadableImageError if the data does not hold the entries that the descriptor promises.
    """
    count, first, depth = (int(value) for value in descriptor)
    count = count % 2**16 or 2**16
    if depth not in _DEPTHS:
        raise UnreadableImageError("unsupported mode", f"DICOM with a table of {depth} bits")
    words = _words(data, little_endian)
    if len(words) < count and depth == 8:
        words = np.stack([words & 0xFF, words >> 8], axis=-1).ravel()
    if len(words) < count or words[:count].max() >= 2**depth:
        raise UnreadableImageError("broken image", f"a table that has not {count} entries of {depth} bits")
    return Table(words[:count], first - 2**16 if first > greatest and first >= 2**15 else first, depth)


def windowed(values: npt.NDArray[Any], center: float, width: float, function: str) -> npt.NDArray[np.float64]:
    """Return the share in [0, 1] of the output range that a window gives to `values`, of any shape: C.11.2.1.2 and
    C.11.2.1.3.

    Raises UnreadableImageError for another function than LINEAR, EXACT and SIGMOID, and for a width that it forbids.
    """
    if function not in {LINEAR, EXACT, SIGMOID}:
        raise UnreadableImageError("unsupported mode", "DICOM with a window of unknown function")
    least = 1 if function == LINEAR else 0
    if not (math.isfinite(center) and math.isfinite(width) and width >= least and width > 0):
        raise UnreadableImageError("broken image", f"a window {width:g} wide at {center:g}")
    exact = np.asarray(values, dtype=np.float64)
    if function == SIGMOID:
        return np.asarray((1 + np.tanh(2 * (exact - center) / width)) / 2)  # 1 / (1 + exp(-4 (x - c) / w)), safely
    if function == LINEAR:
        center, width = center - 0.5, width - 1
    if width == 0:
        return np.asarray(exact > center, dtype=np.float64)
    return np.asarray(np.clip((exact - center) / width + 0.5, 0, 1))


def _words(data: Any, little_endian: bool) -> npt.NDArray[np.int64]:
    if isinstance(data, bytes):
        return np.frombuffer(data[: len(data) // 2 * 2], "<u2" if little_endian else ">u2").astype(np.int64)
    return np.atleast_1d(np.asarray(data, dtype=np.int64)) & 0xFFFF
