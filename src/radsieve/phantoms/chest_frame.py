"""The frame of reference of a chest radiograph, and the outlines of its lungs.

Coordinates run from -1 to 1 across the image: u to the right of the image (the patient's left), v downwards; s is the
distance of a side from the central axis. What is outlined is given by its depth: how far inside a pixel lies, in the
same unit, negative outside.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]  # float32 when rendering, which is twice as fast
Points = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]

SIDES = (-1, 1)  # image left (the patient's right), image right (the patient's left)

_REACH = 1.5  # curves are tabulated from minus to plus this
_STEP = 0.0005
_TABLE = np.arange(-_REACH, _REACH, _STEP)
_MARGIN = 0.12  # beyond the axis, in which a side's vessels and bones may reach to the other half
_MEDIAL = 0.105  # from the axis to the inner border of a lung
_CORNER = 0.165  # how far the outer corner of a lung (costophrenic angle) reaches below its dome, in its heights


@dataclass(frozen=True)
class Frame:
    """Coordinates (H, W) of the pixels of a part of the image, the columns `part`, in the frame of the patient.

    The patient stands `shift` to the right and leans by `tilt` radians on an image of `pixels`.
    """

    u: Array
    v: Array
    part: slice
    pixels: int
    shift: float
    tilt: float

    def pixel_of(self, u: Points, v: Points) -> tuple[Whole, Whole]:
        """Row and column, on the whole image, of points; they lie outside of the image where the points do."""
        cosine, sine = math.cos(self.tilt), math.sin(self.tilt)
        column = np.floor((self.shift + u * cosine - v * sine + 1) * (self.pixels / 2))
        row = np.floor((u * sine + v * cosine + 1) * (self.pixels / 2))
        return row.astype(np.intp), column.astype(np.intp)

    def along(self, curve: Callable[[Points], Points]) -> Array:
        """Evaluate a curve over v at every pixel, by way of a table."""
        return look_up(curve(_TABLE), self.v)


@dataclass(frozen=True)
class Lung:
    """A lung: its extent, and at every pixel the depth below its outline and the half width of the rib cage."""

    width: float
    top: float
    base: float  # of the dome of the diaphragm
    depth: Array
    below_dome: Array  # negative in the lung
    cage: Array


@dataclass(frozen=True)
class Side:
    """One side of a chest; `s` is the distance from the axis at every pixel of the frame."""

    sign: int
    frame: Frame
    s: Array
    lung: Lung


def look_up(table: npt.NDArray[np.floating], x: Array) -> Array:
    """Values at x, in [-1.5, 1.5], of a curve tabulated there."""
    index = ((np.clip(x, -1.4, 1.4) + _REACH) * (1 / _STEP)).astype(np.intp)
    return np.asarray(table.astype(np.float32)[index])


def ramp(x: Array) -> Array:
    """A step from 0 to 1 that is a ramp between -1 and 1."""
    return np.asarray(np.clip(x * 0.5 + 0.5, 0, 1))


def decay(x: Array) -> Array:
    """exp(-x) for x >= 0 and 1 for x < 0; it stops at 1e-13, for processors are slow with the smallest numbers."""
    return np.asarray(np.exp(-np.clip(x, 0, 30)))


def bell(x: Array) -> Array:
    """exp(-x^2), in the same way."""
    return decay(x * x)


def rounded(depth: Array, radius: float) -> Array:
    """How thick a rounded body is below its outline: 0 at the edge, 1 from `radius` on."""
    inner = 1 - np.clip(depth * (1 / radius), 0, 1)
    return np.asarray(np.sqrt(1 - inner * inner))


def image_frame(pixels: int, shift: float, tilt: float) -> Frame:
    """The frame of a whole image."""
    at = ((2 * np.arange(pixels) + 1 - pixels) / pixels).astype(np.float32)  # this form is symmetric to the last bit
    u, v = np.meshgrid(at - shift, at)
    cosine, sine = math.cos(tilt), math.sin(tilt)
    return Frame(u * cosine + v * sine, v * cosine - u * sine, slice(0, pixels), pixels, shift, tilt)


def side_of(frame: Frame, sign: int, width: float, height: float, raised: float) -> Side:
    """The side `sign` of a chest whose lung has the given width and height, its dome lying `raised` higher."""
    wanted = np.flatnonzero((frame.u * sign > -_MARGIN).any(axis=0))
    part = slice(int(wanted[0]), int(wanted[-1]) + 1)
    u, v = (np.ascontiguousarray(whole[:, part]) for whole in (frame.u, frame.v))
    own = replace(frame, u=u, v=v, part=part)
    s = own.u * sign
    return Side(sign, own, s, _lung(own, s, width, height, raised))


def _lung(frame: Frame, s: Array, width: float, height: float, raised: float) -> Lung:
    """Outline a lung: both borders meet at the apex, the diaphragm is a dome that falls off to the outer corner."""
    base = 0.42 - raised
    top, corner = base - height, _CORNER * height
    outer = _MEDIAL + width
    apex = _MEDIAL + 0.3 * width

    def below_apex(v: Points) -> Points:
        return np.clip((v - top) / (base + corner - top), 0, 1)

    def lateral(v: Points) -> Points:
        return apex + (outer - apex) * (1 - (1 - below_apex(v)) ** 2.4) ** 0.56

    def medial(v: Points) -> Points:
        return apex - (apex - _MEDIAL) * np.sqrt(1 - (1 - below_apex(v)) ** 9)

    dome = _MEDIAL + 0.42 * width
    fall = np.where(dome < _TABLE, corner / (outer - dome) ** 2, 0.35 * corner / (dome - _MEDIAL) ** 2)
    below_dome = frame.v - look_up(base + fall * (_TABLE - dome) ** 2, s)
    border = frame.along(lateral)
    depth = np.minimum.reduce([s - frame.along(medial), border - s, frame.v - top, -below_dome])
    cage = np.maximum(border, (apex + 0.06)) + 0.035
    return Lung(width, top, base, depth, below_dome, cage)
