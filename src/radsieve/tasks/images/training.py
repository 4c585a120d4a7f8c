"""Training of networks that tell classes apart, and of backbones from ImageNet; resumed where it was interrupted."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch.nn import BatchNorm2d
from torch.nn.functional import cross_entropy, interpolate

from radsieve.errors import InputError
from radsieve.networks.augmentation import augment
from radsieve.networks.backbones import EFFICIENTNET_LITE0, Backbone, Lite0, build_backbone, pretrained_backbone
from radsieve.networks.blocks import BlockNetwork, Blocks, TunedBackbone
from radsieve.networks.checkpoints import rebuilt
from radsieve.networks.device import Device
from radsieve.networks.training_state import TrainingState, seed_of_epoch
from radsieve.progress import track
from radsieve.settings import Augmentation, ImageChanges
from radsieve.tasks.images.learners import (
    Bytes,
    Fitted,
    Floats,
    Form,
    Head,
    Inputs,
    Integers,
    Learner,
    Lesson,
    best_temperature,
    calibrated,
    log_loss,
)
from radsieve.tasks.images.settings import ClassifierSettings

_MOMENTUM, _WEIGHT_DECAY, _WARM_UP = 0.9, 1e-2, 0.15
_STRIDE = 32
_CHANNELS = 320
_FULL = 255.0
_TINY = 1e-8
_AT_A_TIME = 256
_SETTLED = 512  # training images of which batch normalisation takes means and spreads

_LEVELS = 2  # of the backbone whose maps give features: at strides 16 and 32
_BEFORE_LAST = 112  # maps of the level before the last one

Network = BlockNetwork | TunedBackbone


@dataclass(frozen=True)
class Training:
    """Settings, device, and where the state of each training is stored: a file for each name."""

    settings: ClassifierSettings
    device: Device
    states: Path


class FrozenBackbone(Learner):
    """Features of EfficientNet-Lite0 at several input sizes: the means of its last maps; and a model of them."""

    def __init__(self, pixels: tuple[int, ...], head: Head, device: Device) -> None:
        self._pixels, self._head, self._device = pixels, head, device

    def inputs(self, images: Bytes) -> Inputs:
        """See `Learner`."""
        device, network = self._device, _folded(self._device)

        @torch.inference_mode()
        def look(rows: slice) -> Inputs:
            found = []
            for pixels in self._pixels:
                levels = network.levels(device.send(_resized(images[rows], pixels)))
                found += [_pooled(maps) for maps in levels[-_LEVELS:]]
            return np.asarray(torch.cat(found, dim=1).cpu().numpy(), dtype=np.float32)

        return np.concatenate([found for _, found in device.parts(len(images), look, "features")])

    def fit(self, inputs: Inputs, lesson: Lesson) -> Fitted:
        """See `Learner`."""
        return self._head(inputs, lesson)

    def maps(self, images: Bytes) -> torch.Tensor:
        """The last maps (n, k, h, w) of the first input."""
        with torch.no_grad():
            return _lite0().eval().levels(_resized(images, self._pixels[0]))[-1]

    def answer(self, fitted: Fitted, maps: torch.Tensor) -> torch.Tensor:
        """The part of the logits (n, classes) that comes from `maps`; what other features add does not change."""
        weights = torch.from_numpy(np.asarray(fitted.tensors["coefficients"]))
        if len(weights) == 1:
            weights = torch.cat([-weights / 2, weights / 2])
        first = 2 * _BEFORE_LAST
        return _pooled(maps) @ weights[:, first : first + 2 * maps.shape[1]].T


class Trained(Learner):
    """A network that is trained on images: one of blocks, or a backbone whose last blocks are trained on.

    If it is trained on mirrored images, too, its logits of an image are the means of those of the image and its mirror
    image.
    """

    random, aligns = True, False

    def __init__(
        self,
        name: str,
        pixels: int,
        scale: float,
        training: Training,
        build: Callable[[int, int], Network],
        bare: Callable[[int, int], Network] | None = None,
    ) -> None:
        """`bare` builds the same network without the weights that it begins with, if these have to be read."""
        self.name, self._pixels, self._scale, self._training = name, pixels, scale, training
        self._build, self._bare = build, bare

    def inputs(self, images: Bytes) -> Inputs:
        """The images at the network's input, as bytes."""
        if images.shape[2:] == (self._pixels, self._pixels):
            return images
        blocks = [slice(start, start + _AT_A_TIME) for start in range(0, len(images), _AT_A_TIME)]
        return np.concatenate([_bytes(_resized(images[rows], self._pixels)) for rows in blocks])

    def fit(self, inputs: Inputs, lesson: Lesson) -> Fitted:
        """See `Learner`. Raises InputError if the training diverges."""
        settings, device = self._training.settings, self._training.device
        with torch.random.fork_rng():
            torch.manual_seed(seed_of_epoch(lesson.seed, 0))
            network = self._build(inputs.shape[1], lesson.classes)
        device.place(network)
        batch = min(settings.batch, len(lesson.train))
        steps = len(lesson.train) // batch
        optimizer, schedule = _optimizer(network, settings, steps * settings.epochs)
        state = TrainingState(self._training.states / f"{self._file(lesson)}.safetensors", network, optimizer, schedule)
        state.restore()
        truth = torch.from_numpy(lesson.truth)
        for epoch in track(range(len(state.history) + 1, settings.epochs + 1), f"training {self.name}", unit="epoch"):
            random = torch.Generator().manual_seed(seed_of_epoch(lesson.seed, epoch))
            torch.manual_seed(seed_of_epoch(lesson.seed, epoch))  # of dropout
            order = lesson.train[torch.randperm(len(lesson.train), generator=random).numpy()]
            network.train()
            losses = []
            for start in range(0, steps * batch, batch):
                rows = order[start : start + batch]
                images = torch.from_numpy(np.asarray(inputs[rows])).float() / _FULL
                images, _ = augment(images, torch.zeros_like(images[:, :1]), _changes(settings), random)
                with device.autocast():
                    logits = network(device.send(images * (_FULL / self._scale)))
                loss = cross_entropy(logits.float(), truth[rows].to(device.device))
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                schedule.step()
                losses.append(loss.item())
            if isinstance(network, TunedBackbone):
                _settle(network, inputs[np.sort(order[:_SETTLED])], self._scale, device)
            found = self._logits(network, inputs[lesson.validation])
            if not np.isfinite(found).all():
                raise InputError(f"answers are no numbers after epoch {epoch}; lower learning_rate")
            true = lesson.truth[lesson.validation]
            own = log_loss(found / best_temperature(found, true), true)  # as what is stored answers
            if all(own < past["validation_loss"] for past in state.history):
                state.keep_best()
            right = float((found.argmax(axis=1) == true).mean())
            numbers = {"train_loss": float(np.mean(losses)), "validation_loss": own, "validation_accuracy": right}
            state.history.append({"epoch": epoch, **numbers})
            state.save()
        network.load_state_dict(state.best)
        network.eval()
        chosen = 1 + int(np.argmin([past["validation_loss"] for past in state.history]))
        fitted = Fitted(
            lambda rows: self._logits(network, rows),
            curves=tuple(state.history),
            chosen=f"epoch {chosen} of {settings.epochs}",
            parameters=sum(part.numel() for part in network.parameters() if part.requires_grad),
            tensors=state.best,
            network=network,
        )
        return calibrated(fitted, inputs, lesson)

    def restored(self, tensors: Mapping[str, Any], form: Form, source: Path) -> Fitted:
        """See `Learner`."""
        bare = self._bare or self._build
        network = cast(Network, rebuilt(lambda: bare(form.channels, form.classes), dict(tensors), source))
        self._training.device.place(network)
        return Fitted(lambda rows: self._logits(network, rows))

    def shown(self, images: Bytes) -> torch.Tensor:
        """`images` at the input of the network and in the range that it was trained on."""
        return torch.from_numpy(np.array(self.inputs(images))).float() / self._scale

    def _logits(self, network: Network, inputs: Inputs) -> Floats:
        network.eval()
        device = self._training.device

        @torch.inference_mode()
        def look(rows: slice) -> Floats:
            images = device.send(torch.from_numpy(np.array(inputs[rows])).float() / self._scale)
            with device.autocast():
                logits = network(images).float()
                if self._training.settings.mirror:
                    logits = (logits + network(images.flip(-1)).float()) / 2
            return np.asarray(logits.cpu().numpy(), dtype=np.float64)

        return np.concatenate([found for _, found in device.parts(len(inputs), look, self.name)])

    def _file(self, lesson: Lesson) -> str:
        """A name for the training: of another split it is another one."""
        return f"{self.name.replace(' ', '-')}-{lesson.seed}-{_digest(lesson.train)}-{_digest(lesson.validation)}"


