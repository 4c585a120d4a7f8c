"""Classifiers of images: a backbone from ImageNet, average pooling, and one linear unit with a sigmoid."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from radsieve.errors import InputError
from radsieve.networks.backbones import Backbone, build_backbone
from radsieve.networks.cards import real, whole
from radsieve.networks.checkpoints import read_checkpoint, rebuilt, write_checkpoint
from radsieve.networks.device import Device
from radsieve.networks.heatmaps import pooled_grad_cam, put_together
from radsieve.networks.views import HALVES, WHOLE, View, cut, image_views, resized, stretched

KIND = "classifier"
THRESHOLD = 0.5  # where nothing better is known, the minimum probability of an image that is called positive


@dataclass(frozen=True)
class Preprocessing:
    """What is done to an image before the backbone: see the functions of `radsieve.networks.views`."""

    input_pixels: int
    top_crop: float
    views: str
    clip_share: float

    def __post_init__(self) -> None:
        if self.views not in (WHOLE, HALVES) or not 0 <= self.top_crop < 1 or self.input_pixels < 1:
            raise ValueError(f"no such preprocessing: {self}")

    def regions(self) -> list[View]:
        """The views of an image of `input_pixels`."""
        return image_views(self.views, self.top_crop, self.input_pixels, self.input_pixels)

    def prepare(self, images: torch.Tensor) -> torch.Tensor:
        """Bring `images` (n, channels, H, W), bytes, to `input_pixels` and to [0, 1]."""
        return stretched(resized(images.float() / 255, self.input_pixels).clamp(0, 1), self.clip_share)


class Network(torch.nn.Module):
    """Maps of the backbone, their means over the cells of a `grid` x `grid` grid, and the linear unit.

    A grid of 1 is global average pooling; a finer one retains location.
    """

    def __init__(self, backbone: Backbone, grid: int) -> None:
        super().__init__()
        self.backbone, self.grid = backbone, grid
        self.output = torch.nn.Linear(backbone.channels * grid**2, 1)

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        """Return the logit (n,) of each of the `views` (n, channels, H, W) in [0, 1]."""
        return self.answer(self.backbone(views))

    def answer(self, maps: torch.Tensor) -> torch.Tensor:
        """Return the logit (n,) of the backbone's `maps` (n, k, h, w)."""
        logits: torch.Tensor = self.output(pooled(maps, self.grid))[:, 0]
        return logits

    def heat(self, maps: torch.Tensor) -> torch.Tensor:
        """Return the Grad-CAM map (n, h, w) of the logit of `maps` (n, k, h, w)."""
        return pooled_grad_cam(maps, self.output.weight.view(-1, self.grid, self.grid))


def pooled(maps: torch.Tensor, grid: int) -> torch.Tensor:
    """Return the means of `maps` (n, k, h, w) over the cells of a grid, (n, k x grid x grid)."""
    return torch.nn.functional.adaptive_avg_pool2d(maps, grid).flatten(1)


@dataclass(frozen=True)
class Classifier:
    """A network that is ready to use, and the card that it came with.

    The logit of an image is the mean of those of its views; the probability is that of the label `positive`.
    """

    network: Network
    preprocessing: Preprocessing
    device: Device
    card: Mapping[str, Any]

    @property
    def pixels(self) -> int:
        """Height and width of the images that it was trained on."""
        return int(self.card["pixels"])

    @property
    def channels(self) -> int:
        """1 for grey images, 3 for coloured ones."""
        return int(self.card["channels"])

    @property
    def positive(self) -> str:
        """The label whose probability it gives."""
        return str(self.card["positive"])

    @property
    def threshold(self) -> float:
        """The minimum probability of an image that is called positive: the operating point that was chosen."""
        return float(self.card.get("operating_point", {}).get("probability", THRESHOLD))


def save_classifier(path: Path, classifier: Classifier) -> None:
    """Write weights and card of a classifier, from which `load_classifier` rebuilds it, atomically."""
    preprocessing = asdict(classifier.preprocessing)
    card = {"compute": classifier.device.card(), **classifier.card, "kind": KIND, "preprocessing": preprocessing}
    write_checkpoint(path, classifier.network.state_dict(), card)


