"""Random changes of images that keep what they show, and of their masks along with them; whole batches at a time."""

import torch
from torch.nn.functional import affine_grid, grid_sample, interpolate

from radsieve.settings import Augmentation

_FIELD = 4  # knots along a side of the smooth random fields
_BLUR = (1, 4, 6, 4, 1)  # binomial kernel: Gaussian of one pixel's standard deviation


def augment(
    images: torch.Tensor, masks: torch.Tensor, changes: Augmentation, random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Change each of the `images` (n, channels, H, W) in [0, 1] and its mask (n, 1, H, W) of 0 and 1 at random.

    Geometry: `rotation` (largest angle in degrees), `shift` (of the side), `zoom` (of the scale), `elastic` (largest
    displacement, of the side) and `mirror` (share of the images mirrored left to right) move image and mask together;
    what enters from outside is black and not mask. Intensity: see `change_intensity`. `random` gives all numbers.
    """
    moved = grid_sample(
        torch.cat([images, masks], dim=1), _grid(images, changes, random), mode="bilinear", align_corners=False
    )
    return change_intensity(moved[:, :-1], changes, random), (moved[:, -1:] >= 0.5).float()


def change_intensity(images: torch.Tensor, changes: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Change brightness, contrast, gamma, sharpness and noise of `images` (n, channels, H, W) in [0, 1].

    `contrast` is the largest relative change of contrast, of gamma and, by half as much, of brightness, of lighting
    across the image and of one colour against another; `blur` the share of blurred images; `noise` the largest standard
    deviation of white noise; `invert` the share of images with black and white exchanged.
    """
    n, channels, height, width = images.shape
    contrast = changes.contrast
    gamma, gain, offset = (_uniform((n, 1, 1, 1), random) * contrast for _ in range(3))
    colour = _uniform((n, channels, 1, 1), random) * contrast / 2 if channels > 1 else torch.zeros(1)
    light = interpolate(_uniform((n, 1, _FIELD, _FIELD), random), size=(height, width), mode="bicubic")
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    x = (images - mean) * (1 + gain) + mean + offset / 4
    x = (x * (1 + colour) * (1 + light * contrast / 4)).clamp(1e-4, 1) ** torch.exp(gamma)
    x = torch.lerp(x, _blurred(x), _share(n, changes.blur, random))
    x = x + torch.randn(x.shape, generator=random) * (_uniform((n, 1, 1, 1), random).abs() * changes.noise)
    inverted = _share(n, changes.invert, random)
    return ((1 - 2 * inverted) * x + inverted).clamp(0, 1)


def _grid(images: torch.Tensor, changes: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Where each pixel of the changed images comes from, (n, H, W, 2) in [-1, 1]."""
    n, channels, height, width = images.shape
    angle = torch.deg2rad(_uniform((n,), random) * changes.rotation)
    scale = torch.exp(_uniform((n, 2), random) * changes.zoom)
    mirror = 1 - 2 * _share(n, changes.mirror, random).flatten()
    rows = [
        torch.stack([scale[:, 0] * mirror * angle.cos(), -scale[:, 1] * angle.sin()], dim=1),
        torch.stack([scale[:, 0] * mirror * angle.sin(), scale[:, 1] * angle.cos()], dim=1),
    ]
    shift = _uniform((n, 2, 1), random) * changes.shift * 2
    transform = torch.cat([torch.stack(rows, dim=1), shift], dim=2)
    grid = affine_grid(transform, [n, channels, height, width], align_corners=False)
    if changes.elastic:
        field = _uniform((n, 2, _FIELD, _FIELD), random) * changes.elastic * 2
        grid = grid + interpolate(field, size=(height, width), mode="bicubic").permute(0, 2, 3, 1)
    return grid


def _blurred(images: torch.Tensor) -> torch.Tensor:
    channels = images.shape[1]
    weights = torch.tensor(_BLUR, dtype=images.dtype) / sum(_BLUR)
    kernel = weights.expand(channels, 1, 1, -1)
    x = torch.nn.functional.conv2d(images, kernel, padding=(0, 2), groups=channels)
    return torch.nn.functional.conv2d(x, kernel.transpose(2, 3), padding=(2, 0), groups=channels)


def _uniform(shape: tuple[int, ...], random: torch.Generator) -> torch.Tensor:
    """Uniform in [-1, 1)."""
    return torch.rand(shape, generator=random) * 2 - 1


def _share(n: int, share: float, random: torch.Generator) -> torch.Tensor:
    """1 for about that share of the images, else 0; (n, 1, 1, 1)."""
    return (torch.rand((n, 1, 1, 1), generator=random) < share).float()
