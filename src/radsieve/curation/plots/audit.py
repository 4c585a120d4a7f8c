"""The figure of the worst pictures for each fault."""

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from radsieve.curation.tables import FAULT_WORDS, Fault
from radsieve.figures.grids import Tile, image_grid

_SIDE = 256  # pixels: more is not seen in a grid


def worst_grid(
    scores: pd.DataFrame,
    thresholds: Mapping[str, float | None],
    load: Callable[[str], NDArray[np.float32]],
    maximum: int,
) -> Figure:
    """Show the `maximum` pictures with the highest score, above 0, of each fault (curation.tables.FAULT_SCORES).

    Framed are those that reach the threshold. `load` returns the grey values (H, W) in [0, 1] of a file_id; they are
    shown as they are, since exposure is among what is looked at.
    """
    shown = lru_cache(maxsize=None)(lambda file: _thumbnail(load(file)))
    rows = []
    for fault in Fault:
        threshold = thresholds[fault]
        worst = scores[(scores[f"{fault}_rank"] <= maximum) & (scores[fault] > 0)].sort_values(f"{fault}_rank")
        above = 0 if threshold is None else int((scores[fault] >= threshold).sum())
        limit = "no threshold" if threshold is None else f"{above} at {threshold:g} or more"
        if worst.empty:
            limit += "\nnone scores above 0"
        tiles = [
            Tile(
                shown(row["file_id"]),
                f"{row['relative_path']}\n{row[fault]:.3f}",
                flagged=threshold is not None and row[fault] >= threshold,
            )
            for row in worst.to_dict("records")
        ]
        rows.append((f"{FAULT_WORDS[fault]}\n{limit}", tiles))
    return image_grid(rows if len(scores) else [], "The pictures with the highest score of each fault")


def _thumbnail(gray: NDArray[np.float32]) -> NDArray[np.float32]:
    image = Image.fromarray(np.ascontiguousarray(gray))
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    return np.asarray(image, dtype=np.float32)
