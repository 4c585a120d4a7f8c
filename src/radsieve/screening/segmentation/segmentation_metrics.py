"""How well images were segmented: overlap and distance of outlines per image, and their means with intervals."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from monai.metrics.hausdorff_distance import compute_hausdorff_distance
from monai.metrics.surface_dice import compute_surface_dice

from radsieve.imaging.spacing import Spacing
from radsieve.progress import working
from radsieve.stats import resampling

METRICS = ("pixel_accuracy", "iou", "dice", "hd95", "surface_dice")
_PERCENTILE = 95

Masks = npt.NDArray[np.bool_]


@working("measuring the masks")
def score_masks(predicted: Masks, truth: Masks, tolerance: float) -> pd.DataFrame:
    """Return the columns METRICS with a row for each of the masks (n, 1, H, W), by MONAI where outlines matter.

    pixel_accuracy: share of the pixels that agree; iou: intersection over union (Jaccard); dice: Dice coefficient;
    hd95: 95th percentile of the distances between the outlines in pixels, the larger of both directions; surface_dice:
    share of both outlines that is at most `tolerance` pixels from the other one (Nikolov et al. 2018).

    Two empty masks agree: 1, 1, 1, 0 and 1. If just one is empty, overlaps and surface_dice are 0 and hd95 is NaN.
    """
    axes = (1, 2, 3)  # overlaps are not MONAI's, which are of single precision
    both, either = (predicted & truth).sum(axes), (predicted | truth).sum(axes)
    found = pd.DataFrame(
        {
            "pixel_accuracy": (predicted == truth).mean(axes),
            "iou": np.divide(both, either, out=np.ones(len(both)), where=either > 0),
            "dice": np.divide(2 * both, both + either, out=np.ones(len(both)), where=either > 0),
            "hd95": np.where(either > 0, np.nan, 0.0),
            "surface_dice": np.where(either > 0, 0.0, 1.0),
        }
    )
    outlined = np.flatnonzero(predicted.any(axes) & truth.any(axes))
    if len(outlined):
        masks = torch.from_numpy(predicted[outlined]), torch.from_numpy(truth[outlined])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # MONAI warns of its own call
            distance = compute_hausdorff_distance(*masks, include_background=True, percentile=_PERCENTILE)
            surface = compute_surface_dice(*masks, class_thresholds=[tolerance], include_background=True)
        found.loc[outlined, "hd95"] = distance.flatten().numpy()
        found.loc[outlined, "surface_dice"] = surface.flatten().numpy()
    return found


def hausdorff_mm(
    predicted: Masks, truth: Masks, hd95: npt.NDArray[np.float64], spacings: Sequence[Spacing | None]
) -> npt.NDArray[np.float64]:
    """Return `hd95` (n,) of `score_masks` in millimetres; NaN where the spacing of the pixels is not known."""
    found = np.full(len(hd95), np.nan)
    for row, spacing in enumerate(spacings):
        if spacing is None or not hd95[row] > 0:
            found[row] = hd95[row] if spacing else np.nan
        elif spacing.down == spacing.across:
            found[row] = hd95[row] * spacing.down
        else:
            distance = compute_hausdorff_distance(
                torch.from_numpy(predicted[row : row + 1]),
                torch.from_numpy(truth[row : row + 1]),
                include_background=True,
                percentile=_PERCENTILE,
                spacing=[spacing.down, spacing.across],
            )
            found[row] = float(distance.item())
    return found


@working("bootstrap of the images")
def mean_scores(scores: pd.DataFrame, resamples: int, confidence: float, seed: int) -> dict[str, Any]:
    """Return the mean of each of METRICS over the images where it is defined, with `_lower` and `_upper` bounds.

    The bounds are percentiles of a bootstrap of units (column `unit`); None where not defined.
    `hd95_undefined` is the number of images without one.
    """
    units = scores["unit"].factorize()[0]
    patterns = resampling.patterns(np.arange(len(scores))[:, None], units)
    values = scores[list(METRICS)].to_numpy(float)
    draws = [_means(weights[:, patterns.of_item], values) for weights in patterns.resamples(resamples, seed)]
    means = _means(np.ones((1, len(scores))), values)[0]
    found: dict[str, Any] = {}
    for column, name in enumerate(METRICS):
        lower, upper = resampling.interval(np.concatenate([block[:, column] for block in draws]), confidence)
        estimates = {name: means[column], f"{name}_lower": lower, f"{name}_upper": upper}
        found |= {key: round(float(value), 6) if np.isfinite(value) else None for key, value in estimates.items()}
    return found | {"hd95_undefined": int(scores["hd95"].isna().sum())}


def _means(weights: npt.NDArray[np.float64], values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Weighted means (resamples, metrics) of the defined `values` (images, metrics); NaN where none is."""
    defined = np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: npt.NDArray[np.float64] = (weights @ np.where(defined, values, 0)) / (weights @ defined.astype(float))
    return means