def changed_copies(images: Bytes, settings: ClassifierSettings) -> Bytes:
    """Copies of `images` (n, channels, H, W) that are changed as training images are, the same ones each time."""
    random = torch.Generator().manual_seed(settings.seed)
    found = []
    for start in range(0, len(images), _AT_A_TIME):
        some = torch.from_numpy(np.array(images[start : start + _AT_A_TIME])).float() / _FULL
        found.append(_bytes(augment(some, torch.zeros_like(some[:, :1]), _changes(settings), random)[0]))
    return np.concatenate(found)


def _changes(settings: ClassifierSettings) -> Augmentation:
    """How training images are changed."""
    own = settings.model_dump(include=set(ImageChanges.model_fields))
    return Augmentation(**own, elastic=0, invert=0)


def _settle(network: TunedBackbone, inputs: Inputs, scale: float, device: Device) -> None:
    """Take means and spreads of batch normalisation anew, from these inputs as they are.

    Those gathered in training are of changed images and of weights long past (Wu and Johnson 2021, arXiv:2105.07576).
    """
    live = [part for part in network.modules() if isinstance(part, BatchNorm2d) and part.training]  # not what is frozen
    momenta = [part.momentum for part in live]
    for part in live:
        part.reset_running_stats()
        part.momentum = None  # the mean over all batches
    with torch.no_grad():
        for start in range(0, len(inputs), _AT_A_TIME):
            network(device.send(torch.from_numpy(np.array(inputs[start : start + _AT_A_TIME])).float() / scale))
    for part, momentum in zip(live, momenta, strict=True):
        part.momentum = momentum


