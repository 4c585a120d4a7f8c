"""The whole of a classifier's training: fit, recalibration, and operating point, in a card that says all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.special import expit

from radsieve.networks.classifier import Classifier, Network
from radsieve.networks.device import Device
from radsieve.screening.classifiers.evaluation import predictions_table
from radsieve.screening.classifiers.labelled_images import LabelledImages
from radsieve.screening.classifiers.operating_point import operating_point
from radsieve.screening.classifiers.transfer_learning import (
    Choice,
    choose_strength,
    fit_linear,
    image_features,
    platt_sigmoid,
    preprocessing_of,
    training_features,
)
from radsieve.screening.settings import Transfer
from radsieve.tables.images import Split

Floats = NDArray[np.float64]
Flags = NDArray[np.int64]


@dataclass(frozen=True)
class Fitted:
    """A classifier, the `choice` of its C, and HELD_OUT of the images on which its operating point was chosen."""

    classifier: Classifier
    choice: Choice
    unseen: pd.DataFrame


def fit_classifier(
    network: Network,
    images: LabelledImages,
    splits: Sequence[str],
    device: Device,
    settings: Transfer,
    folds: int,
) -> Fitted:
    """Fit the linear unit of a frozen `network` to the images of `splits`, C chosen by `folds` of their units.

    `settings` is the section of params.yaml that `frozen_network` got. Probabilities are recalibrated, and the
    operating point is chosen, on the validation split; if that is one of the `splits`, on out-of-fold predictions of
    all of them.
    """
    rows, preprocessing = images.rows(*splits), preprocessing_of(settings)
    features = training_features(network, preprocessing, device, images.pack.images, rows, settings)
    labels, units = images.truth[rows], images.units(rows)
    choice = choose_strength(features, labels, units, settings.strengths, folds, settings.seed)
    linear = fit_linear(features, np.tile(labels, len(features) // len(labels)), choice.strength)
    if Split.VALIDATION in splits:
        unseen, logits, chosen_on = rows, choice.logits, f"{' and '.join(splits)}, out of fold"
    else:
        unseen, chosen_on = images.rows(Split.VALIDATION), str(Split.VALIDATION)
        logits = linear.logits(image_features(network, preprocessing, device, images.pack.images, unseen))
    sigmoid = recalibration(logits, images.truth[unseen], images.units(unseen), settings.calibration_units)
    probability = expit(sigmoid["slope"] * logits + sigmoid["offset"])
    point = operating_point(
        images.truth[unseen],
        probability,
        images.units(unseen),
        settings.operating_point,
        settings.operating_level,
        chosen_on,
    )
    linear = linear.scaled(sigmoid["slope"], sigmoid["offset"])
    with torch.no_grad():
        network.output.weight[0] = torch.from_numpy(linear.weights)
        network.output.bias[0] = linear.bias
    card = images.form() | settings.model_dump(include={"backbone", "stride", "grid"})
    card |= {
        "operating_point": point.card(),
        "recalibration": sigmoid | {"on": chosen_on},
        "training": _training(network, settings, choice.strength, len(rows), folds, splits),
    }
    classifier = Classifier(network, preprocessing, device, card)
    return Fitted(classifier, choice, predictions_table(images, unseen, probability))


def recalibration(logits: Floats, labels: Flags, units: Flags, needed: int) -> dict[str, Any]:
    """Return slope and offset of Platt's sigmoid, 1 and 0 if a label has images of fewer units than `needed`."""
    fewest = min(len(set(units[labels == label])) for label in (0, 1))
    enough = fewest >= needed
    slope, offset = platt_sigmoid(logits, labels) if enough else (1.0, 0.0)
    return {"done": enough, "slope": slope, "offset": offset, "fewest_units": fewest, "needed_units": needed}


def _training(
    network: Network, settings: Transfer, strength: float, images: int, folds: int, splits: Sequence[str]
) -> dict[str, Any]:
    """What the card says of the training, for a reader."""
    fitted = sum(tensor.numel() for tensor in network.output.parameters())
    cells = f"{settings.grid} x {settings.grid}"
    return {
        "architecture": f"{settings.backbone}, means of its maps in {cells} cells, a linear unit",
        "initialisation": "ImageNet weights, frozen; the linear unit is fitted from zero",
        "loss": f"binary cross-entropy, both labels of equal weight, with an L2 penalty of C = {strength:g}",
        "optimiser": "L-BFGS",
        "selection": f"C by the greatest mean ROC-AUC in {folds} folds of units",
        "fitted_parameters": fitted,
        "frozen_parameters": sum(tensor.numel() for tensor in network.backbone.parameters()),
        "images": images,
        "augmented_copies": settings.augmented_copies,
        "splits": list(splits),
    }
