"""Grids of images: a packed set with the outlines of its masks, and true images beside their altered copies."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radsieve.figures.grids import Tile, image_grid
from radsieve.figures.overlays import TRUE, outlined, with_side
from radsieve.imaging.packs import Pack
from radsieve.screening.tables import AlterationKind

_PER_LABEL = 8  # images shown of each label


def set_grid(pack: Pack, images: pd.DataFrame) -> Figure:
    """Show images of each label of a pack, spread evenly over it, with the outlines of their masks if it has any.

    `images` (tables.images.PACKED_FILES) has the rows of the pack.
    """
    rows = []
    for label, same in images.groupby("label"):
        facts = [str(label) or "all", f"{len(same)} images of {same['patient'].nunique()} patients"]
        tiles = [_tile(pack, images, row) for row in _spread(np.asarray(same.index), _PER_LABEL)]
        rows.append(("\n".join(facts), tiles))
    kind = "Images and masks" if pack.masks is not None else "Images"
    return image_grid(
        rows, f"{kind} as they are packed: {len(images)} images of {images['patient'].nunique()} patients"
    )


def _spread(rows: NDArray[np.int64], maximum: int) -> NDArray[np.int64]:
    """At most `maximum` of `rows`, evenly spaced."""
    return np.asarray(rows[np.unique(np.linspace(0, len(rows) - 1, min(maximum, len(rows))).round().astype(int))])


def _tile(pack: Pack, images: pd.DataFrame, row: int) -> Tile:
    masks = [] if pack.masks is None else [(pack.masks[row, 0] > 0, TRUE)]
    facts = [images["label"][row], images["group"][row]]
    return Tile(outlined(pack.images[row], masks), "\n".join([images["image"][row], ", ".join(filter(None, facts))]))


_UNALTERED = "none"


def alteration_grid(images: NDArray[np.uint8], reference: pd.DataFrame, maximum: int) -> Figure:
    """Show `maximum` of the images that have altered copies, four images side by side, the unaltered one first.

    `images` (n, channels, H, W) are the rows of `reference` (screening.tables.REFERENCE_IMAGES). R is set where the
    patient's right lies on a radiograph as usually displayed, and goes with a mirrored image.
    """
    copies = reference[reference["alteration"] != _UNALTERED]
    originals = list(dict.fromkeys(copies["original"]))[:maximum]
    rows = []
    for original in originals:
        of_original = reference[reference["original"] == original]
        tiles = [
            Tile(
                with_side(images[row], mirrored=kind == AlterationKind.MIRRORED),
                "unaltered" if name == _UNALTERED else name,
            )
            for row, name, kind in zip(of_original.index, of_original["alteration"], of_original["kind"], strict=True)
        ]
        rows.append((f"{original}\nR: patient's right, as usually displayed", tiles))
    count = copies["original"].nunique()
    return image_grid(rows, f"True images and their altered copies: {len(originals)} of {count} images")
