"""Grids of images: a packed set with the outlines of its masks, and true images beside their altered copies."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radsieve.imaging.packs import Pack
from radsieve.reporting.grids import Tile, image_grid
from radsieve.reporting.overlays import TRUE, outlined

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


_TILE, _GAP, _LABEL, _TITLE, _HEADER, _MARGIN = 1.35, 0.06, 1.5, 0.5, 0.5, 0.12  # inches
_UNALTERED = "none"


def alteration_grid(images: NDArray[np.uint8], reference: pd.DataFrame, maximum: int) -> Figure:
    """Show `maximum` of the images that have altered copies, a row for each, a column for each alteration.

    `images` (n, channels, H, W) are the rows of `reference` (screening.tables.REFERENCE_IMAGES).
    """
    copies = reference[reference["alteration"] != _UNALTERED]
    originals = list(dict.fromkeys(copies["original"]))[:maximum]
    names = [_UNALTERED, *dict.fromkeys(copies["alteration"])]
    title = f"True images and their altered copies: {len(originals)} of {copies['original'].nunique()} images"
    if not originals:
        return image_grid([], title)
    width = _LABEL + len(names) * (_TILE + _GAP) + _MARGIN
    height = _TITLE + _HEADER + len(originals) * (_TILE + _GAP) + _MARGIN
    figure = Figure(figsize=(width, height), facecolor="white")
    figure.text(_MARGIN / width, 1 - 0.32 / height, title, size=13, weight="bold", va="center")
    of = reference.reset_index().set_index(["original", "alteration"])["index"]
    for column, name in enumerate(names):
        left = _LABEL + column * (_TILE + _GAP)
        heading = "\n".join(textwrap.wrap("unaltered" if name == _UNALTERED else name, 17))
        center = (left + _TILE / 2) / width
        figure.text(center, 1 - (_TITLE + _HEADER - 0.06) / height, heading, size=9, ha="center", va="bottom")
        for row, original in enumerate(originals):
            bottom = height - _TITLE - _HEADER - row * (_TILE + _GAP) - _TILE
            axes = figure.add_axes((left / width, bottom / height, _TILE / width, _TILE / height))
            image = images[of[original, name]].transpose(1, 2, 0).squeeze()
            axes.imshow(image, cmap="gray", vmin=0, vmax=255, aspect="auto", interpolation="antialiased")
            axes.set_axis_off()
            if column == 0:
                label = "\n".join(textwrap.wrap(original, 20)[:5])
                figure.text(_MARGIN / width, (bottom + _TILE) / height, label, size=8, va="top", parse_math=False)
    return figure
