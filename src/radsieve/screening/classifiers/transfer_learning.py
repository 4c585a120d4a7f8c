"""Transfer learning: a frozen backbone from ImageNet, and one linear unit fitted to its pooled features."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from radsieve.errors import InputError
from radsieve.networks.augmentation import augment
from radsieve.networks.backbones import pretrained_backbone
from radsieve.networks.classifier import Network, Preprocessing, pooled_features
from radsieve.networks.device import Device
from radsieve.progress import track, working
from radsieve.screening.settings import Transfer
from radsieve.settings import Augmentation, expand

Floats = NDArray[np.float64]
Flags = NDArray[np.int64]

_BATCH = 32
_ITERATIONS = 3000  # at most, of L-BFGS
_MIN_SLOPE = 1e-6  # of Platt's sigmoid: a classifier that is wrong more often than right is not inverted


@dataclass(frozen=True)
class LinearUnit:
    """The linear unit: the logit of features x is `weights` (k,) times x, plus `bias`."""

    weights: Floats
    bias: float

    def logits(self, features: Floats) -> Floats:
        """Return the logit (n,) of images from the features (n, views, k) of their views: the mean of the views'."""
        logits: Floats = features.mean(axis=1) @ self.weights + self.bias
        return logits

    def scaled(self, slope: float, offset: float) -> "LinearUnit":
        """Return the unit whose logits are `slope` times those of this one, plus `offset`."""
        return LinearUnit(self.weights * slope, self.bias * slope + offset)


def frozen_network(settings: Transfer, section: str, device: Device) -> Network:
    """Build the pretrained network of `settings` (backbone, stride, weights, grid), a `section` of params.yaml.

    Its linear unit is still random. Raises InputError if the weights file is not usable.
    """
    parameter = f"{section}.weights"
    weights = expand(settings.weights, parameter) if settings.weights else None
    network = Network(pretrained_backbone(settings.backbone, settings.stride, weights, parameter), settings.grid)
    device.place(network).eval()
    return network


def preprocessing_of(settings: Transfer, **changed: Any) -> Preprocessing:
    """The preprocessing that `settings`, a section of params.yaml, specify, with some of them `changed`."""
    names = {field.name for field in fields(Preprocessing)}
    return Preprocessing(**settings.model_dump(include=names) | changed)


def image_features(
    network: Network,
    preprocessing: Preprocessing,
    device: Device,
    images: NDArray[np.uint8],
    rows: NDArray[np.int64],
    changes: Augmentation | None = None,
    seed: int = 0,
) -> Floats:
    """Return the features (rows, views, k) of `rows` of `images` (n, channels, H, W), memory-mapped, in batches.

    With `changes`, each image is changed at random by `seed`.
    """
    random = torch.Generator().manual_seed(seed)
    features = []
    for start in track(range(0, len(rows), _BATCH), "features", unit="batch"):
        prepared = preprocessing.prepare(torch.from_numpy(images[rows[start : start + _BATCH]]))
        if changes:
            prepared, _ = augment(prepared, torch.zeros_like(prepared[:, :1]), changes, random)
        features.append(pooled_features(network, preprocessing, device, prepared))
    return torch.cat(features).numpy().astype(float)


def training_features(
    network: Network,
    preprocessing: Preprocessing,
    device: Device,
    images: NDArray[np.uint8],
    rows: NDArray[np.int64],
    settings: Transfer,
) -> Floats:
    """Return the features of `rows` of `images`, then those of each of their `augmented_copies`.

    The copies are changed as the settings' `augmentation` says, drawn by `seed`.
    """
    seeds = np.random.SeedSequence(settings.seed).generate_state(settings.augmented_copies).tolist()
    copies = [image_features(network, preprocessing, device, images, rows, settings.augmentation, s) for s in seeds]
    return np.concatenate([image_features(network, preprocessing, device, images, rows), *copies])


