"""The thumbnail of which perceptual hashes are made: Pillow's, to the last bit, in a third to two thirds of its time
where sides occur again, and in three quarters where none does and the products run in one thread.

Pillow shrinks along one axis and then along the other, with weights of 22 bits, and rounds to 8 bits each time (its
source, `Resample.c`; the filter: Duchon 1979, doi:10.1175/1520-0450(1979)018<1016:LFIOAT>2.0.CO;2, with three lobes).
The sums are of integers far below 2 ** 53, which matrix products of floating point find without any error, in whatever
order they add.
"""

import functools

import numpy as np
import numpy.typing as npt
from PIL import Image

SIDE = 32  # pixels
_LOBES = 3
_WEIGHT_BITS = 22
_HALVES = (slice(0, SIDE // 2), slice(SIDE // 2, SIDE))  # of the thumbnail: each is made of its half and a margin
_BLOCK = 1 << 18  # pixels that are held as floating point at a time
_SIDES = range(2 * SIDE, 4097)  # pixels; weights for longer ones would take much memory
_KEPT = 128  # sides of which the weights are kept, 0.7 MB at most each
_TALLEST = 1.5  # heights in widths; Pillow begins with the other axis where a picture is nearly twice as high as wide

_Part = tuple[slice, slice, npt.NDArray[np.float64]]


def thumbnail(levels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return grey `levels` (H, W) as (32, 32), shrunk as by `PIL.Image.resize` with its Lanczos filter."""
    height, width = levels.shape
    if height not in _SIDES or width not in _SIDES or height > _TALLEST * width:
        return np.asarray(Image.fromarray(levels).resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    narrow = np.empty((height, SIDE))
    count = max(1, _BLOCK // width)
    for start in range(0, height, count):
        rows = slice(start, start + count)
        narrow[rows] = _shrunk(levels[rows].astype(np.float64), width)
    return _shrunk(narrow.T, height).T.astype(np.uint8)


def _shrunk(rows: npt.NDArray[np.float64], side: int) -> npt.NDArray[np.float64]:
    """Levels (N, `side`) as (N, 32)."""
    found = np.empty((len(rows), SIDE))
    for half, columns, weights in _parts(side):
        np.matmul(rows[:, columns], weights, out=found[:, half])
    found += 1 << (_WEIGHT_BITS - 1)
    found *= 2.0**-_WEIGHT_BITS
    np.floor(found, out=found)
    return np.clip(found, 0, 255, out=found)


@functools.lru_cache(maxsize=_KEPT)
def _parts(side: int) -> tuple[_Part, ...]:
    """For each half of the thumbnail where it is, of which of `side` pixels it is made, and their weights."""
    weights = _weights(side)
    found = []
    for half in _HALVES:
        used = np.flatnonzero(weights[:, half].any(axis=1))
        columns = slice(int(used[0]), int(used[-1]) + 1)
        found.append((half, columns, np.ascontiguousarray(weights[columns, half])))
    return tuple(found)


def _weights(side: int) -> npt.NDArray[np.float64]:
    """Pillow's weights (`side`, 32) of each of `side` >= 32 pixels in each of the thumbnail, integers."""
    scale = side / SIDE
    centre = (np.arange(SIDE)[:, np.newaxis] + 0.5) * scale
    first = np.maximum((centre - _LOBES * scale + 0.5).astype(int), 0)
    end = np.minimum((centre + _LOBES * scale + 0.5).astype(int), side)
    place = first + np.arange((end - first).max())
    distance = (place - centre + 0.5) * (1 / scale)
    inside = (place < end) & (distance >= -_LOBES) & (distance < _LOBES)
    weights = np.where(inside, np.sinc(distance) * np.sinc(distance / _LOBES), 0)
    weights *= (1 << _WEIGHT_BITS) / weights.sum(axis=1, keepdims=True)
    found = np.zeros((side, SIDE))
    pixels, ones = np.nonzero(inside.T)
    found[place[ones, pixels], ones] = np.trunc(weights + np.copysign(0.5, weights))[ones, pixels]
    return found
