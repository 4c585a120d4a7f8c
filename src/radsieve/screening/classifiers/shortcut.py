"""Where a classifier looks: the share of its heat that lies inside of the lungs, image by image and by group."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.numbers import or_none
from radsieve.screening.settings import Transfer
from radsieve.stats import resampling

_MEASURES = ("heat_outside", "probability")


def shortcut_table(predictions: pd.DataFrame, heat: NDArray[np.floating], lungs: NDArray[np.bool_]) -> pd.DataFrame:
    """Return SHORTCUT of HELD_OUT, with heat maps (n, H, W) and masks of the lungs (n, H, W) of the same images."""
    total = heat.sum(axis=(1, 2), dtype=float)
    inside = np.where(lungs, heat, 0).sum(axis=(1, 2), dtype=float)
    with np.errstate(invalid="ignore"):
        share = np.clip(inside / total, 0, 1)
    return predictions.assign(heat_inside=share, heat_outside=1 - share, lung_share=lungs.mean(axis=(1, 2)))


def shortcut_metrics(table: pd.DataFrame, labels: tuple[str, str], options: Transfer) -> dict[str, dict[str, Any]]:
    """Return, by label and by label and group, the images, and the means of heat outside of the lungs and probability.

    `labels` are the negative and the positive one. Intervals: `bootstrap` resamples of units at `confidence`, drawn
    by `seed` (all of `options`). Images without heat are left out of the mean of the heat.
    """
    found = {}
    for truth, images in table.groupby("truth"):
        label = labels[int(str(truth))]
        found[label] = _means(images, options)
        groups = sorted(set(images["group"]) - {""})
        for group in groups if len(groups) > 1 else []:
            found[f"{label}, group {group}"] = _means(images[images["group"] == group], options)
    return found


def _means(images: pd.DataFrame, options: Transfer) -> dict[str, Any]:
    found: dict[str, Any] = {"images": len(images), "images_with_heat": int(images["heat_outside"].notna().sum())}
    for name in _MEASURES:
        defined = images[images[name].notna()]
        if defined.empty:
            found[name] = {"value": None, "lower": None, "upper": None}
            continue
        units, drawn = pd.factorize(defined["unit"])[0], (options.bootstrap, options.confidence, options.seed)
        mean = resampling.mean(defined[name].to_numpy(), units, *drawn)
        found[name] = {key: or_none(value) for key, value in asdict(mean).items()}
    return found
