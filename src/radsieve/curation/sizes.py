"""The sizes of ingested images in millimetres, where their headers give the spacing of their pixels."""

import pandas as pd

from radsieve.imaging.pixel_shape import SIDES
from radsieve.imaging.spacing import NOT_KNOWN, spacing_of


def in_millimetres(images: pd.DataFrame) -> pd.DataFrame:
    """Return `images` (IMAGES of `radsieve.curation.tables`) with the columns `width_mm` and `height_mm`, in whole
    millimetres, and `mm_at`, where these are (`radsieve.imaging.spacing`); NOT_KNOWN where no spacing is known."""
    rows = []
    for row in images[["width", "height", *SIDES]].to_dict("records"):
        spacing = spacing_of({name: row[name] for name in SIDES})
        sides = (row["width"] * spacing.across, row["height"] * spacing.down) if spacing else None
        rows.append([f"{side:.0f}" for side in sides] + [spacing.plane] if spacing and sides else [NOT_KNOWN] * 3)
    found = pd.DataFrame(rows, columns=["width_mm", "height_mm", "mm_at"], index=images.index, dtype=object)
    return pd.concat([images, found], axis=1)
