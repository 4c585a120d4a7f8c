"""The inputs and results of stage train_segmenter around the training: images by split, scores and metrics."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.imaging.packs import read_packed
from radsieve.networks.segmenter import Segmenter, segment_batches
from radsieve.screening.segmentation.segmentation_metrics import mean_scores, score_masks
from radsieve.screening.segmentation.training import SegmenterTraining, TrainingImages
from radsieve.screening.settings import SegmenterSettings
from radsieve.tables.images import Split

Bytes = npt.NDArray[np.uint8]


def read_training_images(folder: Path, table: Path) -> tuple[TrainingImages, pd.DataFrame]:
    """Open the pack in `folder`, and read its `table` (PACKED_IMAGES), which has the same rows.

    Raises InputError if one of them is missing or broken, if they do not belong together, or if the pack has no masks
    or a split no images.
    """
    pack, images = read_packed(folder, table)
    if pack.masks is None:
        raise InputError(f"{folder}: a pack without masks; name the set's masks in pack_images and pack it again")
    rows = {split: np.flatnonzero(images["split"] == split) for split in Split}
    if empty := [split for split in Split if not len(rows[split])]:
        raise InputError(
            f"{table}: no images in the {', '.join(empty)} split; pack more images, or change the shares of the splits"
        )
    return TrainingImages(pack.images, pack.masks, rows[Split.TRAIN], rows[Split.VALIDATION], rows[Split.TEST]), images


def segment_held_out(segmenter: Segmenter, images: Bytes, settings: SegmenterSettings) -> Bytes:
    """Return the masks, 0 and 1, that are found on `images` at the threshold."""
    batches = segment_batches(segmenter, images, settings.batch)
    return np.concatenate([(batch >= segmenter.threshold).astype(np.uint8) for batch in batches])


def score_held_out(table: pd.DataFrame, predicted: Bytes, truth: Bytes, tolerance: float) -> pd.DataFrame:
    """Return SEGMENTATION_SCORES of the images of `table` (PACKED_IMAGES), whose masks are `predicted` and `truth`."""
    scores = score_masks(predicted > 0, truth > 0, tolerance)
    return pd.concat([table[["image", "patient", "unit"]].reset_index(drop=True), scores], axis=1)


def summarise(
    images: pd.DataFrame, scores: pd.DataFrame, training: SegmenterTraining, settings: SegmenterSettings
) -> dict[str, Any]:
    """Return the metrics of the stage: images and patients by split, epochs, and mean scores with their intervals."""
    of_split = images.groupby("split")
    counts = {f"{split}_images": int(n) for split, n in of_split.size().reindex(list(Split)).items()}
    patients = {f"{split}_patients": int(n) for split, n in of_split["patient"].nunique().reindex(list(Split)).items()}
    return {
        **counts,
        **patients,
        "parameters": sum(int(tensor.numel()) for tensor in training.best.values()),
        "epochs": len(training.curves),
        "best_epoch": training.best_epoch,
        **mean_scores(scores, settings.bootstrap, settings.confidence, settings.seed),
    }
