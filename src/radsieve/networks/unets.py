"""The U-Nets that segment images: a residual one, or MONAI's decoder on an encoder that was trained on ImageNet.

The residual U-Net (Ronneberger et al. 2015; residual units of Kerfoot et al. 2019) is MONAI's `UNet` with two residual
units a level, module by module: the same names, initial weights and results. It is written here in plain PyTorch
because importing any part of MONAI imports all of it, which takes longer than segmenting the images of most runs.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from radsieve.errors import InputError
from radsieve.networks.backbones import efficientnet_lite0, imagenet_input
from radsieve.networks.cards import whole

_MOMENTUM = 0.1  # of batch statistics; the encoder's own 0.01 would need hundreds of steps to leave ImageNet's behind


def build_network(card: Mapping[str, Any], pretrained: bool = False) -> torch.nn.Module:
    """Build the network of a card: `encoder` (none, efficientnet_lite0), `width`, `depth`, `channels`, `pixels`.

    Its weights are random, except those of an encoder from ImageNet if `pretrained`. Raises InputError if `pixels`
    cannot be halved `depth` times.
    """
    width, depth = whole(card, "width"), whole(card, "depth", 1, 10)
    if card["pixels"] % 2**depth:
        raise InputError(
            f"images of {card['pixels']} pixels cannot be halved {depth} times; lower depth, or pack again"
        )
    if card["encoder"] == "efficientnet_lite0":
        return PretrainedUNet(width, depth, pretrained)
    return UNet(card["channels"], [width * 2**level for level in range(depth + 1)])


def freeze_encoder(network: torch.nn.Module, levels: int) -> None:
    """Freeze the first `levels` of a pretrained encoder; a network without one is unchanged."""
    if isinstance(network, PretrainedUNet):
        network.encoder.freeze(levels)


def _convolution(inputs: int, outputs: int, stride: int = 1, up: bool = False, bare: bool = False) -> nn.Module:
    """A convolution of 3x3 pixels, with batch normalisation and PReLU unless `bare`; `up` enlarges by the stride."""
    if up:
        convolution: nn.Module = nn.ConvTranspose2d(inputs, outputs, 3, stride, padding=1, output_padding=stride - 1)
    else:
        convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1)
    parts = OrderedDict(conv=convolution)
    if not bare:
        parts["adn"] = nn.Sequential(OrderedDict(N=nn.BatchNorm2d(outputs), A=nn.PReLU()))
    return nn.Sequential(parts)


class ResidualUnit(nn.Module):
    """Convolutions whose result is added to their input, which a convolution brings to the same shape if need be."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, units: int = 2, last_bare: bool = False) -> None:
        super().__init__()
        self.conv = nn.Sequential()
        for unit in range(units):
            first, last = unit == 0, unit == units - 1
            layer = _convolution(inputs if first else outputs, outputs, stride if first else 1, bare=last and last_bare)
            self.conv.add_module(f"unit{unit}", layer)
        self.residual: nn.Module = nn.Identity()
        if stride != 1:
            self.residual = nn.Conv2d(inputs, outputs, 3, stride, padding=1)
        elif inputs != outputs:
            self.residual = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return maps (n, outputs, H / stride, W / stride) of `x` (n, inputs, H, W)."""
        shortcut: torch.Tensor = self.residual(x)
        return self.conv(x) + shortcut  # type: ignore[no-any-return]


class Skip(nn.Module):
    """The output of a module, concatenated after its input."""

    def __init__(self, submodule: nn.Module) -> None:
        super().__init__()
        self.submodule = submodule

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return both (n, channels of both, H, W)."""
        return torch.cat([x, self.submodule(x)], dim=1)


