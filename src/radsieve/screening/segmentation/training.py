"""Training of a segmenter: on images of one split, with the best epoch chosen on those of another."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from monai.losses.dice import DiceCELoss

from radsieve.imaging.rendering import AS_IT_IS, Rendering
from radsieve.networks.augmentation import augment
from radsieve.networks.checkpoints import Tensors
from radsieve.networks.device import Device
from radsieve.networks.training_state import TrainingState, seed_of_epoch
from radsieve.networks.unets import build_network, freeze_encoder
from radsieve.progress import track
from radsieve.screening.settings import SegmenterSettings
from radsieve.screening.tables import CURVES
from radsieve.settings import NONE, Augmentation

_WARM_UP = 0.15  # share of all steps in which the learning rate rises
_WEIGHT_DECAY = 1e-4
_SMOOTH = 1.0  # pixels: keeps the Dice loss defined where image and prediction are empty

Bytes = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.integer]


@dataclass(frozen=True)
class TrainingImages:
    """`images` (n, channels, H, W) and `masks` (n, 1, H, W; 0 and 1), memory-mapped, the rows of the splits, and how
    the images were rendered."""

    images: Bytes
    masks: Bytes
    train: Rows
    validation: Rows
    test: Rows
    rendering: Rendering = AS_IT_IS


@dataclass(frozen=True)
class SegmenterTraining:
    """The result: the weights of the best and of the last epoch, and screening.tables.CURVES."""

    best: Tensors
    last: Tensors
    curves: pd.DataFrame

    @property
    def best_epoch(self) -> int:
        """The first epoch with the highest validation score."""
        return int(self.curves["epoch"].iloc[self.curves["validation_score"].to_numpy().argmax()])


def segmenter_card(settings: SegmenterSettings, images: TrainingImages) -> dict[str, Any]:
    """Return the card from which a network is rebuilt: the architecture in `settings` and the form of the `images`."""
    _, channels, pixels, _ = images.images.shape
    built = settings.model_dump(include={"width", "depth", "threshold", "mirrored"})
    form = {"channels": channels, "pixels": pixels, **images.rendering.card()}
    return {"encoder": settings.encoder or NONE, **built, **form}


def training_card(settings: SegmenterSettings, training: SegmenterTraining, images: int) -> dict[str, Any]:
    """Return what a card says of the `training` on so many `images`, for a reader."""
    pretrained = settings.encoder is not None
    return {
        "architecture": (
            f"U-Net on {settings.encoder}, decoder" if pretrained else "residual U-Net (MONAI's, two units a level)"
        )
        + f" of {settings.width} channels at full resolution, {settings.depth} halvings",
        "initialisation": "encoder from ImageNet, decoder random" if pretrained else "random",
        "loss": "binary cross-entropy" + (" + 1 - soft Dice" if settings.loss == "bce_dice" else ""),
        "optimiser": f"AdamW, weight decay {_WEIGHT_DECAY:g}, one-cycle learning rate up to {settings.learning_rate:g}",
        "selection": f"the epoch with the greatest mean Dice on validation: {training.best_epoch} of "
        f"{len(training.curves)} run, at most {settings.epochs}",
        "fitted_parameters": sum(int(tensor.numel()) for tensor in training.best.values()),
        "batch": settings.batch,
        "images": images,
    }


def train_segmenter(
    images: TrainingImages, settings: SegmenterSettings, device: Device, state_path: Path
) -> SegmenterTraining:
    """Train by AdamW with a one-cycle learning rate (Smith and Topin 2019) until `epochs`, or without gain.

    `settings` is a set's part of section train_segmenter. The score that chooses the best epoch is the mean Dice
    coefficient of the validation images; `patience` epochs without a better one end the training. The state at
    `state_path` is written after every epoch, and training resumes from it; the caller removes it. The same input gives
    the same weights on the same kind of processor, interrupted or not.

    Raises InputError if the images cannot be halved `depth` times.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed_of_epoch(settings.seed, 0))
        network = device.place(build_network(segmenter_card(settings, images), pretrained=True))
    freeze_encoder(network, settings.frozen_levels)
    batch = min(settings.batch, len(images.train))
    steps = len(images.train) // batch
    rate = settings.learning_rate
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=_WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=steps * settings.epochs + 1, pct_start=_WARM_UP
    )
    changes = Augmentation(**settings.model_dump(include=set(Augmentation.model_fields)))
    state = TrainingState(state_path, network, optimizer, schedule)
    state.restore()
    epochs = range(len(state.history) + 1, settings.epochs + 1)
    for epoch in track(epochs, "training", unit="epoch"):
        if _is_over(state.history, settings.patience):
            break
        random = torch.Generator().manual_seed(seed_of_epoch(settings.seed, epoch))
        order = images.train[torch.randperm(len(images.train), generator=random).numpy()]
        losses = []
        network.train()
        for start in track(range(0, steps * batch, batch), f"epoch {epoch}", unit="batch"):
            inputs, masks = _tensors(images, order[start : start + batch])
            inputs, masks = augment(inputs, masks, changes, random)
            with device.autocast():
                logits = network(device.send(inputs))
            loss = segmentation_loss(logits.float(), device.send(masks), settings.loss)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        validation_loss, score = _validate(network, images, settings, device)
        if all(score > past["validation_score"] for past in state.history):
            state.keep_best()
        state.history.append(
            {
                "epoch": epoch,
                "train_loss": float(np.mean(losses)),
                "validation_loss": validation_loss,
                "validation_score": score,
                "learning_rate": float(schedule.get_last_lr()[0]),
            }
        )
        state.save()
    last = {name: tensor.detach().cpu() for name, tensor in network.state_dict().items()}
    return SegmenterTraining(state.best, last, pd.DataFrame(state.history, columns=list(CURVES.columns)))


