"""The sides of a pixel as the header of a DICOM file gives them, and what makes the pixels of an image square."""

import math
from typing import Any

Sides = tuple[float, float]  # of a pixel: down, across

SIDES = ("PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio")  # elements that have them

_SQUARE = 0.001  # sides of a pixel that differ by no more are equal


def sides_in(header: Any, name: str) -> Sides | None:
    """Return the two numbers above 0 of one of SIDES in a `header`; None if it has no such ones."""
    return sides_of(value_in(header, name))


def sides_of(values: Any) -> Sides | None:
    """Return two finite numbers above 0; None if `values` are anything else."""
    try:
        down, across = map(float, values)
    except (TypeError, ValueError):
        return None
    return (down, across) if min(down, across) > 0 and math.isfinite(down + across) else None


def stretch(of_pixel: Sides | None, of_imager: Sides | None, aspect: Sides | None) -> float:
    """Return by what the height of an image is multiplied so that its pixels are square, if above 1, or its width
    divided, if below 1, from SIDES of its pixels; 1 where they are square, or nobody says."""
    down, across = aspect or of_pixel or of_imager or (1.0, 1.0)
    return 1.0 if abs(down / across - 1) <= _SQUARE else down / across


def value_in(header: Any, name: str) -> Any:
    """Return the value of an element of a `header`; None if there is none, or it does not fit its kind."""
    try:
        return header.get(name)
    except Exception:  # pydicom raises anything, and its words quote the value
        return None
