"""The figures of the stage train_gan: the course of a training, its samples, and generated images beside real ones."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from radsieve.figures.grids import Tile, image_grid
from radsieve.generation.tables import NearestSource
from radsieve.numbers import show, three_digits

_GENERATED, _OTHER, _REAL = "#d55e00", "#44546a", "#777777"
_MAX_ROUNDS = 10  # in the figure of the samples
_TILE = 1.1  # inches

_GREYS = 32  # bins of the histogram of grey values

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating]


def plot_course(curves: pd.DataFrame, best: int) -> Figure:
    """Plot generation.tables.GAN_CURVES: losses, FID and KID by step; `best` is the row of the chosen round."""
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    losses, fid, kid = figure.subplots(1, 3)
    steps = curves["step"]
    marker = "o" if len(curves) <= 20 else None
    losses.plot(steps, curves["discriminator_loss"], color=_OTHER, marker=marker, ms=4, label="discriminator")
    losses.plot(steps, curves["generator_loss"], color=_GENERATED, marker=marker, ms=4, label="generator")
    losses.axhline(np.log(2), color=_REAL, lw=0.8, ls="--", label="no difference seen (log 2)")
    losses.set(title="training", ylabel="loss, mean of the round")
    fid.plot(steps, curves["fid"], color=_GENERATED, marker=marker, ms=4, label="generated images")
    fid.axhline(curves["fid_real"].iloc[0], color=_REAL, lw=0.8, ls="--", label="images of the training split")
    fid.axvline(curves["step"].iloc[best], color="black", lw=0.8, ls=":", label="chosen")
    fid.set(title="to the validation split", ylabel="FID (no interval)")
    kid.fill_between(
        steps, curves["kid_lower"], curves["kid_upper"], color=_GENERATED, alpha=0.18, lw=0, label="interval"
    )
    kid.plot(steps, curves["kid"], color=_GENERATED, marker=marker, ms=4, label="generated images")
    kid.axhline(curves["kid_real"].iloc[0], color=_REAL, lw=0.8, ls="--", label="images of the training split")
    kid.set(title="to the validation split", ylabel="KID")
    for axes in (losses, fid, kid):
        axes.set_xlabel("step")
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=8)
    return figure


def samples_grid(samples: Bytes, curves: pd.DataFrame, best: int, real: Bytes) -> Figure:
    """Show `samples` (rounds, n, channels, H, H) of the same latents round by round, and `real` ones below.

    Images are shown as they are. Of many rounds ten are shown, among them the first, the last and the chosen one,
    `best`, each with its step and FID from `curves` (generation.tables.GAN_CURVES).
    """
    rounds = np.linspace(0, len(samples) - 1, min(len(samples), _MAX_ROUNDS)).round().astype(int)
    if best not in rounds:
        rounds[np.abs(rounds[1:-1] - best).argmin() + 1] = best
    rows = [
        (f"step {step:,}\nFID {show(float(fid))}{chosen}", samples[row])
        for row, step, fid, chosen in zip(
            rounds,
            curves["step"].iloc[rounds],
            curves["fid"].iloc[rounds],
            ["\nchosen" if row == best else "" for row in rounds],
            strict=True,
        )
    ]
    rows.append(("real images\n(test split)", real[: samples.shape[1]]))
    columns = samples.shape[1]
    figure = Figure(figsize=(_TILE * columns + 1.3, _TILE * len(rows) + 0.4), layout="constrained")
    figure.suptitle("Images of the same latents over the training", x=0.01, ha="left", size=11, weight="bold")
    for line, (label, images) in zip(figure.subplots(len(rows), columns, squeeze=False), rows, strict=True):
        line[0].set_ylabel(label, rotation=0, ha="right", va="center", size=8, labelpad=8, linespacing=1.3)
        for axes in line:
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        for axes, image in zip(line, images, strict=False):  # there may be fewer real ones
            axes.imshow(_shown(image), cmap="gray", vmin=0, vmax=1, interpolation="antialiased")
    return figure


def plot_spread(real_points: Floats, points: Floats, real: Bytes, generated: Bytes) -> Figure:
    """Plot real images of the test split and generated ones: the two main components of their features, and how often
    each grey value occurs.

    `real_points` (m, k) and `points` (n, k) are the features of `real` (m, channels, H, H) and of `generated` images.
    """
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    with threadpool_limits(1):  # so that the last digits do not depend on the number of threads
        components = PCA(2, svd_solver="full").fit(np.concatenate([real_points, points]).astype(float))
        places = [components.transform(one.astype(float)) for one in (real_points, points)]
    kinds = (("real, test split", _OTHER, "o"), ("generated", _GENERATED, "^"))
    for (name, colour, marker), where, images in zip(kinds, places, (real, generated), strict=True):
        left.scatter(
            *where.T, s=18, c=colour, marker=marker, alpha=0.6, linewidths=0, label=f"{name} ({len(images):,})"
        )
        counts, edges = np.histogram(images, bins=_GREYS, range=(0, 256))
        right.stairs(counts / counts.sum(), edges / 256, color=colour, linewidth=1.6, label=name)
    first, second = components.explained_variance_ratio_
    left.set(xlabel=f"first component ({first:.0%} of the variance)", ylabel=f"second component ({second:.0%})")
    left.set_title("features of EfficientNet-Lite0", fontsize=11, loc="left")
    right.set(xlabel="grey value (0: black, 1: white)", ylabel="share of the pixels")
    right.set_title("grey values", fontsize=11, loc="left")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=9)
    return figure


def nearest_grid(nearest: pd.DataFrame, generated: Bytes, real: Mapping[str, Bytes], maximum: int) -> Figure:
    """Show the generated images that are closest to training images by features, each beside its nearest ones.

    `nearest` is generation.tables.NEAREST_IMAGES, `generated` (n, channels, H, H) the images of its rows `generated`,
    `real` those of the training split by name.
    """
    by_source = nearest.groupby("source")
    held_out = by_source.get_group(NearestSource.HELD_OUT)
    found = by_source.get_group(NearestSource.GENERATED).reset_index(drop=True)
    rows = []
    for row, image in found.nsmallest(maximum, "feature_distance").iterrows():
        below = (held_out["feature_distance"] < image["feature_distance"]).mean()
        tiles = [
            Tile(_shown(generated[int(str(row))]), str(image["image"])),
            Tile(
                _shown(real[image["feature_image"]]),
                f"{image['feature_image']}\nby features: {three_digits(image['feature_distance'])}",
            ),
            Tile(
                _shown(real[image["pixel_image"]]),
                f"{image['pixel_image']}\nby pixels: {three_digits(image['pixel_distance'])}",
            ),
        ]
        label = f"{image['image']}\n{100 * below:.0f}% of the held-out real images are closer to a training image"
        rows.append((label, tiles))
    return image_grid(rows, "Generated images closest to training images, by features")


def _shown(image: Bytes) -> NDArray[np.float32]:
    """An image (1 or 3, H, W) as (H, W) or (H, W, 3) in [0, 1]."""
    picture = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
    return np.asarray(picture / np.float32(255), dtype=np.float32)
