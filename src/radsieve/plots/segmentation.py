"""The figures of the stages train_segmenter and segment_images: learning curves and outlined films."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from radsieve.plots.outlines import DRAWN, FOUND, outlined
from radsieve.plots.sheet import Tile, film_sheet

_TRAIN, _VALIDATION, _RATE = "#44546a", "#d55e00", "#777777"
_IN_A_ROW = 4  # films of a sheet that stand side by side
Bytes = NDArray[np.uint8]


def draw_learning_curves(curves: pd.DataFrame, score: str) -> Figure:
    """Draw screening_tables.CURVES: losses, the validation score (called `score`), and the learning rate by epoch."""
    figure = Figure(figsize=(12, 3.6), layout="constrained")
    loss, gain, rate = figure.subplots(1, 3)
    epochs = curves["epoch"]
    marker = "o" if len(curves) <= 12 else None
    loss.plot(epochs, curves["train_loss"], color=_TRAIN, marker=marker, ms=4, label="training (altered films)")
    loss.plot(epochs, curves["validation_loss"], color=_VALIDATION, marker=marker, ms=4, label="validation")
    loss.set(title="loss", yscale="log" if (curves[["train_loss", "validation_loss"]] > 0).all(axis=None) else "linear")
    loss.legend(frameon=False, fontsize=9)
    gain.plot(epochs, curves["validation_score"], color=_VALIDATION, marker=marker, ms=4)
    best = curves["validation_score"].to_numpy().argmax()
    epoch, value = epochs.iloc[best], curves["validation_score"].iloc[best]
    gain.axvline(epoch, color="black", lw=0.8, ls=":")
    gain.set_title(f"{score}, validation: best {value:.4f} in epoch {epoch}")
    rate.plot(epochs, curves["learning_rate"], color=_RATE, marker=marker, ms=4)
    rate.set_title("learning rate at the end of the epoch")
    for axes in (loss, gain, rate):
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def worst_sheet(scores: pd.DataFrame, films: Bytes, truth: Bytes, predicted: Bytes, most: int) -> Figure:
    """Show the films with the lowest Dice coefficients, with the outlines of the true and of the predicted mask.

    `scores` is screening_tables.SEGMENTATION_SCORES with a row for each of the `films` (n, channels, H, W) and of the
    masks (n, 1, H, W).
    """
    rows = []
    worst = scores.reset_index(drop=True).sort_values("dice", kind="stable").head(most)
    for start in range(0, len(worst), _IN_A_ROW):
        part = worst.iloc[start : start + _IN_A_ROW]
        tiles = []
        for row, found in zip(part.index, part.to_dict("records"), strict=True):
            outlines = [(truth[row, 0] > 0, DRAWN), (predicted[row, 0] > 0, FOUND)]
            distance = "not defined" if np.isnan(found["hd95"]) else f"{found['hd95']:.1f} pixels"
            caption = f"{found['film']}\nDice {found['dice']:.3f}, IoU {found['iou']:.3f}\nHD95 {distance}"
            tiles.append(Tile(outlined(films[row], outlines), caption))
        label = f"worst {start + 1} to {start + len(part)}\nof {len(scores)} films\nblue: true\norange: found"
        rows.append((label, tiles))
    return film_sheet(rows, "Films segmented worst, by Dice coefficient")


def overlay_sheet(rows: Sequence[tuple[str, Sequence[tuple[Bytes, Bytes, str]]]], title: str) -> Figure:
    """Show rows of films (channels, H, W) with the outlines of the masks (1, H, W) found on them, and captions."""
    drawn = [
        (label, [Tile(outlined(film, [(mask[0] > 0, FOUND)]), caption) for film, mask, caption in films])
        for label, films in rows
    ]
    return film_sheet(drawn, title)
