"""Images with heat maps: those of predict_images, and where the sex classifier looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radsieve.figures.grids import Tile, image_grid
from radsieve.figures.overlays import heat_overlay
from radsieve.imaging.decode import grayscale


@dataclass(frozen=True)
class ShownImage:
    """An image (channels, H, W), its Grad-CAM map (H, W) and its probability."""

    name: str
    image: npt.NDArray[np.uint8]
    heat: npt.NDArray[np.float32]
    probability: float


def heat_grid(shown: Mapping[str, Sequence[ShownImage]], positive: str, images: int) -> Figure:
    """Show the images of each kind in `shown`, out of `images`, with the heat of the label `positive` laid over them.

    The colours of all images share one scale, which ends at the greatest heat among them.
    """
    maximum = max((float(found.heat.max()) for kind in shown.values() for found in kind), default=0.0)
    rows = [
        (
            f"{kind.capitalize()}\nof {positive}\nbrightest: heat {maximum:.3g}",
            [_tile(found, maximum) for found in kind_images],
        )
        for kind, kind_images in shown.items()
        if kind_images
    ]
    count = sum(len(tiles) for _, tiles in rows)
    return image_grid(rows, f"Where {positive} is seen (Grad-CAM): {count} of {images} images")


def _tile(found: ShownImage, maximum: float) -> Tile:
    image = found.image[0] if len(found.image) == 1 else found.image.transpose(1, 2, 0)
    caption = f"{found.name}\nprobability {found.probability:.3f}, heat {found.heat.max():.3g}"
    return Tile(heat_overlay(grayscale(image), found.heat, maximum), caption)


_PAIRS_IN_A_LINE = 2
_BRIGHTEST = 0.99  # quantile of the images' greatest heat that gets full colour


def sex_heat_grid(
    shortcut: pd.DataFrame,
    images: NDArray[np.uint8],
    heat: NDArray[np.floating],
    lungs: NDArray[np.bool_],
    labels: tuple[str, str],
    threshold: float,
    maximum: int,
) -> Figure:
    """Show images and their heat side by side, by label and group: the positive label first, then most heat outside.

    shortcut: SHORTCUT of the `images` (n, channels, H, W), with `heat` and `lungs` (n, H, W); labels: the negative and
    the positive one; threshold: the minimum probability of an image that is called positive; most: images that are
    shown, shared out over the groups. All maps have the same scale of colours.
    """
    scale = float(np.quantile(heat.max(axis=(1, 2)), _BRIGHTEST))
    found = shortcut[["truth", "group"]].drop_duplicates().itertuples(index=False)
    kinds = sorted(((int(truth), str(group)) for truth, group in found), key=lambda kind: (-kind[0], _later(kind[1])))
    each = max(maximum // len(kinds), 1)
    each = max(each - each % _PAIRS_IN_A_LINE, 1)
    rows = []
    for truth, group in kinds:
        rows_of_kind = shortcut[(shortcut["truth"] == truth) & (shortcut["group"] == group)]
        ordered = rows_of_kind.sort_values("heat_outside", ascending=False, kind="stable", na_position="last")
        mean = rows_of_kind["heat_outside"].mean()
        name = f"{labels[truth]}{f', group {group}' if group else ''}"
        about = "" if np.isnan(mean) else f"\n{mean:.0%} of the heat\noutside of the lungs"
        tiles: list[Tile] = []
        for row in ordered.head(each).index:
            grey = grayscale(images[row][0] if len(images[row]) == 1 else images[row].transpose(1, 2, 0))
            found = shortcut.loc[row]
            outside = (
                "no heat" if np.isnan(found["heat_outside"]) else f"{found['heat_outside']:.0%} of the heat outside"
            )
            said = f"P({labels[1]}) = {found['probability']:.2f}, {outside}"
            wrong = (found["probability"] >= 0.5) != (truth == 1)
            tiles += [
                Tile(grey, str(found["image"])),
                Tile(heat_overlay(grey, heat[row], scale, lungs[row]), said, flagged=bool(wrong)),
            ]
        rows.append((f"{name}\n{len(rows_of_kind)} images{about}", tiles))
    title = f"Evidence for {labels[1]} (lungs outlined; framed: misclassified)"
    return image_grid(rows, title)


def _later(group: str) -> tuple[float, str]:
    """Groups that are numbers are in descending order (images with an arm, 1, before those without), others by name."""
    return (-float(group), "") if group.replace(".", "", 1).isdigit() else (0.0, group)
