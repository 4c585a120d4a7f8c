"""A discriminator that sees images through a frozen EfficientNet-Lite0, and the random changes of what it sees.

Sauer, Chitta, Müller and Geiger 2021, "Projected GANs Converge Faster". The network's feature maps at four strides are
mixed by fixed random layers, across channels and then from the coarser levels to the finer ones, so that no level can
be ignored; a small discriminator evaluates each level. They learn what real images look like from far fewer images than
a discriminator trained from scratch, which is what makes training on a few cores short.

Real and generated images are changed alike, so that few real images cannot be memorised, while the generator learns to
generate unchanged ones (Zhao, Liu, Lin, Zhu and Han 2020, "Differentiable augmentation for data-efficient GAN
training").
"""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn.functional import interpolate
from torch.nn.utils.parametrizations import spectral_norm

from radsieve.generation.settings import TrainGan
from radsieve.networks.backbones import LITE0_LEVELS, Lite0

_CHANNELS = 64  # of each level after mixing
_PIXELS = 64  # at least: smaller images are enlarged, because the network extracts little from them
_MINIMUM = 4  # pixels of the maps that are evaluated as a whole
_SLOPE = 0.2


class ProjectedDiscriminator(nn.Module):
    """Maps images (n, 1 or 3, H, H) in [-1, 1] to scores (n, 4), one for each level, higher for what looks real.

    Only `heads` are trained.
    """

    def __init__(self, pixels: int) -> None:
        """Build it for images of `pixels`. Random layers and initial weights come from torch's global random state."""
        super().__init__()
        self._pixels = max(pixels, _PIXELS)
        self.backbone = Lite0(32, pretrained=True).folded()
        self.across_channels = nn.ModuleList(_mixing(channels, 1) for channels, _ in LITE0_LEVELS.values())
        self.across_levels = nn.ModuleList(_mixing(_CHANNELS, 3) for _ in LITE0_LEVELS)
        self.requires_grad_(False)
        self.heads = nn.ModuleList(_head(-(-self._pixels // stride)) for stride in LITE0_LEVELS)
        self.train()

    def train(self, mode: bool = True) -> "ProjectedDiscriminator":
        """Switch the heads alone: the backbone keeps the statistics that it has learnt."""
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the scores of `images`."""
        return self.score(self.levels(images))

    def levels(self, images: torch.Tensor) -> list[torch.Tensor]:
        """The backbone's feature maps (n, c, h, h) of `images` (n, 1 or 3, H, H) at each level."""
        enlarged = (
            interpolate(images, size=self._pixels, mode="bilinear") if images.shape[-1] < self._pixels else images
        )
        return self.backbone.levels((enlarged + 1) / 2)

    def score(self, levels: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return the scores (n, 4) of images whose feature maps are `levels`."""
        mixed: list[torch.Tensor] = []
        for mix_channels, mix_levels, maps in zip(
            reversed(self.across_channels), reversed(self.across_levels), reversed(levels), strict=True
        ):
            own = mix_channels(maps)
            above = interpolate(mixed[-1], size=own.shape[-2:], mode="bilinear") if mixed else 0
            mixed.append(mix_levels(own + above))
        scores = [head(maps).flatten(1).mean(1) for head, maps in zip(self.heads, reversed(mixed), strict=True)]
        return torch.stack(scores, dim=1)


def spread(levels: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return how far each image is from the next one by its `levels`: the mean difference of averaged maps (4,)."""
    features = [maps.float().mean(dim=(2, 3)) for maps in levels]
    return torch.stack([(level - level.roll(1, dims=0)).abs().mean() for level in features])


def _mixing(channels: int, kernel: int) -> nn.Conv2d:
    """A random layer that approximately preserves the variance of its input."""
    layer = nn.Conv2d(channels, _CHANNELS, kernel, padding=kernel // 2)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


def _head(side: int) -> nn.Module:
    """Halves maps of `side` pixels until they are small and evaluates them; its spectral norms are 1."""
    layers: list[nn.Module] = []
    while side > _MINIMUM:
        layers += [spectral_norm(nn.Conv2d(_CHANNELS, _CHANNELS, 4, stride=2, padding=1)), nn.LeakyReLU(_SLOPE)]
        side //= 2
    layers += [spectral_norm(nn.Conv2d(_CHANNELS, _CHANNELS, 3, padding=1)), nn.LeakyReLU(_SLOPE)]
    return nn.Sequential(*layers, spectral_norm(nn.Conv2d(_CHANNELS, 1, side)))


def change(images: torch.Tensor, settings: TrainGan, random: torch.Generator) -> torch.Tensor:
    """Return `images` (n, channels, H, W; black -1, white 1), each changed in its own way, with gradients.

    `contrast` c: the image's deviations from its mean times 1 - c to 1 + c, and -c to c added to all. `translation`:
    moved by whole pixels, at most that share of the side, and black where nothing moves in. `cutout`: a square with
    that share of the side is set to 0, with its centre anywhere in the image. `random` gives all numbers, on the CPU.
    """
    contrast = settings.contrast
    gain, offset = (1 + contrast * _uniform(images, random), contrast * _uniform(images, random))
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    images = (images - mean) * gain + mean + offset
    images = _translated(images, settings.translation, random)
    return images * _kept(images, settings.cutout, random)


def _translated(images: torch.Tensor, share: float, random: torch.Generator) -> torch.Tensor:
    n, _, height, width = images.shape
    maximum = int(share * height + 0.5)
    dy, dx = torch.randint(-maximum, maximum + 1, (2, n, 1), generator=random).to(images.device)
    padded = torch.nn.functional.pad(images, (maximum,) * 4, value=-1.0)
    rows = torch.arange(height, device=images.device) + maximum - dy
    columns = torch.arange(width, device=images.device) + maximum - dx
    image = torch.arange(n, device=images.device)[:, None, None]
    moved: torch.Tensor = padded.permute(0, 2, 3, 1)[image, rows[:, :, None], columns[:, None, :]]
    return moved.permute(0, 3, 1, 2)


def _kept(images: torch.Tensor, share: float, random: torch.Generator) -> torch.Tensor:
    """0 in a square of each image, 1 elsewhere, (n, 1, H, W)."""
    n, _, height, width = images.shape
    side = int(share * height + 0.5)
    top, left = torch.randint(-(side // 2), height - side // 2, (2, n, 1), generator=random).to(images.device)
    y, x = (torch.arange(length, device=images.device) for length in (height, width))
    inside_y, inside_x = (y >= top) & (y < top + side), (x >= left) & (x < left + side)
    blank: torch.Tensor = inside_y[:, None, :, None] & inside_x[:, None, None, :]
    return (~blank).to(images.dtype)


def _uniform(images: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """A number in [-1, 1) for each image, (n, 1, 1, 1)."""
    return (torch.rand((len(images), 1, 1, 1), generator=random) * 2 - 1).to(images.device)
