"""The figure of the worst pictures for each fault."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from radsieve.curation.tables import FAULT_WORDS, Fault
from radsieve.figures.grids import Tile, image_grid

_SIDE = 256  # pixels: more is not seen in a grid
_RED = (192, 57, 43)

Box = tuple[float, float, float, float]
NO_BOXES: Mapping[str, Sequence[Box]] = {}


def worst_grid(
    scores: pd.DataFrame,
    thresholds: Mapping[str, float | None],
    load: Callable[[str], NDArray[np.float32]],
    maximum: int,
    boxes: Mapping[str, Sequence[Box]] = NO_BOXES,
) -> Figure:
    """Show the `maximum` pictures with the highest score, above 0, of each fault (curation.tables.FAULT_SCORES).

    Framed are those that reach the threshold. `load` returns the grey values (H, W) in [0, 1] of a file_id; they are
    shown as they are, since exposure is among what is looked at. Where text was found, each of the `boxes` of the
    file_id is drawn: top, left, bottom and right, as shares of the height and the width.
    """
    shown = lru_cache(maxsize=None)(lambda file: _thumbnail(load(file)))
    outlined = lru_cache(maxsize=None)(lambda file: _outlined(shown(file), boxes.get(file, ())))
    rows = []
    for fault in Fault:
        threshold = thresholds[fault]
        worst = scores[(scores[f"{fault}_rank"] <= maximum) & (scores[fault] > 0)].sort_values(f"{fault}_rank")
        above = 0 if threshold is None else int((scores[fault] >= threshold).sum())
        limit = "no threshold" if threshold is None else f"{above} at {threshold:g} or more"
        if scores[fault].isna().all():
            limit = "not sought"
        elif worst.empty:
            limit += "\nnone scores above 0"
        tiles = [
            Tile(
                (outlined if fault == Fault.TEXT else shown)(row["file_id"]),
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


def _outlined(gray: NDArray[np.float32], boxes: Sequence[Box]) -> NDArray[np.float32]:
    """The picture in colour (H, W, 3) with a line around each box."""
    image = Image.fromarray(np.rint(gray * 255).astype(np.uint8)).convert("RGB")
    draw, (width, height) = ImageDraw.Draw(image), image.size
    for top, left, bottom, right in boxes:
        draw.rectangle((left * width - 1, top * height - 1, right * width, bottom * height), outline=_RED)
    return np.asarray(np.asarray(image) / np.float32(255), dtype=np.float32)
