"""A trained segmenter as it is stored, and what it is worth on the test split."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from radsieve.networks.device import Device
from radsieve.networks.segmenter import Segmenter, load_segmenter, save_segmenter
from radsieve.screening.plots.segmentation import plot_agreement
from radsieve.screening.plots.subgroups import plot_forest
from radsieve.screening.segmentation.evaluation import Bytes, score_held_out, segmented_batches, summarise
from radsieve.screening.segmentation.temperature import fit_temperature, sampled_pixels, tempered
from radsieve.screening.segmentation.training import (
    SegmenterTraining,
    TrainingImages,
    segmenter_card,
    training_card,
)
from radsieve.screening.settings import SegmenterSettings
from radsieve.screening.subgroups import Resampling, mean_subgroups


@dataclass(frozen=True)
class Measured:
    """SEGMENTATION_SCORES and SUBGROUPS of the test split, the masks (n, 1, H, W) found, figures and metrics."""

    scores: pd.DataFrame
    subgroups: pd.DataFrame
    masks: Bytes
    figures: dict[str, Figure]
    metrics: dict[str, Any]


def save_both(
    folder: Path, training: SegmenterTraining, images: TrainingImages, settings: SegmenterSettings, device: Device
) -> Segmenter:
    """Write last.safetensors and best.safetensors to `folder`, and return the latter, ready to use.

    The probabilities of the best epoch are scaled by a temperature that is fitted on the validation split.
    """
    card = segmenter_card(settings, images) | {"compute": device.card()}
    card |= {"training": training_card(settings, training, len(images.train))}
    save_segmenter(folder / "last.safetensors", training.last, card)
    best = folder / "best.safetensors"
    save_segmenter(best, training.best, card)
    batches = segmented_batches(load_segmenter(best, device), images, images.validation, settings.batch)
    temperature = fit_temperature(*sampled_pixels(batches, len(images.validation), settings.seed))
    save_segmenter(best, training.best, tempered(card, temperature))
    return load_segmenter(best, device)


def measure(
    segmenter: Segmenter,
    images: TrainingImages,
    table: pd.DataFrame,
    training: SegmenterTraining,
    settings: SegmenterSettings,
) -> Measured:
    """Segment the test split of `images`, whose table is `table` (PACKED_IMAGES), and measure how well."""
    tested, batches = table.iloc[images.test], segmented_batches(segmenter, images, images.test, settings.batch)
    scores, masks = score_held_out(tested, batches, segmenter.threshold, settings.surface_tolerance)
    drawn = Resampling(settings.bootstrap, settings.confidence, settings.seed)
    subgroups = mean_subgroups(scores, tested, "dice", drawn)
    metrics = summarise(table, scores, training, settings) | {"temperature": segmenter.temperature}
    wholes, names = {"dice": metrics["dice"]}, {"dice": "mean Dice"}
    figures = {
        "agreement": plot_agreement(scores, metrics),
        "subgroups": plot_forest(subgroups, wholes, names, "Dice by subgroup", of_label=False),
    }
    return Measured(scores, subgroups, masks, figures, metrics)
