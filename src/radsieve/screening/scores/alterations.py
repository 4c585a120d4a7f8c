"""True films that the scores are held to, and copies of them, altered so that the scores should answer, or should not.

What is wrong with each copy is known, so that it can be checked which score answers to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image
from scipy import ndimage

from radsieve.errors import InputError
from radsieve.screening.scores.film_scores import FITTED, JUDGED, UNALTERED
from radsieve.screening.scores.lung_shapes import split_lungs

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Alteration = Callable[[Bytes, Mask], Bytes]

_MARGIN = 0.02  # of the width: how far paint reaches beyond the found lung, whose edge is blurred
_AROUND = 0.08  # of the width: how far from a lung the tissue lies whose brightness the paint takes
_LEAST = 1e-12  # weight of the mean of all that tissue, which counts only where the blur does not reach


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


def choose_true(films: pd.DataFrame, label: str, most: int, seed: int) -> npt.NDArray[np.int64]:
    """Return the rows of `films` (FILMS) that the scores are held to, those of part validation first.

    They are films of `label`; of either part at most `most`, by chance. Raises InputError if a part has none.
    """
    rng = np.random.default_rng(seed)
    chosen = []
    for part in (FITTED, JUDGED):
        rows = np.flatnonzero((films["part"] == part) & (films["label"] == label))
        if not len(rows):
            labels = ", ".join(sorted(set(films["label"]))) or "none"
            raise InputError(f"alter_films.label = {label!r}: no film of part {part} has it; the labels are {labels}")
        chosen.append(np.sort(rng.permutation(rows)[:most]))
    return np.concatenate(chosen)


def choose_altered(films: pd.DataFrame, true: npt.NDArray[np.int64], most: int, seed: int) -> npt.NDArray[np.int64]:
    """Return at most `most` of the rows `true` of `films`: of part test, and no two of one patient."""
    judged = true[films["part"].iloc[true] == JUDGED]
    shuffled = films["patient"].iloc[np.random.default_rng(seed).permutation(judged)]
    return np.sort(shuffled[~shuffled.duplicated()].index.to_numpy()[:most])


def reference_table(
    films: pd.DataFrame, true: npt.NDArray[np.int64], altered: list[int], names: Sequence[str]
) -> pd.DataFrame:
    """Return REFERENCE_FILMS: the rows `true` of `films`, then for each of the rows `altered` its copies `names`."""
    rows = [(film, film, part, UNALTERED) for film, part in films[["film", "part"]].iloc[true].itertuples(index=False)]
    for film, part in films[["film", "part"]].iloc[altered].itertuples(index=False):
        rows += [(f"{film} ({name})", film, part, name) for name in names]
    return pd.DataFrame(rows, columns=["film", "original", "part", "alteration"])


def has_two_lungs(mask: Mask) -> bool:
    """Whether the mask (H, W) has a lung on either side, so that one can be painted over."""
    left, right, _ = split_lungs(mask)
    return bool(left.any() and right.any())


def alterations(extent: Extent) -> dict[str, Alteration]:
    """Return what makes each altered copy of a film (channels, H, W) with a mask of its lungs (H, W), by its name.

    Left and right are those of the film, not of the patient.
    """
    return {
        "mirrored": lambda film, lungs: film[:, :, ::-1],
        "darker": lambda film, lungs: exposed(film, extent.gamma),
        "brighter": lambda film, lungs: exposed(film, 1 / extent.gamma),
        **{f"shifted by {share:.0%}": _shift(share) for share in extent.shifts},
        f"rotated by {extent.rotation:g}°": lambda film, lungs: rotated(film, extent.rotation),
        "left half widened": lambda film, lungs: widened(film, extent.widening),
        "left lung painted over": lambda film, lungs: painted(film, split_lungs(lungs)[0], lungs),
        "right lung painted over": lambda film, lungs: painted(film, split_lungs(lungs)[1], lungs),
        "left lung half painted": lambda film, lungs: painted(film, lower_half(split_lungs(lungs)[0]), lungs),
    }


def _shift(share: float) -> Alteration:
    return lambda film, lungs: shifted(film, share)


def exposed(film: Bytes, gamma: float) -> Bytes:
    """Return `film` with its grey values in [0, 1] raised to the power `gamma`: above 1 darker, below 1 brighter."""
    levels = np.rint(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    return np.asarray(levels[film])


def shifted(film: Bytes, share: float) -> Bytes:
    """Return `film` moved to the right by a `share` of its width; where nothing was it is black."""
    columns = round(share * film.shape[2])
    moved = np.zeros_like(film)
    moved[:, :, columns:] = film[:, :, : film.shape[2] - columns]
    return moved


def rotated(film: Bytes, degrees: float) -> Bytes:
    """Return `film` rotated counter-clockwise about its centre; where nothing was it is black."""
    images = [Image.fromarray(channel).rotate(degrees, Image.Resampling.BICUBIC) for channel in film]
    return np.stack([np.asarray(image) for image in images])


def widened(film: Bytes, share: float) -> Bytes:
    """Return `film` with its left half stretched by a `share` of the film's width, and its right half compressed."""
    width = film.shape[2]
    column = np.arange(width) + 0.5
    source = np.interp(column, [0, (0.5 + share) * width, width], [0, 0.5 * width, width]) - 0.5
    low = np.clip(np.floor(source).astype(int), 0, width - 2)
    weight = np.clip(source - low, 0, 1)
    mixed = film[:, :, low] * (1 - weight) + film[:, :, low + 1] * weight
    return np.asarray(np.rint(mixed), dtype=np.uint8)


def lower_half(lung: Mask) -> Mask:
    """Return the lower part of `lung` (H, W), cut at the row that leaves half of its pixels below."""
    by_row = lung.sum(axis=1)
    below = by_row.sum() - np.cumsum(by_row)  # pixels in the rows under each row
    lower = lung.copy()
    lower[: int(np.searchsorted(-below, -by_row.sum() / 2)) + 1] = False
    return lower


def painted(film: Bytes, area: Mask, lungs: Mask) -> Bytes:
    """Return `film` with `area` (H, W) painted over as if there were tissue like that around it.

    The paint is the mean of the pixels that lie around `area`, outside of all `lungs`, and are brighter than half of
    these (the others are air); near ones are weighted most. Its edge is blurred, so that no outline of the lung stays.
    """
    if not area.any():
        return film
    width = film.shape[2]
    distance = ndimage.distance_transform_edt(~area)
    outside = ndimage.distance_transform_edt(~lungs) > _MARGIN * width
    grey = film.mean(axis=0)
    around = (distance <= _AROUND * width) & outside & (grey > np.median(grey[lungs]))
    if not around.any():
        return film
    weight = _blurred(around, _AROUND * width) + _LEAST
    opacity = _blurred(distance <= _MARGIN * width, _MARGIN * width / 2)
    result = np.empty_like(film)
    for channel, values in enumerate(film):
        tissue = (_blurred(values * around, _AROUND * width) + _LEAST * values[around].mean()) / weight
        result[channel] = np.rint(opacity * tissue + (1 - opacity) * values)
    return result


def _blurred(image: npt.NDArray[Any], sigma: float) -> npt.NDArray[np.float64]:
    return np.asarray(ndimage.gaussian_filter(image.astype(np.float64), sigma))
