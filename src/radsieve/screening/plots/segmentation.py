"""The figures of the stages train_segmenter and segment_images: learning curves and outlined images."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from radsieve.reporting.grids import Tile, image_grid
from radsieve.reporting.overlays import FOUND, TRUE, outlined

_TRAIN, _VALIDATION, _RATE = "#44546a", "#d55e00", "#777777"
_IN_A_ROW = 4  # images of a grid that stand side by side
Bytes = NDArray[np.uint8]


def plot_learning_curves(curves: pd.DataFrame, score: str) -> Figure:
    """Plot screening.tables.CURVES: losses, the validation score (called `score`), and the learning rate by epoch."""
    figure = Figure(figsize=(12, 3.6), layout="constrained")
    loss, gain, rate = figure.subplots(1, 3)
    epochs = curves["epoch"]
    marker = "o" if len(curves) <= 12 else None
    loss.plot(epochs, curves["train_loss"], color=_TRAIN, marker=marker, ms=4, label="training (altered images)")
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


def worst_grid(scores: pd.DataFrame, images: Bytes, truth: Bytes, predicted: Bytes, maximum: int) -> Figure:
    """Show the images with the lowest Dice coefficients, with the outlines of the true and of the predicted mask.

    `scores` is screening.tables.SEGMENTATION_SCORES with a row for each of the `images` (n, channels, H, W) and of the
    masks (n, 1, H, W).
    """
    rows = []
    worst = scores.reset_index(drop=True).sort_values("dice", kind="stable").head(maximum)
    for start in range(0, len(worst), _IN_A_ROW):
        part = worst.iloc[start : start + _IN_A_ROW]
        tiles = []
        for row, found in zip(part.index, part.to_dict("records"), strict=True):
            outlines = [(truth[row, 0] > 0, TRUE), (predicted[row, 0] > 0, FOUND)]
            distance = "not defined" if np.isnan(found["hd95"]) else f"{found['hd95']:.1f} pixels"
            caption = f"{found['image']}\nDice {found['dice']:.3f}, IoU {found['iou']:.3f}\nHD95 {distance}"
            tiles.append(Tile(outlined(images[row], outlines), caption))
        label = f"worst {start + 1} to {start + len(part)}\nof {len(scores)} images\nblue: true\norange: found"
        rows.append((label, tiles))
    return image_grid(rows, "Images segmented worst, by Dice coefficient")


def overlay_grid(rows: Sequence[tuple[str, Sequence[tuple[Bytes, Bytes, str]]]], title: str) -> Figure:
    """Show rows of images (channels, H, W) with the outlines of the masks (1, H, W) found on them, and captions."""
    shown = [
        (label, [Tile(outlined(image, [(mask[0] > 0, FOUND)]), caption) for image, mask, caption in images])
        for label, images in rows
    ]
    return image_grid(shown, title)