def load_classifier(path: Path, device: Device) -> Classifier:
    """Rebuild a classifier from its checkpoint, on `device`.

    Raises InputError if the file is missing, truncated, a pickle, or a checkpoint of another kind or architecture.
    """
    weights, card = read_checkpoint(path, KIND)
    try:
        whole(card, "pixels", 1, 16384), whole(card, "channels", 1, 3), whole(card, "grid", 1, 64)
        real({"probability": THRESHOLD, **card.get("operating_point", {})}, "probability")
        preprocessing = Preprocessing(**card["preprocessing"])
        network = rebuilt(
            lambda: Network(build_backbone(card["backbone"], card["stride"]), card["grid"]), weights, path
        )
        classifier = Classifier(cast(Network, network), preprocessing, device, card)
        _ = classifier.positive
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: its card does not describe a classifier ({error!r}); train it again") from None
    device.place(network).eval()
    return classifier


@dataclass(frozen=True)
class Examined:
    """The output of a classifier for n images.

    probability: (n,); heat: (n, H, W), the Grad-CAM map of each view's logit, laid over the image and not rescaled, 0
    where the top is cropped; features: (n, k), the inputs of the linear unit, view after view.
    """

    probability: NDArray[np.float32]
    heat: NDArray[np.float32]
    features: NDArray[np.float32]


def examine(classifier: Classifier, images: NDArray[np.uint8]) -> Examined:
    """Examine `images` (n, channels, H, W), in batches.

    Raises InputError for images of another number of channels than the classifier was trained on.
    """
    if images.shape[1] != classifier.channels:
        raise InputError(f"images of {images.shape[1]} channels, but the classifier takes {classifier.channels}")
    features = classifier.network.output.in_features * len(classifier.preprocessing.regions())
    found = Examined(
        np.empty(len(images), dtype=np.float32),
        np.empty((len(images), *images.shape[2:]), dtype=np.float32),
        np.empty((len(images), features), dtype=np.float32),
    )
    for rows, of_split in classifier.device.parts(
        len(images), lambda rows: _examine(classifier, images[rows]), "classifying"
    ):
        found.probability[rows], found.heat[rows], found.features[rows] = of_split
    return found


def classify(classifier: Classifier, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return probability and heat of `images`, as `examine` finds them."""
    found = examine(classifier, images)
    return found.probability, found.heat


def pooled_features(
    network: Network, preprocessing: Preprocessing, device: Device, images: torch.Tensor
) -> torch.Tensor:
    """Return the inputs of the linear unit, (n, views, features), for `images` brought through `preprocessing`."""

    def look(rows: slice) -> torch.Tensor:
        maps = _view_maps(network.backbone, preprocessing.regions(), device, images[rows])
        return torch.stack([pooled(one, network.grid).cpu() for one in maps], dim=1)

    return torch.cat([found for _, found in device.parts(len(images), look, "features")])


@torch.inference_mode()
def _view_maps(backbone: Backbone, views: list[View], device: Device, prepared: torch.Tensor) -> Iterator[torch.Tensor]:
    """The backbone's maps (n, k, h, w), as float32, of each view of the images."""
    for view in views:
        with device.autocast():
            maps = backbone(device.send(cut(prepared, view)))
        yield maps.float()


@torch.inference_mode()
def _examine(
    classifier: Classifier, images: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    preprocessing, network = classifier.preprocessing, classifier.network
    views = preprocessing.regions()
    prepared = preprocessing.prepare(torch.from_numpy(np.array(images)))
    logits, heat, features = [], [], []
    for maps in _view_maps(network.backbone, views, classifier.device, prepared):
        logits.append(network.answer(maps))
        heat.append(network.heat(maps))
        features.append(pooled(maps, network.grid))
    side = preprocessing.input_pixels
    image_heat = put_together(torch.stack(heat, dim=1), views, side, side)[:, None]
    if image_heat.shape[2:] != images.shape[2:]:
        image_heat = torch.nn.functional.interpolate(image_heat, size=images.shape[2:], mode="bilinear")
    probability = torch.sigmoid(torch.stack(logits).mean(dim=0))
    return probability.cpu().numpy(), image_heat[:, 0].cpu().numpy(), torch.cat(features, dim=1).cpu().numpy()
