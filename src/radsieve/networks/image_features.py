"""The features by which images are compared, from a network that was trained on ImageNet."""

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import interpolate

from radsieve.networks.backbones import EFFICIENTNET_LITE0, pretrained_backbone
from radsieve.networks.device import Device

_PIXELS = 128  # at least; the network is of no use on smaller images

Bytes = npt.NDArray[np.uint8]
Features = npt.NDArray[np.float32]


class ImageFeatures:
    """EfficientNet-Lite0's last maps, averaged over the image: 320 features, from the weights of its package.

    They are not the 2,048 features of Inception that the publications on FID and KID used: values can be compared with
    each other, not with published ones.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._network = device.place(pretrained_backbone(EFFICIENTNET_LITE0, 32, None, "features")).eval()

    def __call__(self, images: Bytes) -> Features:
        """Return the features (n, 320) of `images` (n, 1 or 3, H, H), enlarged to 128 pixels if they are smaller."""
        parts = self._device.parts(len(images), lambda rows: self._look(images[rows]), "features")
        return np.concatenate([found for _, found in parts])

    @torch.inference_mode()
    def _look(self, images: Bytes) -> Features:
        batch = self._device.send(torch.from_numpy(np.array(images))).float() / 255
        batch = interpolate(batch, size=max(images.shape[-1], _PIXELS), mode="bilinear")
        return np.asarray(self._network(batch).mean(dim=(2, 3)).cpu().numpy())