@working("logistic regression")
def fit_linear(features: Floats, labels: Flags, strength: float) -> LinearUnit:
    """Fit a logistic regression with L2 of inverse `strength` C to standardised features, both classes having the same
    weight.

    `features` (n, views, k): each view is a row of its own with the label (0 or 1) of its image. The standardisation
    is folded into the weights.
    """
    views = features.shape[1]
    model = _model(strength).fit(features.reshape(-1, features.shape[2]), np.repeat(labels, views))
    scaler, regression = model[0], model[-1]
    weights = regression.coef_[0] / scaler.scale_
    return LinearUnit(weights, float(regression.intercept_[0] - weights @ scaler.mean_))


@dataclass(frozen=True)
class Choice:
    """The C that was chosen, the table REGULARIZATION of the choice, and the logit (n,) of each image out of fold."""

    strength: float
    path: pd.DataFrame
    logits: Floats


@working("cross-validation")
def choose_strength(
    features: Floats, labels: Flags, units: NDArray[Any], strengths: Sequence[float], folds: int, seed: int
) -> Choice:
    """Return the C with the greatest ROC-AUC in a cross-validation by unit, the smallest of equals, and all of them.

    `labels` and `units` are those of the images; `features` are those of the images and then of their augmented
    copies, if any, which only help to fit. The table has the columns c, fold, train_auc, validation_auc.
    """
    rows = []
    logits = {strength: np.empty(len(labels)) for strength in strengths}
    for number, (train, held_out) in enumerate(unit_folds(labels, units, folds, seed), start=1):
        fitted = with_copies(train, len(labels), len(features))
        for strength in strengths:
            linear = fit_linear(features[fitted], labels[fitted % len(labels)], strength)
            logits[strength][held_out] = linear.logits(features[held_out])
            found = linear.logits(features[train]), logits[strength][held_out]
            areas = [roc_auc_score(labels[part], of) for part, of in zip((train, held_out), found, strict=True)]
            rows.append((strength, number, *areas))
    path = pd.DataFrame(rows, columns=["c", "fold", "train_auc", "validation_auc"])
    means = path.groupby("c")["validation_auc"].mean().round(6)
    strength = float(means.index[int(means.to_numpy().argmax())])
    return Choice(strength, path, logits[strength])


def with_copies(rows: NDArray[np.int64], images: int, features: int) -> NDArray[np.int64]:
    """Return the positions of the features of some `rows` of so many `images`, and of their copies, among all."""
    return (np.arange(0, features, images)[:, None] + rows).ravel()


def unit_folds(
    labels: Flags, units: NDArray[Any], folds: int, seed: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return rows of `folds` pairs of training and held-out images, about alike in labels, no unit in both.

    Raises InputError if a class has fewer units than there are folds.
    """
    fewest = min((len(set(units[labels == label])) for label in (0, 1)), default=0)
    if fewest < folds:
        raise InputError(
            f"one of the two labels has images of {fewest} units, too few for {folds} folds; "
            "lower the number of folds, or give more images"
        )
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    return list(splitter.split(labels, labels, units))


def platt_sigmoid(logits: Floats, labels: Flags) -> tuple[float, float]:
    """Return slope and offset of the sigmoid of `logits` (n,) that fits their `labels` (Platt 1999).

    The images must not be those that the linear unit was fitted to.
    """
    counts = np.bincount(labels, minlength=2)
    targets = np.where(labels == 1, (counts[1] + 1) / (counts[1] + 2), 1 / (counts[0] + 2))  # Platt 1999, section 2.2
    sigmoid = LogisticRegression(C=np.inf).fit(
        np.tile(logits, 2)[:, None],
        np.repeat([1, 0], len(labels)),
        sample_weight=np.concatenate([targets, 1 - targets]),
    )
    return max(float(sigmoid.coef_[0, 0]), _MIN_SLOPE), float(sigmoid.intercept_[0])


def _model(strength: float) -> Pipeline:
    return make_pipeline(
        StandardScaler(), LogisticRegression(C=strength, class_weight="balanced", max_iter=_ITERATIONS)
    )
