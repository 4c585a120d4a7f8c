"""The inputs and results of stage train_segmenter around the training: images by split, scores and metrics."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from radsieve.errors import InputError
from radsieve.imaging.packs import read_packed
from radsieve.imaging.spacing import Spacing, in_one_plane
from radsieve.networks.segmenter import Segmenter, segment
from radsieve.screening.segmentation.segmentation_metrics import hausdorff_mm, mean_scores, score_masks
from radsieve.screening.segmentation.segmented_images import mean_entropy
from radsieve.screening.segmentation.training import SegmenterTraining, TrainingImages
from radsieve.screening.settings import SegmenterSettings
from radsieve.stats import resampling
from radsieve.tables.images import Split

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

LIMITS = 1.96  # standard deviations between which 95% of normal differences lie


def read_training_images(folder: Path, table: Path) -> tuple[TrainingImages, pd.DataFrame]:
    """Open the pack in `folder`, and read its `table` (PACKED_IMAGES), which has the same rows, and gets the column
    `spacing` of the packed pixels (`radsieve.imaging.spacing.Spacing`, or None).

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
    images = images.assign(spacing=pd.Series(pack.spacings, index=images.index, dtype=object))
    parts = rows[Split.TRAIN], rows[Split.VALIDATION], rows[Split.TEST]
    return TrainingImages(pack.images, pack.masks, *parts, pack.shown), images


def segmented_batches(
    segmenter: Segmenter, images: TrainingImages, rows: npt.NDArray[np.integer], batch: int
) -> Iterator[tuple[Floats, Bytes]]:
    """Yield the probabilities (b, 1, H, W) of the pixels, and the masks, of `batch` of the `rows` of `images` at a
    time: those of all images at once could be gigabytes."""
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        yield segment(segmenter, images.images[part]), images.masks[part]


def score_held_out(
    table: pd.DataFrame, batches: Iterable[tuple[Floats, Bytes]], threshold: float, tolerance: float
) -> tuple[pd.DataFrame, Bytes]:
    """Return SEGMENTATION_SCORES of the images of `table` (PACKED_IMAGES), and their masks (n, 1, H, W).

    `batches` are `segmented_batches` of the same images; a mask is where the probability is at least `threshold`. A
    column `spacing` of `table` gives the millimetres of a pixel where they are known.
    """
    scores, masks, done = [], [], 0
    spacings = list(table["spacing"]) if "spacing" in table else [None] * len(table)
    for probability, truth in batches:
        predicted = probability >= threshold
        areas = {"area_true": (truth > 0).mean(axis=(1, 2, 3)), "area_found": predicted.mean(axis=(1, 2, 3))}
        entropy = [mean_entropy(one) for one in probability]
        measured = score_masks(predicted, truth > 0, tolerance).assign(**areas, entropy=entropy)
        scores.append(_in_millimetres(measured, predicted, truth > 0, spacings[done : done + len(predicted)]))
        done += len(predicted)
        masks.append(predicted.astype(np.uint8))
    known = table[["image", "patient", "unit"]].reset_index(drop=True)
    return pd.concat([known, pd.concat(scores, ignore_index=True)], axis=1), np.concatenate(masks)


def _in_millimetres(
    scores: pd.DataFrame, predicted: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_], spacings: list[Spacing | None]
) -> pd.DataFrame:
    size = predicted.shape[2:]
    whole = np.array([one.area(size) if one else np.nan for one in spacings])
    return scores.assign(
        hd95_mm=hausdorff_mm(predicted, truth, scores["hd95"].to_numpy(float), spacings),
        area_true_mm2=scores["area_true"] * whole,
        area_found_mm2=scores["area_found"] * whole,
        mm_at=[one.plane if one else "" for one in spacings],
    )


def sizes_in_mm(scores: pd.DataFrame, settings: SegmenterSettings) -> dict[str, Any]:
    """Return the mean of `hd95_mm` of `in_one_plane` with its interval, and of how many images it is; None where no
    spacing is known."""
    known = in_one_plane(scores, "hd95_mm")
    units = known["unit"].factorize()[0]
    drawn = settings.bootstrap, settings.confidence, settings.seed
    found = resampling.mean(known["hd95_mm"].to_numpy(float), units, *drawn)
    values = {"hd95_mm": found.value, "hd95_mm_lower": found.lower, "hd95_mm_upper": found.upper}
    rounded = {name: round(value, 6) if np.isfinite(value) else None for name, value in values.items()}
    return rounded | {"hd95_mm_images": len(known)}


def summarise(
    images: pd.DataFrame, scores: pd.DataFrame, training: SegmenterTraining, settings: SegmenterSettings
) -> dict[str, Any]:
    """Return the metrics of the stage: images and patients by split, epochs, mean scores with their intervals, how far
    the areas agree, and whether the entropy tells where the mask is wrong.
    """
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
        **sizes_in_mm(scores, settings),
        **_agreement(scores, settings),
        "entropy": float(scores["entropy"].mean()),
        "entropy_and_dice": entropy_and_dice(scores, settings),
    }


def entropy_and_dice(scores: pd.DataFrame, settings: SegmenterSettings) -> dict[str, float | None]:
    """Return Spearman's correlation of entropy and Dice over the images, with the interval of a bootstrap of units.

    Below 0 if images of which the network is less sure are segmented worse.
    """
    values = scores[["entropy", "dice"]].to_numpy()
    patterns = resampling.patterns(np.arange(len(values))[:, None], scores["unit"].factorize()[0])
    drawn = [
        _spearman(values[np.repeat(patterns.of_item, row.astype(int))])
        for block in patterns.resamples(settings.bootstrap, settings.seed)
        for row in block[:, patterns.of_item]
    ]
    bounds = resampling.interval(np.array(drawn), settings.confidence)
    found = dict(zip(("value", "lower", "upper"), (_spearman(values), *bounds), strict=True))
    return {name: None if np.isnan(value) else round(value, 6) for name, value in found.items()}


def _spearman(pairs: npt.NDArray[np.float64]) -> float:
    """Spearman's correlation of the columns of `pairs` (n, 2); NaN where one of them does not vary."""
    ranks = rankdata(pairs, axis=0)
    ranks -= ranks.mean(axis=0)
    spread = float(np.sqrt((ranks**2).sum(axis=0).prod()))
    return float((ranks[:, 0] * ranks[:, 1]).sum() / spread) if spread else float("nan")


def _agreement(scores: pd.DataFrame, settings: SegmenterSettings) -> dict[str, Any]:
    """Mean difference of the area found from the true one, and the limits of agreement (Bland and Altman 1986)."""
    difference = (scores["area_found"] - scores["area_true"]).to_numpy()
    units = scores["unit"].factorize()[0]
    bias = resampling.mean(difference, units, settings.bootstrap, settings.confidence, settings.seed)
    spread = LIMITS * float(difference.std(ddof=1)) if len(difference) > 1 else float("nan")
    found = {
        "area_bias": bias.value,
        "area_bias_lower": bias.lower,
        "area_bias_upper": bias.upper,
        "area_limit_below": bias.value - spread,
        "area_limit_above": bias.value + spread,
    }
    return {name: round(value, 6) if np.isfinite(value) else None for name, value in found.items()}
