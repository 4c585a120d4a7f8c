"""What a classifier sees of an image: all of it or its halves, without its top if that is cropped."""

from dataclasses import dataclass

import torch
from torch.nn.functional import interpolate

WHOLE, HALVES = "whole", "halves"


@dataclass(frozen=True)
class View:
    """A rectangle of an image in pixels (ends excluded), which the network sees mirrored or not."""

    top: int
    bottom: int
    left: int
    right: int
    mirrored: bool


def image_views(kind: str, top_crop: float, height: int, width: int) -> list[View]:
    """Return the views of an image: the `whole`, or its two `halves`, of which the right one is mirrored.

    `top_crop` is the share of the height that is cut off at the top, in [0, 1). The middle column of an odd width
    belongs to neither half.
    """
    top, half = round(height * top_crop), width // 2
    if kind == WHOLE:
        return [View(top, height, 0, width, mirrored=False)]
    return [View(top, height, 0, half, mirrored=False), View(top, height, width - half, width, mirrored=True)]


def cut(images: torch.Tensor, view: View) -> torch.Tensor:
    """Return what `view` shows of `images` (n, channels, H, W)."""
    part = images[..., view.top : view.bottom, view.left : view.right]
    return part.flip(-1) if view.mirrored else part


def resized(images: torch.Tensor, pixels: int) -> torch.Tensor:
    """Return `images` (n, channels, H, W) as `pixels` x `pixels`, antialiased where they shrink."""
    if images.shape[2:] == (pixels, pixels):
        return images
    return interpolate(images, size=(pixels, pixels), mode="bilinear", antialias=True, align_corners=False)


def stretched(images: torch.Tensor, share: float) -> torch.Tensor:
    """Return `images` (n, channels, H, W) in [0, 1], with that `share` of each one's darkest and brightest values
    clipped.

    What remains is stretched to [0, 1], so that exposure and windowing no longer distinguish images; 0 changes nothing.
    """
    if not share:
        return images
    ordered = images.flatten(1).sort(dim=1).values
    last = ordered.shape[1] - 1
    low, high = (ordered[:, round(place * last), None, None, None] for place in (share, 1 - share))
    return ((images - low) / (high - low).clamp_min(1 / 255)).clamp(0, 1)