class UNet(nn.Module):
    """A residual U-Net with `widths` channels at each level, every level of half the height and width of the last."""

    def __init__(self, inputs: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.model = self._level(inputs, 1, widths, top=True)

    def _level(self, inputs: int, outputs: int, widths: Sequence[int], top: bool) -> nn.Module:
        """The way down from a level, all that lies below it, and the way up again (built in MONAI's order)."""
        width, *deeper = widths
        if len(deeper) > 1:
            below, found = self._level(width, width, deeper, top=False), width
        else:
            below, found = ResidualUnit(width, deeper[0]), deeper[0]
        down = ResidualUnit(inputs, width, stride=2)
        up = nn.Sequential(
            _convolution(width + found, outputs, stride=2, up=True),
            ResidualUnit(outputs, outputs, units=1, last_bare=top),
        )
        return nn.Sequential(down, Skip(below), up)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits (n, 1, H, W) of images (n, inputs, H, W); H and W are multiples of 2^(levels - 1)."""
        logits: torch.Tensor = self.model(images)
        return logits


class DepthwiseConvolution(torch.nn.Module):
    """A depthwise convolution that trains in float32 on the CPU: its gradient takes four times as long in bfloat16."""

    def __init__(self, convolution: torch.nn.Module) -> None:
        super().__init__()
        self.convolution = convolution

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the convolution of `x` (n, channels, H, W)."""
        if not torch.is_grad_enabled() or x.device.type != "cpu":
            return self.convolution(x)  # type: ignore[no-any-return]
        with torch.autocast("cpu", enabled=False):
            return self.convolution(x.float())  # type: ignore[no-any-return]


class Lite0Features(torch.nn.Module):
    """EfficientNet-Lite0 without its head: the feature maps at strides 2, 4, ..., 2^levels (1 to 5 levels)."""

    CHANNELS = (16, 24, 40, 112, 320)  # of the feature map at each stride
    _ENDS = (1, 3, 5, 11, 16)  # blocks up to and including the last one at each stride

    def __init__(self, levels: int, pretrained: bool) -> None:
        super().__init__()
        network = efficientnet_lite0(pretrained)
        parts = dict(network.named_children())
        blocks = list(parts["_blocks"].children())
        for block in blocks:
            block._depthwise_conv = DepthwiseConvolution(block._depthwise_conv)  # type: ignore[arg-type]
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = _MOMENTUM
        starts = (0, *self._ENDS[:-1])
        self.stem = torch.nn.Sequential(parts["_conv_stem"], parts["_bn0"], parts["_swish"])
        self.levels = torch.nn.ModuleList(
            torch.nn.Sequential(*blocks[start:end])
            for start, end in zip(starts[:levels], self._ENDS[:levels], strict=True)
        )
        self.frozen_levels = 0

    def freeze(self, levels: int) -> None:
        """Freeze the stem and the first `levels`: no gradients, and batch norms with fixed statistics."""
        self.frozen_levels = levels
        for part in self._frozen():
            part.requires_grad_(False)

    def train(self, mode: bool = True) -> "Lite0Features":
        """Set the mode of the trained parts."""
        super().train(mode)
        for part in self._frozen():
            part.eval()
        return self

    def _frozen(self) -> list[torch.nn.Module]:
        return [self.stem, *self.levels[: self.frozen_levels]] if self.frozen_levels else []

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Return the feature maps of `images` (n, 3, H, W), which come from `imagenet_input`, finest first."""
        features = []
        trained = torch.is_grad_enabled()
        with torch.set_grad_enabled(trained and not self.frozen_levels):
            x = self.stem(images)
        for number, level in enumerate(self.levels):
            with torch.set_grad_enabled(trained and number >= self.frozen_levels):
                x = level(x)
            features.append(x)
        return features


class PretrainedUNet(torch.nn.Module):
    """EfficientNet-Lite0 as encoder, with MONAI's U-Net decoder.

    The decoder has `width` channels at full resolution and twice as many at each of `depth` halvings (1 to 5).
    """

    def __init__(self, width: int, depth: int, pretrained: bool) -> None:
        super().__init__()
        # seconds of import that the residual U-Net does not need
        from monai.networks.nets.flexible_unet import SegmentationHead, UNetDecoder

        self.encoder = Lite0Features(depth, pretrained)
        self.decoder = UNetDecoder(
            spatial_dims=2,
            encoder_channels=(3, *Lite0Features.CHANNELS[:depth]),
            decoder_channels=[width * 2**level for level in reversed(range(depth))],
            act=("relu", {"inplace": True}),
            norm="batch",
            dropout=0.0,
            bias=False,
            upsample="nontrainable",
            pre_conv="default",
            interp_mode="nearest",
            align_corners=None,
            is_pad=False,
        )
        self.head = SegmentationHead(spatial_dims=2, in_channels=width, out_channels=1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits (n, 1, H, W) of images (n, 1 or 3, H, W) in [0, 1]; H and W are multiples of 2^depth."""
        inputs = imagenet_input(images)
        features = self.encoder(inputs)
        logits: torch.Tensor = self.head(self.decoder([inputs, *features], len(features) - 1))
        return logits
