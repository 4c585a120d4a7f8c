"""The two lungs of a mask, by the side of the image: their areas, and a few numbers that describe shape and place."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import ConvexHull

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_] | npt.NDArray[np.uint8]

_OF_A_LUNG = ("area", "height", "width", "distance_from_axis", "centre_row", "solidity")
DESCRIPTORS = (*(f"{side}_{name}" for side in ("left", "right") for name in _OF_A_LUNG), "parts")

# The minimum scale on which a descriptor is measured, in case hardly any true image differs in it.
SCALE_FLOORS = np.array([0.005] * (len(DESCRIPTORS) - 1) + [0.5])

_SPECK = 0.001  # parts below this share of the image belong to no lung
_ACROSS = 0.25  # a part with at least this share of its pixels on either side of the axis is cut there
_TOUCHING = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True)
class Lungs:
    """`areas` (n, 2) in pixels, the lung at image left (the patient's right) first; `shapes` (n, len(DESCRIPTORS))."""

    areas: Floats
    shapes: Floats


def measure_lungs(masks: Iterable[Mask], images: int) -> Lungs:
    """Measure the lungs in `images` masks (H, W), whose foreground is everything but 0, one after another."""
    areas, shapes = np.zeros((images, 2)), np.zeros((images, len(DESCRIPTORS)))
    for row, mask in enumerate(masks):
        left, right, parts = split_lungs(mask)
        areas[row] = np.count_nonzero(left), np.count_nonzero(right)
        shapes[row] = *_describe(left), *_describe(right), parts
    return Lungs(areas, shapes)


def area_ratios(areas: Floats, pixels: int) -> Floats:
    """Area of the larger lung divided by that of the smaller one (n,), at least 1; an empty lung counts as one pixel.

    For a mask without any lung the ratio is the greatest that images of so many `pixels` can have.
    """
    larger = np.where(areas.any(axis=1), areas.max(axis=1), pixels)
    return np.asarray(larger / np.maximum(areas.min(axis=1), 1))


def split_lungs(mask: Mask) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], int]:
    """Return the lung at image left, the one at image right, and the number of connected parts of the mask.

    A part belongs to the side of the image's central axis where most of its pixels are, so that a chest that stands
    a little off the centre keeps its lungs whole; a part with a quarter or more of its pixels on either side (lungs
    that touch) is cut at the axis. Parts smaller than a thousandth of the image are left out.
    """
    parts, count = ndimage.label(mask, _TOUCHING)
    width = mask.shape[1]
    on_left = np.bincount(parts[:, : width // 2].ravel(), minlength=count + 1)
    on_right = np.bincount(parts[:, width - width // 2 :].ravel(), minlength=count + 1)
    pixels = np.bincount(parts.ravel(), minlength=count + 1)
    keep = pixels >= _SPECK * mask.size
    keep[0] = False
    cut = keep & (np.minimum(on_left, on_right) >= _ACROSS * pixels)
    whole_left, whole_right = keep & ~cut & (on_left >= on_right), keep & ~cut & (on_left < on_right)
    left, right = whole_left[parts], whole_right[parts]
    left[:, : width // 2] |= cut[parts[:, : width // 2]]
    right[:, width - width // 2 :] |= cut[parts[:, width - width // 2 :]]
    return left, right, int(keep.sum())


def _describe(lung: npt.NDArray[np.bool_]) -> tuple[float, ...]:
    """Area, height, width and place as shares of the image; solidity is the area divided by that of the convex hull.

    All are 0 for an empty lung.
    """
    height, width = lung.shape
    by_row, by_column = lung.sum(axis=1), lung.sum(axis=0)
    area = int(by_row.sum())
    if not area:
        return (0.0,) * len(_OF_A_LUNG)
    rows, columns = np.flatnonzero(by_row), np.flatnonzero(by_column)
    centre_row = float(by_row @ (np.arange(height) + 0.5)) / area / height
    centre_column = float(by_column @ (np.arange(width) + 0.5)) / area / width
    first = lung[rows].argmax(axis=1)
    last = width - lung[rows, ::-1].argmax(axis=1)
    corners = np.concatenate([np.stack([rows + low, ends], axis=1) for low in (0, 1) for ends in (first, last)])
    return (
        area / lung.size,
        (rows[-1] + 1 - rows[0]) / height,
        (columns[-1] + 1 - columns[0]) / width,
        abs(centre_column - 0.5),
        centre_row,
        area / ConvexHull(corners).volume,  # of two dimensions the "volume" is the area
    )
