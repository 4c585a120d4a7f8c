"""Faults that one picture shows by itself, each as a score: higher is worse, and each has a unit of its own.

All work on grey values (H, W) in [0, 1] of full scale. Exposure and bit depth count for `blank` alone: everything else
is measured on the picture stretched to its own range. Fine detail (blur, noise) is measured on the central pixels as
they are, everything else on the picture made small.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

Gray = NDArray[np.float32]

_SIDE = 512  # longest side of the picture on which borders, boxes and seams are sought
_CENTRE = 640  # longest side of the central part whose detail is measured
_FIELD = 64  # side of the square on which the exposed field is sought
_FULL_RANGE = 0.5  # of full scale: pictures that use as much are not blank at all
_ENDS = (0.005, 0.995)  # quantiles that become 0 and 1
_REBLUR = 9  # pixels, as in the publication
_FLAT = 0.03  # of the range: how far the values of a border may differ, JPEG's ripples included
_DARK = 0.08  # of the range: what no beam met
_JUMP = 0.25  # of the range: a step as large as that is the edge of a field
_SEAM = 0.06  # of the range: least step at a seam
_STROKE = 5  # pixels: strokes of letters are narrower
_STEP = 0.25  # of the whole range: by which letters stand out
_BOX = (0.004, 0.5)  # share of the picture that a box takes, at least and at most
_TURNS = np.deg2rad([quarter + tilt for quarter in (0, 90, 180, 270) for tilt in range(-15, 16, 5)])


def picture_faults(gray: Gray) -> dict[str, float]:
    """Return the scores of the picture `gray` by fault.

    blank: 1 for one level only, 0 for a range of half of full scale or more, small detail left out.
    clipped: share of the pixels that have the picture's highest or lowest level, the dark surroundings left out.
    blurred: how little a further blur changes, 0 to 1 (Crete et al. 2007, doi 10.1117/12.702790).
    noisy: standard deviation of the noise, as share of the range (Immerkaer 1996, doi 10.1006/cviu.1996.0060).
    cut_off: share of the picture beyond straight edges behind which all is dark, weighted by how sharp they are.
    collage: share of a line across the picture along which grey values jump.
    border: share that rows and columns of one level take at the sides, by the jump behind them; corners count twice.
    caption: share of the picture that rectangles of one level and strokes of letters take.
    """
    reduced = _reduced(gray, _SIDE)
    low, high = (float(end) for end in np.quantile(reduced, _ENDS))
    shown = stretched(reduced, low, high)
    centre = _central(gray, _CENTRE) / np.float32(max(high - low, 1e-6))
    inner, share = _without_border(shown)
    return {
        "blank": 1 - min(1.0, float(np.ptp(np.quantile(_reduced(gray, _FIELD), (0.01, 0.99)))) / _FULL_RANGE),
        "clipped": _clipped(gray),
        "blurred": _blurred(centre),
        "noisy": _noisy(centre),
        "cut_off": _cut_off(shown),
        "collage": _collage(inner),
        "border": share,
        "caption": _boxes(inner) + _letters(stretched(reduced, float(reduced.min()), float(reduced.max()))),
    }


def stretched(gray: Gray, low: float, high: float) -> Gray:
    """Return `gray` with `low` as 0 and `high` as 1, what lies beyond cut."""
    return np.asarray(np.clip((gray - np.float32(low)) / np.float32(max(high - low, 1e-6)), 0, 1), dtype=np.float32)


def small(gray: Gray, side: int) -> Gray:
    """Return the picture squashed to `side` x `side` pixels by means of areas, stretched to its own range."""
    low, high = np.quantile(reduced := _resized(gray, (side, side)), (0.01, 0.99))
    return stretched(reduced, float(low), float(high))


def _resized(gray: Gray, size: tuple[int, int]) -> Gray:
    """The picture at `size` (width, height), each pixel the mean of what it covers."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(gray)).resize(size, Image.Resampling.BOX), dtype=np.float32)


def _reduced(gray: Gray, longest: int) -> Gray:
    height, width = gray.shape
    factor = longest / max(height, width)
    if factor >= 1:
        return gray
    return _resized(gray, (max(1, round(width * factor)), max(1, round(height * factor))))


