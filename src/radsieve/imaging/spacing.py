"""How many millimetres a pixel of an image is, from the header of its file, through all that changes its size.

PixelSpacing of DICOM (0028,0030) is taken, else ImagerPixelSpacing (0018,1164). On a radiograph the latter is that of
the detector, on which everything is larger than in the patient; PixelSpacing is that of the patient only if it differs
from the former, which means that it was calibrated (DICOM PS3.3, 10.7.1.3, 2025e). Magnification is not corrected here.
Images are shown with square pixels, made so by PixelAspectRatio (0028,0034) where it is given, else by the spacing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from radsieve.imaging.file_structure import is_dicom
from radsieve.imaging.pixel_shape import SIDES, sides_of, stretch
from radsieve.imaging.tags import Value, tags_of_sides

NOT_KNOWN = "not known"
DETECTOR, PATIENT, NOT_SAID = "detector", "patient", "not said"  # where the millimetres are
PLANES = (DETECTOR, PATIENT, NOT_SAID, "")  # the last one: no spacing is known


@dataclass(frozen=True)
class Spacing:
    """Millimetres from a pixel to the one below and to the one beside it; `plane` says where: one of PLANES."""

    down: float
    across: float
    plane: str

    def resampled(self, before: tuple[int, int], after: tuple[int, int]) -> "Spacing":
        """That of the same image when its size (height, width) has changed from `before` to `after`."""
        return replace(self, down=self.down * before[0] / after[0], across=self.across * before[1] / after[1])

    def area(self, size: tuple[int, int]) -> float:
        """The square millimetres of a whole image of `size` (height, width)."""
        return self.down * size[0] * self.across * size[1]


def spacing_of(tags: Mapping[str, Value]) -> Spacing | None:
    """Return that of an image as it is shown, whose pixels were made square, from its `tags`; None if not known."""
    of_pixel, of_imager, aspect = (sides_of(str(tags.get(name) or "").split()) for name in SIDES)
    sides = of_pixel or of_imager
    if sides is None:
        return None
    plane = NOT_SAID
    if of_imager:
        plane = PATIENT if of_pixel and of_pixel != of_imager else DETECTOR
    stretched = stretch(of_pixel, of_imager, aspect)
    down, across = sides[0] / max(stretched, 1), sides[1] * min(stretched, 1)
    if math.isclose(down, across):
        down = across = min(sides)
    return Spacing(down, across, plane)


def in_one_plane(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the rows of `table` whose millimetres in `column` are known, and in the plane (`mm_at`) of most of these:
    what is measured at the detector is larger than in the patient, so that no mean is of both."""
    known = table[table[column].notna()]
    return known[known["mm_at"].isin(known["mm_at"].mode()[:1])]


def spacing_in(content: bytes) -> Spacing | None:
    """Return that of the image in the file `content` as `radsieve.imaging.decode` shows it; None if not known."""
    return spacing_of(tags_of_sides(content)) if is_dicom(content) else None
