"""Where a classifier looks: the share of its heat that lies inside of the lungs, film by film and by group."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve import resampling
from radsieve.screening.settings import Transfer

_MEASURES = ("heat_outside", "probability")


def shortcut_table(predictions: pd.DataFrame, heat: NDArray[np.floating], lungs: NDArray[np.bool_]) -> pd.DataFrame:
    """Return SHORTCUT of HELD_BACK, with heat maps (n, H, W) and masks of the lungs (n, H, W) of the same films."""
    total = heat.sum(axis=(1, 2), dtype=float)
    inside = np.where(lungs, heat, 0).sum(axis=(1, 2), dtype=float)
    with np.errstate(invalid="ignore"):
        share = np.clip(inside / total, 0, 1)
    return predictions.assign(heat_inside=share, heat_outside=1 - share, lung_share=lungs.mean(axis=(1, 2)))


def shortcut_metrics(table: pd.DataFrame, labels: tuple[str, str], options: Transfer) -> dict[str, dict[str, Any]]:
    """Return, by label and by label and group, the films, and the means of heat outside of the lungs and probability.

    `labels` are the negative and the positive one. Intervals: `bootstrap` resamples of patients at `confidence`, drawn
    by `seed` (all of `options`). Films without heat are left out of the mean of the heat.
    """
    found = {}
    for truth, films in table.groupby("truth"):
        label = labels[int(str(truth))]
        found[label] = _means(films, options)
        groups = sorted(set(films["group"]) - {""})
        for group in groups if len(groups) > 1 else []:
            found[f"{label}, group {group}"] = _means(films[films["group"] == group], options)
    return found


def _means(films: pd.DataFrame, options: Transfer) -> dict[str, Any]:
    found: dict[str, Any] = {"films": len(films)}
    for name in _MEASURES:
        defined = films[films[name].notna()]
        if defined.empty:
            found[name] = {"value": None, "lower": None, "upper": None}
            continue
        values = defined[name].to_numpy()
        patterns = resampling.patterns(np.arange(len(values))[:, None], pd.factorize(defined["patient"])[0])
        means = [
            block[:, patterns.of_item] @ values / block.sum(axis=1)
            for block in patterns.resamples(options.bootstrap, options.seed)
        ]
        lower, upper = resampling.interval(np.concatenate(means), options.confidence)
        found[name] = {"value": float(values.mean()), "lower": lower, "upper": upper}
    return found
