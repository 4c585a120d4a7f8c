"""The U-Nets that segment images: MONAI's, or MONAI's decoder above an encoder that was trained on ImageNet."""

from collections.abc import Mapping
from typing import Any

import torch
from monai.networks.nets.flexible_unet import SegmentationHead, UNetDecoder
from monai.networks.nets.unet import UNet

from radsieve.errors import InputError
from radsieve.networks.backbones import efficientnet_lite0, imagenet_input

_MOMENTUM = 0.1  # of batch statistics; the encoder's own 0.01 would need hundreds of steps to leave ImageNet's behind


def build_network(card: Mapping[str, Any], pretrained: bool = False) -> torch.nn.Module:
    """Build the network of a card: `encoder` (none, efficientnet_lite0), `width`, `depth`, `channels`, `pixels`.

    Its weights are random, but those of an encoder from ImageNet if `pretrained`.
    Raises InputError if `pixels` cannot be halved `depth` times.
    """
    width, depth = card["width"], card["depth"]
    if card["pixels"] % 2**depth:
        raise InputError(f"images of {card['pixels']} pixels cannot be halved {depth} times; lower depth, or pack anew")
    if card["encoder"] == "efficientnet_lite0":
        return PretrainedUNet(width, depth, pretrained)
    return UNet(
        spatial_dims=2,
        in_channels=card["channels"],
        out_channels=1,
        channels=[width * 2**level for level in range(depth + 1)],
        strides=[2] * depth,
        num_res_units=2,
        norm="batch",
    )


def freeze_encoder(network: torch.nn.Module, levels: int) -> None:
    """Keep the first `levels` of a pretrained encoder as ImageNet left them; a network without one stays as it is."""
    if isinstance(network, PretrainedUNet):
        network.encoder.freeze(levels)


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
    _ENDS = (1, 3, 5, 11, 16)  # blocks up to and with the last one at each stride

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
        """Keep the stem and the first `levels` as they are: no gradients, and batch norms with fixed statistics."""
        self.frozen_levels = levels
        for part in self._frozen():
            part.requires_grad_(False)

    def train(self, mode: bool = True) -> "Lite0Features":
        """Set the mode of what is trained."""
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
    """EfficientNet-Lite0 as encoder, MONAI's U-Net decoder above it.

    The decoder has `width` channels at full resolution and twice as many at each of `depth` halvings (1 to 5).
    """

    def __init__(self, width: int, depth: int, pretrained: bool) -> None:
        super().__init__()
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
