"""The five scores of images in memory, in one call, with the same results as the stages one by one."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.imaging.rendering import formed
from radsieve.networks.classifier import Classifier, examine, load_classifier
from radsieve.networks.device import Device
from radsieve.networks.segmenter import Segmenter, load_segmenter, segment
from radsieve.screening.scores.image_scores import measure_quantities
from radsieve.screening.scores.score_scaler import ScoreScaler
from radsieve.screening.symmetry.features import symmetry_features
from radsieve.screening.tables import SCORES

SHAPES, APPEARANCE = "lung shapes", "network features"

# The options by which scripts are given the ScorerFiles, and what these are.
SCORER_OPTIONS = {
    "segmenter": "checkpoint of the segmenter of lungs (train_segmenter)",
    "classifier": "checkpoint of the classifier of abnormalities (train_abnormality)",
    "scaler": "scaler of the scores (score_images)",
}

Bytes = npt.NDArray[np.uint8]


class ScorerFiles(NamedTuple):
    """The files of an ImageScorer: the checkpoints of its networks, and the scaler of the scores."""

    segmenter: Path
    classifier: Path
    scaler: Path

    @classmethod
    def of(cls, args: argparse.Namespace) -> "ScorerFiles":
        """Those that the command line names by SCORER_OPTIONS."""
        return cls(*(getattr(args, name) for name in SCORER_OPTIONS))


@dataclass(frozen=True)
class ScoredImages:
    """`scores` has the columns `valid` and SCORES, a row for each of n images.

    `features` describe what is on them, by the name of the space: SHAPES, the descriptors (n, 13) of the lungs, and
    APPEARANCE, the inputs (n, k) of the last layer of the abnormality net.
    """

    scores: pd.DataFrame
    features: dict[str, npt.NDArray[np.floating[Any]]]


@dataclass(frozen=True)
class ImageScorer:
    """Finds the lungs and abnormalities on images and scores them, as the stages up to score_images do.

    Masks, probabilities and heat are rounded a little differently if other images are in the same batch.
    """

    segmenter: Segmenter
    classifier: Classifier
    scaler: ScoreScaler

    def score(self, images: Bytes) -> ScoredImages:
        """Score `images` (n, 1 or 3, H, W); memory grows with n, so give them in batches."""
        masks = self._masks(images)
        examined = examine(self.classifier, _of_form(images, self.classifier))
        # of the six features only the undilated IoU counts: nothing needs to be dilated
        iou = symmetry_features(masks, 1, "square")[:, 0]
        max_heat = examined.heat.max(axis=(1, 2), initial=0)
        quantities, shapes = measure_quantities(masks, iou, examined.probability, max_heat, self.segmenter.pixels**2)
        scores = self.scaler.score(quantities, shapes)[["valid", *SCORES]]
        return ScoredImages(scores, {SHAPES: shapes, APPEARANCE: examined.features})

    @property
    def forms(self) -> dict[str, tuple[int, int, int]]:
        """The (channels, height, width) that each network takes; images of another form are brought to it."""
        return {"segmenter": _form(self.segmenter), "classifier": _form(self.classifier)}

    def _masks(self, images: Bytes) -> Bytes:
        probabilities = segment(self.segmenter, _of_form(images, self.segmenter))
        return (probabilities[:, 0] >= self.segmenter.threshold).astype(np.uint8)


def load_scorer(files: ScorerFiles, device: Device) -> ImageScorer:
    """Load the scorer from its `files`, the networks onto `device`.

    Raises InputError if a file is missing or of another kind, or the scaler was fitted to masks of another form.
    """
    segmenter, scaler = load_segmenter(files.segmenter, device), ScoreScaler.load(files.scaler)
    if scaler.pixels != segmenter.pixels:
        raise InputError(
            f"{files.segmenter}: takes images of {segmenter.pixels} pixels, but {files.scaler} was fitted to masks of "
            f"{scaler.pixels}; run segment_images and score_images again"
        )
    return ImageScorer(segmenter, load_classifier(files.classifier, device), scaler)


def _form(network: Segmenter | Classifier) -> tuple[int, int, int]:
    return network.channels, network.pixels, network.pixels


def _of_form(images: Bytes, network: Segmenter | Classifier) -> Bytes:
    """The images as the network takes them."""
    form = _form(network)
    if images.shape[1:] == form:
        return images
    reformed = np.empty((len(images), *form), np.uint8)
    for row, image in zip(reformed, images, strict=True):
        row[:] = formed(image, network.pixels, network.channels)
    return reformed
