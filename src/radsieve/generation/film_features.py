"""What a network that was trained on ImageNet sees in films: the features that they are compared by."""

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import interpolate

from radsieve.networks.backbones import EFFICIENTNET_LITE0, pretrained_backbone
from radsieve.networks.device import Device
from radsieve.progress import track

_PIXELS = 128  # at least; the network has nothing to say on smaller films
_BATCH = 32

Bytes = npt.NDArray[np.uint8]
Features = npt.NDArray[np.float32]


class FilmFeatures:
    """EfficientNet-Lite0's last maps, averaged over the film: 320 features, from the weights of its package.

    They are not the 2,048 features of Inception that the papers on FID and KID used: values compare with each other,
    not with those of papers.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._network = device.place(pretrained_backbone(EFFICIENTNET_LITE0, 32, None, "features")).eval()

    @torch.inference_mode()
    def __call__(self, films: Bytes) -> Features:
        """Return the features (n, 320) of `films` (n, 1 or 3, H, H), enlarged to 128 pixels if they are smaller."""
        pixels = max(films.shape[-1], _PIXELS)
        found = []
        for start in track(range(0, len(films), _BATCH), "features", unit="batch"):
            batch = self._device.send(torch.from_numpy(np.array(films[start : start + _BATCH]))).float() / 255
            batch = interpolate(batch, size=pixels, mode="bilinear")
            found.append(self._network(batch).mean(dim=(2, 3)).cpu().numpy())
        return np.concatenate(found)
