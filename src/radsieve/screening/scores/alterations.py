"""Alterations of images to which the scores should respond, or should not: what is wrong with each copy is known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from radsieve.screening.scores.lung_shapes import split_lungs
from radsieve.screening.tables import SCORES, AlterationKind, Expected

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
_Change = Callable[[Bytes, Mask], Bytes]

_MARGIN = 0.02  # of the width: how far paint reaches beyond the found lung, whose edge is blurred
_AROUND = 0.08  # of the width: maximum distance from a lung of the tissue whose brightness the paint takes
_MINIMUM = 1e-12  # weight of the mean of all that tissue, which counts only where the blur does not reach

PATIENT_RIGHT, PATIENT_LEFT = "patient's right lung (image left)", "patient's left lung (image right)"

_SAME, _LOWER, _EITHER = Expected.UNCHANGED, Expected.LOWER, Expected.EITHER
_EXPECTED = {  # shape, abnormal, maxheat, symmetry, left2right, all five
    AlterationKind.EXPOSURE: (_SAME, _SAME, _SAME, _SAME, _SAME, _SAME),
    AlterationKind.MIRRORED: (_EITHER, _EITHER, _EITHER, _SAME, _SAME, _EITHER),
    AlterationKind.MOVED: (_LOWER, _SAME, _SAME, _LOWER, _EITHER, _LOWER),
    AlterationKind.UNEQUAL: (_LOWER, _EITHER, _EITHER, _LOWER, _LOWER, _LOWER),
    AlterationKind.LUNG_LOST: (_LOWER, _EITHER, _EITHER, _LOWER, _LOWER, _LOWER),
}


@dataclass(frozen=True)
class Extent:
    """How strong the alterations are.

    `shifts` and `widening` are shares of the width, `rotation` is in degrees, and `gamma` (above 1) the exponent of
    grey values in [0, 1] of the darker copy, whose inverse is that of the brighter one.
    """

    shifts: tuple[float, ...]
    widening: float
    rotation: float
    gamma: float


class Alteration(NamedTuple):
    """What an alteration does, and the function of an image (channels, H, W) and its lung mask (H, W) that does it."""

    kind: AlterationKind
    change: _Change


def alterations(extent: Extent) -> dict[str, Alteration]:
    """Return what makes each altered copy, by name.

    A lung is named as the patient's, with the side of the image where it lies if the image is displayed as radiographs
    are, the patient's right at image left.
    """
    exposure, moved, lost = AlterationKind.EXPOSURE, AlterationKind.MOVED, AlterationKind.LUNG_LOST
    return {
        "darker": Alteration(exposure, lambda image, lungs: exposed(image, extent.gamma)),
        "brighter": Alteration(exposure, lambda image, lungs: exposed(image, 1 / extent.gamma)),
        "mirrored": Alteration(AlterationKind.MIRRORED, lambda image, lungs: image[:, :, ::-1]),
        **{f"shifted by {share:.0%} to image right": Alteration(moved, _shift(share)) for share in extent.shifts},
        f"rotated by {extent.rotation:g}°": Alteration(moved, lambda image, lungs: rotated(image, extent.rotation)),
        "image-left half widened": Alteration(
            AlterationKind.UNEQUAL, lambda image, lungs: widened(image, extent.widening)
        ),
        f"{PATIENT_RIGHT} painted over": Alteration(
            lost, lambda image, lungs: painted(image, split_lungs(lungs)[0], lungs)
        ),
        f"{PATIENT_LEFT} painted over": Alteration(
            lost, lambda image, lungs: painted(image, split_lungs(lungs)[1], lungs)
        ),
        f"{PATIENT_RIGHT} half painted": Alteration(
            lost, lambda image, lungs: painted(image, lower_half(split_lungs(lungs)[0]), lungs)
        ),
    }


def expected(kind: AlterationKind, score: str) -> Expected:
    """How `score`, one of SCORES or `valid`, should respond to an alteration of this `kind`.

    Exposure changes no anatomy. A mirrored chest shows dextrocardia, or an image displayed the wrong way round: a score
    of abnormality may respond, and so may that of shape, which knows which lung is the smaller one, but symmetry and
    the ratio of the lungs are the same. What moves a chest off the axis makes it unsymmetric and unusual in place, and
    may cut a lung at the axis; unequal widening and the loss of a lung change the ratio, too.
    """
    return Expected.UNCHANGED if kind is AlterationKind.NONE else _EXPECTED[kind][(*SCORES, "valid").index(score)]


def _shift(share: float) -> _Change:
    return lambda image, lungs: shifted(image, share)


def exposed(image: Bytes, gamma: float) -> Bytes:
    """Return `image` with its grey values in [0, 1] raised to the power `gamma`: above 1 darker, below 1 brighter."""
    levels = np.rint(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    return np.asarray(levels[image])


def shifted(image: Bytes, share: float) -> Bytes:
    """Return `image` moved to image right by a `share` of its width; uncovered pixels are black."""
    columns = round(share * image.shape[2])
    moved = np.zeros_like(image)
    moved[:, :, columns:] = image[:, :, : image.shape[2] - columns]
    return moved


def rotated(image: Bytes, degrees: float) -> Bytes:
    """Return `image` rotated counter-clockwise about its centre; uncovered pixels are black."""
    turned = [Image.fromarray(channel).rotate(degrees, Image.Resampling.BICUBIC) for channel in image]
    return np.stack([np.asarray(one) for one in turned])


def widened(image: Bytes, share: float) -> Bytes:
    """Return `image` with its image-left half stretched by a `share` of the width, and the other half compressed."""
    width = image.shape[2]
    column = np.arange(width) + 0.5
    source = np.interp(column, [0, (0.5 + share) * width, width], [0, 0.5 * width, width]) - 0.5
    low = np.clip(np.floor(source).astype(int), 0, width - 2)
    weight = np.clip(source - low, 0, 1)
    mixed = image[:, :, low] * (1 - weight) + image[:, :, low + 1] * weight
    return np.asarray(np.rint(mixed), dtype=np.uint8)


def lower_half(lung: Mask) -> Mask:
    """Return the lower part of `lung` (H, W), cut at the row that leaves half of its pixels below."""
    by_row = lung.sum(axis=1)
    below = by_row.sum() - np.cumsum(by_row)  # pixels in the rows below each row
    lower = lung.copy()
    lower[: int(np.searchsorted(-below, -by_row.sum() / 2)) + 1] = False
    return lower


def painted(image: Bytes, area: Mask, lungs: Mask) -> Bytes:
    """Return `image` with `area` (H, W) painted over as if there were tissue like that around it.

    The paint is the mean of the pixels that lie around `area`, outside of all `lungs`, and are brighter than half of
    these (the others are air); near ones are weighted most. Its edge is blurred, so that no outline of the lung
    remains.
    """
    if not area.any():
        return image
    width = image.shape[2]
    distance = ndimage.distance_transform_edt(~area)
    outside = ndimage.distance_transform_edt(~lungs) > _MARGIN * width
    grey = image.mean(axis=0)
    around = (distance <= _AROUND * width) & outside & (grey > np.median(grey[lungs]))
    if not around.any():
        return image
    weight = _blurred(around, _AROUND * width) + _MINIMUM
    opacity = _blurred(distance <= _MARGIN * width, _MARGIN * width / 2)
    result = np.empty_like(image)
    for channel, values in enumerate(image):
        tissue = (_blurred(values * around, _AROUND * width) + _MINIMUM * values[around].mean()) / weight
        result[channel] = np.rint(opacity * tissue + (1 - opacity) * values)
    return result


def _blurred(image: npt.NDArray[Any], sigma: float) -> npt.NDArray[np.float64]:
    return np.asarray(ndimage.gaussian_filter(image.astype(np.float64), sigma))