def block_network(name: str, training: Training) -> Trained:
    """The network of blocks that the text `name` describes. Raises ValueError if the images are too small for it."""
    settings, blocks = training.settings, Blocks.of(name)
    blocks.side(settings.input_pixels)

    def build(channels: int, classes: int) -> Network:
        pixels, dense, dropout = settings.input_pixels, settings.dense, settings.dropout
        return BlockNetwork(blocks, channels, pixels, classes, dense, dropout)

    return Trained(name, settings.input_pixels, settings.scale, training, build)


def tuned_backbone(name: str, pixels: int, unfrozen: int, training: Training) -> Trained:
    """EfficientNet-Lite0, its last `unfrozen` blocks trained on, with images of so many pixels in [0, 1]."""

    def build(classes: int, backbone: Backbone) -> Network:
        return TunedBackbone(backbone, _CHANNELS, unfrozen, classes, training.settings.dropout)

    return Trained(
        name, pixels, _FULL, training,
        lambda _, classes: build(classes, pretrained_backbone(EFFICIENTNET_LITE0, _STRIDE, None, "variants")),
        lambda _, classes: build(classes, build_backbone(EFFICIENTNET_LITE0, _STRIDE)),
    )  # fmt: skip


def _folded(device: Device) -> Lite0:
    """The backbone on the device, for use alone."""
    network = _lite0().folded()
    device.place(network)
    return network


def _lite0() -> Lite0:
    return Lite0(_STRIDE, pretrained=True)


def _pooled(maps: torch.Tensor) -> torch.Tensor:
    """Mean and standard deviation (n, 2 k) of each of the maps (n, k, h, w)."""
    spread = (maps.var(dim=(2, 3), correction=0) + _TINY).sqrt()  # not 0, where it has no gradient
    return torch.cat([maps.mean(dim=(2, 3)), spread], dim=1)


def _optimizer(
    network: torch.nn.Module, settings: ClassifierSettings, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """AdamW with a one-cycle rate for a backbone (Smith and Topin 2019), else a constant rate, as was published."""
    learnt = [part for part in network.parameters() if part.requires_grad]
    rate = settings.learning_rate
    if isinstance(network, TunedBackbone):
        optimizer: torch.optim.Optimizer = torch.optim.AdamW(learnt, lr=rate, weight_decay=_WEIGHT_DECAY)
        return optimizer, torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps + 1, pct_start=_WARM_UP)
    if settings.optimizer == "sgd":
        optimizer = torch.optim.SGD(learnt, lr=rate, momentum=_MOMENTUM)
    else:
        optimizer = torch.optim.AdamW(learnt, lr=rate, weight_decay=0)
    return optimizer, torch.optim.lr_scheduler.ConstantLR(optimizer, 1.0, 1)


def _resized(images: Bytes, pixels: int) -> torch.Tensor:
    """The images in [0, 1] at this size, antialiased where they shrink."""
    found = torch.from_numpy(np.array(images)).float() / _FULL
    if found.shape[2:] == (pixels, pixels):
        return found
    return interpolate(found, size=(pixels, pixels), mode="bilinear", antialias=True, align_corners=False).clamp(0, 1)


def _bytes(images: torch.Tensor) -> Bytes:
    return np.asarray((images * _FULL).round().to(torch.uint8).numpy())


def _digest(rows: Integers) -> str:
    return hashlib.sha256(np.ascontiguousarray(rows).tobytes()).hexdigest()[:12]