def segmentation_loss(logits: torch.Tensor, masks: torch.Tensor, kind: str) -> torch.Tensor:
    """Return the mean binary cross-entropy (`bce`), or its sum with 1 - soft Dice per image (`bce_dice`).

    `logits` and `masks` are (n, 1, H, W); the soft Dice coefficient is 2 sum(pm) / (sum(p) + sum(m)) (Milletari 2016).
    """
    if kind == "bce":
        return torch.nn.functional.binary_cross_entropy_with_logits(logits, masks)
    criterion = DiceCELoss(sigmoid=True, smooth_nr=_SMOOTH, smooth_dr=_SMOOTH)
    loss: torch.Tensor = criterion(logits, masks)
    return loss


def _is_over(history: list[dict[str, float]], patience: int) -> bool:
    """Whether the last `patience` epochs brought no better validation score."""
    scores = [epoch["validation_score"] for epoch in history]
    return bool(scores) and len(scores) - 1 - scores.index(max(scores)) >= patience


@torch.inference_mode()
def _validate(
    network: torch.nn.Module, images: TrainingImages, settings: SegmenterSettings, device: Device
) -> tuple[float, float]:
    """Mean loss and mean Dice coefficient of the validation images."""
    network.eval()
    minimum = float(torch.logit(torch.tensor(settings.threshold)))
    losses, scores = [], []
    for rows in _batches(images.validation, settings.batch):
        inputs, masks = _tensors(images, rows)
        with device.autocast():
            logits = network(device.send(inputs)).float().cpu()
        losses += [segmentation_loss(logits[[i]], masks[[i]], settings.loss).item() for i in range(len(rows))]
        predicted = (logits >= minimum).float()
        total = (predicted + masks).sum(dim=(1, 2, 3))
        dice = 2 * (predicted * masks).sum(dim=(1, 2, 3)) / total.clamp(min=1)
        scores += torch.where(total > 0, dice, 1.0).tolist()
    return float(np.mean(losses)), float(np.mean(scores))


def _batches(rows: Rows, batch: int) -> Iterator[Rows]:
    for start in range(0, len(rows), batch):
        yield rows[start : start + batch]


def _tensors(images: TrainingImages, rows: Rows) -> tuple[torch.Tensor, torch.Tensor]:
    """Images in [0, 1] and masks of these rows."""
    return torch.from_numpy(images.images[rows]).float() / 255, torch.from_numpy(images.masks[rows]).float()
