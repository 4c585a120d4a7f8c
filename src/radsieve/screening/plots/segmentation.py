"""The figures of the stages train_segmenter and segment_images: learning curves and outlined images."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter, MaxNLocator
from numpy.typing import NDArray

from radsieve.figures.axes import tidy
from radsieve.figures.grids import Tile, image_grid
from radsieve.figures.overlays import FOUND, TRUE, outlined

_TRAIN, _VALIDATION, _RATE = "#44546a", "#d55e00", "#777777"
_WIDTH = 5.4  # inches: at 390 pixels of a screen, 10 points stay 10 pixels
_MANY_TIMES = 20  # between the least and the greatest loss, from which the axis is logarithmic
_IN_A_ROW = 4  # images of a grid that stand side by side
Bytes = NDArray[np.uint8]


def plot_learning_curves(curves: pd.DataFrame, score: str) -> Figure:
    """Plot screening.tables.CURVES: losses, the validation score (called `score`), and the learning rate by epoch."""
    figure = Figure(figsize=(_WIDTH, 8.6), layout="constrained")
    loss, gain, rate = figure.subplots(3, 1, sharex=True)
    epochs = curves["epoch"]
    marker = "o" if len(curves) <= 12 else None
    loss.plot(epochs, curves["train_loss"], color=_TRAIN, marker=marker, ms=4, label="training (altered images)")
    loss.plot(epochs, curves["validation_loss"], color=_VALIDATION, marker=marker, ms=4, label="validation")
    loss.set(title="Loss", ylabel="mean loss of an image")
    losses = curves[["train_loss", "validation_loss"]].to_numpy()
    if losses.min() > 0 and losses.max() > _MANY_TIMES * losses.min():
        loss.set_yscale("log")
        loss.yaxis.set_major_formatter(LogFormatter(labelOnlyBase=False, minor_thresholds=(4, 2)))
    loss.legend(frameon=False, fontsize=9)
    gain.plot(epochs, curves["validation_score"], color=_VALIDATION, marker=marker, ms=4)
    best = curves["validation_score"].to_numpy().argmax()
    epoch, value = epochs.iloc[best], curves["validation_score"].iloc[best]
    gain.axvline(epoch, color="black", lw=0.8, ls=":")
    gain.set(title=f"{score} on validation: best {value:.3f} in epoch {epoch}", ylabel=f"mean {score}")
    rate.plot(epochs, curves["learning_rate"], color=_RATE, marker=marker, ms=4)
    rate.set(title="Learning rate at the end of the epoch", ylabel="learning rate", xlabel="epoch")
    for axes in (loss, gain, rate):
        axes.title.set_fontsize(11)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        tidy(axes)
    return figure


def plot_agreement(scores: pd.DataFrame, metrics: Mapping[str, Any]) -> Figure:
    """Plot SEGMENTATION_SCORES: how Dice is distributed, areas found and true (Bland and Altman 1986), and whether the
    entropy tells where the mask is wrong.

    `metrics` has dice, area_bias, area_limit_below, area_limit_above and entropy_and_dice.
    """
    figure = Figure(figsize=(_WIDTH, 11), layout="constrained")
    spread, areas, doubt = figure.subplots(3, 1)
    spread.hist(scores["dice"], bins=np.linspace(0, 1, 41), color=_TRAIN)
    spread.axvline(metrics["dice"], color=_VALIDATION, lw=1.4, label=f"mean {metrics['dice']:.3f}")
    spread.axvline(scores["dice"].median(), color="black", lw=1, ls=":", label=f"median {scores['dice'].median():.3f}")
    spread.set(xlim=(0, 1), xlabel="Dice", ylabel="images", title=f"{len(scores)} held-out images")
    spread.legend(frameon=False, loc="upper left")
    middle = 100 * (scores["area_found"] + scores["area_true"]) / 2
    areas.plot(middle, 100 * (scores["area_found"] - scores["area_true"]), "o", color=_TRAIN, ms=4, alpha=0.7)
    for name, style in (("area_bias", "-"), ("area_limit_below", "--"), ("area_limit_above", "--")):
        if metrics[name] is not None:
            areas.axhline(100 * metrics[name], color=_VALIDATION, lw=1.2, ls=style)
    areas.axhline(0, color="black", lw=0.8, ls=":")
    areas.set(
        xlabel="mean of the area found and the true one (% of the image)",
        ylabel="found - true (% of the image)",
        title="Area: mean difference, limits of agreement",
    )
    correlation = metrics["entropy_and_dice"]["value"]
    doubt.plot(scores["entropy"], scores["dice"], "o", color=_TRAIN, ms=4, alpha=0.7)
    said = "not defined" if correlation is None else f"{correlation:.2f}"
    doubt.set(xlabel="mean entropy of the pixels (bits)", ylabel="Dice", title=f"Spearman's correlation {said}")
    for axes in (spread, areas, doubt):
        axes.title.set_fontsize(11)
        tidy(axes)
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