def _central(gray: Gray, longest: int) -> Gray:
    top, left = (max(0, (side - longest) // 2) for side in gray.shape)
    return gray[top : top + longest, left : left + longest]


def _clipped(gray: Gray) -> float:
    step = max(1, max(gray.shape) // _SIDE)
    sampled = gray[::step, ::step]
    low, high = sampled.min(), sampled.max()
    if low == high:
        return 0.0
    level = (high - low) / 255 / 2
    bottom = sampled <= low + level
    areas, count = ndimage.label(bottom)
    edge = np.unique(np.concatenate([areas[0], areas[-1], areas[:, 0], areas[:, -1]]))
    inner = np.ones(count + 1, dtype=bool)
    inner[edge] = inner[0] = False
    return float((inner[areas] | (sampled >= high - level)).mean())


def _blurred(gray: Gray) -> float:
    """The greater of the two directions, so that movement counts, too."""
    found = []
    for axis in (0, 1):
        sharp = np.abs(np.diff(gray, axis=axis))
        again = np.abs(np.diff(ndimage.uniform_filter1d(gray, _REBLUR, axis=axis, mode="nearest"), axis=axis))
        total = float(sharp.sum(dtype=np.float64))
        lost = float(np.maximum(sharp - again, 0).sum(dtype=np.float64))
        found.append(1 - lost / total if total > 0 else 0.0)
    return max(found)


def _noisy(gray: Gray) -> float:
    if min(gray.shape) < 3:
        return 0.0
    rows = gray[2:] - 2 * gray[1:-1] + gray[:-2]
    both = rows[:, 2:] - 2 * rows[:, 1:-1] + rows[:, :-2]
    return float(np.sqrt(np.pi / 2) / 6 * np.abs(both).mean(dtype=np.float64))


def _without_border(shown: Gray) -> tuple[Gray, float]:
    """The picture without rows and columns of one level at its sides, and the share of it that they take.

    A side counts as far as the picture begins there with a jump.
    """
    rows, columns = _flat_ends(shown), _flat_ends(shown.T)
    if rows.stop - rows.start < 8 or columns.stop - columns.start < 8:  # nothing but border: blank
        return shown, 0.0
    inner = shown[rows, columns]
    share = sum(_bordering(turned, ends) for turned, ends in ((shown, rows), (shown.T, columns)))
    return inner, min(share, 1.0)


def _flat_ends(shown: Gray) -> slice:
    """The rows between those at both ends that all have the level of the first, or of the last, row."""
    low, high = np.quantile(shown, (0.03, 0.97), axis=1)
    inside = [np.flatnonzero((high > end + _FLAT) | (low < end - _FLAT)) for end in np.median(shown[[0, -1]], axis=1)]
    return slice(int(inside[0][0]), int(inside[1][-1]) + 1) if all(map(len, inside)) else slice(0, 0)


def _bordering(shown: Gray, inner: slice) -> float:
    """The share of the rows outside of `inner`, each end weighted by the jump to the first row inside."""
    ends = ((inner.start, inner.start - 1, inner.start), (len(shown) - inner.stop, inner.stop, inner.stop - 1))
    steps = [
        wide * min(1.0, float(np.median(np.abs(shown[inside] - shown[outside]))) / _JUMP)
        for wide, outside, inside in ends
        if wide
    ]
    return float(sum(steps) / len(shown))


@lru_cache(maxsize=1)
def _beyond() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each direction the place of every pixel along it, from the far end (T, P), and how many are as far (T, S)."""
    centres = np.arange(_FIELD) - (_FIELD - 1) / 2
    y, x = np.meshgrid(centres, centres, indexing="ij")
    along = np.outer(np.cos(_TURNS), x.ravel()) + np.outer(np.sin(_TURNS), y.ravel())
    place = np.floor(along.max(axis=1, keepdims=True) - along).astype(np.int64)
    counts = [np.bincount(row, minlength=2 * _FIELD) for row in place]
    return place, np.array(counts, dtype=np.float64)


def _cut_off(shown: Gray) -> float:
    field = np.asarray(_resized(shown, (_FIELD, _FIELD)), dtype=np.float64)
    place, counts = _beyond()
    best = 0.0
    for row, count in zip(place, counts, strict=True):
        grey = np.bincount(row, field.ravel(), 2 * _FIELD)
        bright = np.bincount(row, field.ravel() > _DARK, 2 * _FIELD)
        dark = np.cumsum(bright) <= 0.02 * np.cumsum(count)
        last = int(np.argmin(dark))  # the first line that is not dark
        if last < 2 or count[last : last + 3].sum() == 0:
            continue
        inside = grey[last : last + 3].sum() / count[last : last + 3].sum()
        outside = grey[:last].sum() / count[:last].sum()
        best = max(best, count[:last].sum() / field.size * min(1.0, (inside - outside) / _JUMP))
    return best


def _collage(shown: Gray) -> float:
    return max(_seam(shown), _seam(shown.T))


def _seam(shown: Gray) -> float:
    """The share of rows that jump at one column, of the column where most do; its ends are left out."""
    width = shown.shape[1]
    if width < 24:
        return 0.0
    jump = np.abs(shown[:, 2:] - shown[:, :-2])
    usual = ndimage.uniform_filter1d(jump, 13, axis=1, mode="nearest") * (13 / 8) - ndimage.uniform_filter1d(
        jump, 5, axis=1, mode="nearest"
    ) * (5 / 8)
    share = (jump > np.maximum(_SEAM, 3 * usual)).mean(axis=0)
    return float(share[width // 10 : -(width // 10)].max())


def _boxes(shown: Gray) -> float:
    """The share of rectangles of one level that are not the picture's dark or bright surroundings."""
    level = np.zeros(shown.shape, dtype=bool)
    level[:-1, :-1] = np.maximum(np.abs(np.diff(shown, axis=0))[:, :-1], np.abs(np.diff(shown, axis=1))[:-1]) <= 0.01
    areas, _ = ndimage.label(level)
    found = 0
    for number, place in enumerate(ndimage.find_objects(areas), start=1):
        height, width = (part.stop - part.start for part in place)
        if _BOX[0] * shown.size <= height * width <= _BOX[1] * shown.size and min(height, width) >= 4:
            box = areas[place] == number
            at_edge = any(
                part.start == 0 or part.stop >= side - 1 for part, side in zip(place, shown.shape, strict=True)
            )
            if box.mean() >= 0.9 and not (at_edge and shown[place].mean() < 0.5):
                found += int(box.sum())
    return found / shown.size


def _letters(shown: Gray) -> float:
    """The share of strokes that stand out from what lies around them."""
    raised = shown - ndimage.grey_opening(shown, (_STROKE, _STROKE))
    return float((raised > _STEP).mean())
