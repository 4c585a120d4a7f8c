"""Pairs of images that belong together: nearly alike in sets of ours, or in different parts of a split of others."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radsieve.figures.grids import Tile, display_range, image_grid
from radsieve.imaging.decode import load_grayscale
from radsieve.imaging.set_splits import PackedSet, gray_of
from radsieve.numbers import count_of
from radsieve.screening.settings import AuditSplits

_SIDE = 256  # of a picture that is shown, in pixels at most


def alike_grid(alike: pd.DataFrame, sets: Mapping[str, PackedSet], maximum: int) -> Figure:
    """Show at most `maximum` pairs of `alike` (ALIKE), the least similar first, where an error is most likely."""
    rows_of = {name: dict(zip(one.files["image"], range(len(one.files)), strict=True)) for name, one in sets.items()}

    def tile(name: str, image: str) -> Tile:
        return _tile(gray_of(sets[name].pixels[rows_of[name][image]]), f"{name}: {image}")

    rows = [
        (_label("", one), [tile(one["set_a"], one["image_a"]), tile(one["set_b"], one["image_b"])])
        for one in alike.sort_values("similarity", kind="stable").head(maximum).to_dict("records")
    ]
    return image_grid(rows, _title("Nearly alike, and so in one split", len(alike)))


def crossing_grid(pairs: pd.DataFrame, folder: Path | None, settings: AuditSplits) -> Figure:
    """Show at most `grid_pairs` of `pairs` (AUDIT_PAIRS) of images below `folder`, the least similar first."""
    max_pixels = int(settings.max_megapixels * 1e6)

    def tile(part: str, image: str) -> Tile:
        return _tile(load_grayscale((folder or Path()) / image, max_pixels), f"{part}: {image}")

    rows = [
        (_label(one["reason"], one), [tile(one["part_a"], one["image_a"]), tile(one["part_b"], one["image_b"])])
        for one in pairs.sort_values("similarity", kind="stable").head(settings.grid_pairs).to_dict("records")
    ]
    return image_grid(rows, _title("In different parts, and belonging together", len(pairs)))


def _title(what: str, pairs: int) -> str:
    """What is shown: how many pairs, and in which order; none is said as such."""
    return f"{what}: {count_of(pairs, 'pair')}, the least similar first" if pairs else f"{what}: no pair"


def _tile(gray: NDArray[np.float32], caption: str) -> Tile:
    step = max(1, -(-max(gray.shape) // _SIDE))
    return Tile(display_range(gray[::step, ::step]), caption)


def _label(reason: str, pair: Mapping[Hashable, Any]) -> str:
    similar = f"similarity {pair['similarity']:.3f}" if pair["similarity"] == pair["similarity"] else ""
    kinds = ", ".join(kind for kind in ("negative", "mirrored") if pair[kind])
    return "\n".join(filter(None, [reason, similar, kinds]))
