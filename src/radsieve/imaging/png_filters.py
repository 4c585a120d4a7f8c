"""The inverse of PNG's filters, compiled (ISO/IEC 15948:2004, chapter 9). Importing this takes a second, the first time
of an installation two more.
"""

from collections.abc import Callable
from typing import Any, cast

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

_FILTERS = 5


def _one_channel(filtered: Bytes, channels: int, one: Bytes) -> bool:
    """Copy the type of filter and the first of `channels` of each row of `filtered` (H, 1 + W * channels) to `one` (H,
    1 + W); whether all channels are equal. Filters act on each channel alone: those of equal channels stay equal."""
    height, width = one.shape
    for y in range(height):
        one[y, 0] = filtered[y, 0]
        difference = np.uint8(0)
        for x in range(width - 1):
            value = filtered[y, 1 + channels * x]
            for channel in range(1, channels):
                difference |= filtered[y, 1 + channels * x + channel] ^ value
            one[y, 1 + x] = value
        if difference:
            return False
    return True


def _unfilter(filtered: Bytes, step: int, out: Bytes) -> bool:
    """Undo the filters of the rows `filtered` (H, 1 + N), of pixels of `step` bytes, into `out` (H, N); False if one is
    of an unknown type."""
    height, length = out.shape
    for y in range(height):
        kind = filtered[y, 0]
        if kind >= _FILTERS:
            return False
        if kind == 0 or (kind == 2 and y == 0):
            for x in range(length):
                out[y, x] = filtered[y, 1 + x]
        elif kind == 2:
            for x in range(length):
                out[y, x] = filtered[y, 1 + x] + out[y - 1, x]
        elif kind == 1 or (kind == 4 and y == 0):
            for x in range(length):
                out[y, x] = filtered[y, 1 + x] + (out[y, x - step] if x >= step else 0)
        elif kind == 3:
            for x in range(length):
                left = np.int32(out[y, x - step]) if x >= step else np.int32(0)
                up = np.int32(out[y - 1, x]) if y else np.int32(0)
                out[y, x] = filtered[y, 1 + x] + ((left + up) >> 1)
        else:
            for channel in range(step):
                left = np.int32(0)
                corner = np.int32(0)
                for x in range(channel, length, step):
                    up = np.int32(out[y - 1, x])
                    by_left, by_up = abs(up - corner), abs(left - corner)
                    by_corner = abs(up + left - 2 * corner)
                    other = up if by_up <= by_corner else corner
                    guess = left if by_left <= min(by_up, by_corner) else other
                    left = (np.int32(filtered[y, 1 + x]) + guess) & np.int32(255)
                    out[y, x] = left
                    corner = up
    return True


def _compiled(function: Callable[[Bytes, int, Bytes], bool]) -> Callable[[Bytes, int, Bytes], bool]:
    """The function as compiled for arrays of bytes, of which the first may be read-only."""
    rows = numba.types.Array(numba.uint8, 2, "C", readonly=True)
    signature = numba.boolean(rows, numba.int64, numba.uint8[:, ::1])
    try:
        found: Any = numba.njit(signature, nogil=True, cache=True)(function)
    except RuntimeError:  # no place to keep it
        found = numba.njit(signature, nogil=True)(function)
    return cast(Callable[[Bytes, int, Bytes], bool], found)


one_channel, unfilter = _compiled(_one_channel), _compiled(_unfilter)
