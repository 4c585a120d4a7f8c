"""The figures of stage score_images: distributions, responses to alterations, and images accepted and rejected."""

import textwrap
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from radsieve.figures.generated_images import caption_of
from radsieve.figures.grids import Tile, image_grid
from radsieve.imaging.decode import grayscale
from radsieve.numbers import three_digits, with_minus
from radsieve.screening.tables import SCORES, Expected

_ARROW = "\N{RIGHTWARDS ARROW}"
_SHOULD = {
    Expected.UNCHANGED: "should stay",
    Expected.LOWER: "should fall",
    Expected.EITHER: "may change",
}
_TRUE, _GENERATED = "#44546a", "#d55e00"
_BOUNDED = {"score_abnormal", "score_maxheat"}  # they lie in [-1, 1], the others in (-infinity, 1]
_BINS = 40
_CUT = 0.02  # share of the images left out of a histogram on its left, where scores have no bound
_TIED = 0.5  # share of the images with the best score from which on it is said
_IN_A_ROW = 4  # images of a grid that stand side by side


class ImageRows(Protocol):
    """Images (channels, H, W) by their row: an array, or several that count as one."""

    def __getitem__(self, row: Any, /) -> Any:
        """Return the image of a row."""
        ...


def plot_scores(true_images: pd.DataFrame, generated: pd.DataFrame) -> Figure:
    """Plot a histogram of each of SCORES, as shares, of true and of generated images; what lies right of 0 passes.

    Where most images have the best score, 1, as without any heat, it is said how many: the rest is hard to see.
    """
    figure = Figure(figsize=(13, 6.4), layout="constrained")
    figure.suptitle("The five scores: an image passes above 0")
    grid = figure.subplots(2, 3).ravel()
    for axes, name in zip(grid, SCORES, strict=False):
        _plot_score(axes, true_images[name].to_numpy(float), generated[name].to_numpy(float), name in _BOUNDED)
        axes.set_title(short(name), fontsize=11)
    legend = grid[-1]
    legend.axis("off")
    for y, colour, images, what in ((0.62, _TRUE, true_images, "true"), (0.42, _GENERATED, generated, "generated")):
        valid = f", {images['valid'].mean():.1%} pass all five" if len(images) else ""
        legend.text(0.02, y, f"\N{BLACK SQUARE} {len(images):,} {what} images{valid}", color=colour, fontsize=11)
    return figure


def plot_reactions(reactions: pd.DataFrame) -> Figure:
    """Plot REACTIONS as a table: the share that passes before and after (shaded), the median change, what should be."""
    alterations = list(dict.fromkeys(reactions["alteration"]))
    names = [*SCORES, "valid"]
    figure = Figure(figsize=(12.5, 1.9 + 0.95 * max(len(alterations), 1)), layout="constrained")
    figure.suptitle(
        "Scores of true images before and after an alteration: share that passes [interval] (median change)\n"
        "Framed: not as it should be, or not shown to be"
    )
    axes = figure.subplots()
    if not alterations:
        axes.axis("off")
        axes.text(0.5, 0.5, "no altered images", ha="center")
        return figure
    rows = reactions.set_index(["alteration", "score"])
    share = np.array([[rows.loc[(a, n), "share_after"] for n in names] for a in alterations], dtype=float)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1.8, aspect="auto")
    for (y, x), value in np.ndenumerate(share):
        cell = rows.loc[(alterations[y], names[x])]
        change = "" if np.isnan(cell["median_change"]) else f"\n({cell['median_change']:+,.2f})"
        bounds = f"{cell['share_lower']:.0%} to {cell['share_upper']:.0%}"
        should = _SHOULD[Expected(cell["expected"])]
        text = f"{cell['share_before']:.0%} {_ARROW} {value:.0%}  [{bounds}]{change}\n{should}"
        axes.text(x, y, text, ha="center", va="center", fontsize=8.5)
        if contradicts(cell):
            axes.add_patch(
                Rectangle((x - 0.47, y - 0.45), 0.94, 0.9, facecolor="none", edgecolor=_GENERATED, linewidth=2.5)
            )
    images = [int(rows.loc[(alteration, "valid"), "images"]) for alteration in alterations]
    labels = [f"{textwrap.fill(name, 24)}\n{n} images" for name, n in zip(alterations, images, strict=True)]
    axes.set_yticks(range(len(alterations)), labels)
    axes.set_xticks(range(len(names)), ["all five" if name == "valid" else short(name) for name in names])
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.spines[:].set_visible(False)
    return figure


def contradicts(reaction: Mapping[Any, Any] | pd.Series) -> bool:
    """Whether a row of REACTIONS is not as expected.

    What should stay changes beyond chance, or what should fall is not shown to fall.
    """
    match Expected(reaction["expected"]):
        case Expected.UNCHANGED:
            return bool(reaction["difference_upper"] < 0 or reaction["difference_lower"] > 0)
        case Expected.LOWER:
            return bool(reaction["difference_upper"] >= 0)
        case Expected.EITHER:
            return False


def accepted_grid(
    generated: pd.DataFrame,
    pixels: ImageRows,
    maximum: int,
    true_images: pd.DataFrame | None = None,
    true_pixels: ImageRows = (),
) -> Figure:
    """Show images that pass all five scores: some true ones to compare with, if given, then generated ones by group.

    The tables' index numbers the rows of the images, of which at most `maximum` are shown.
    """
    rows = []
    if true_images is not None:
        passing = true_images[true_images["valid"] == 1]
        label = f"true images\n(test split)\n{len(passing)} of {len(true_images)} pass"
        rows.append((label, _tiles(passing.head(_IN_A_ROW), true_pixels)))
    groups = sorted(set(generated["group"]))
    each = _share_out(maximum - _IN_A_ROW * len(rows), len(groups))
    for group in groups:
        images = generated[generated["group"] == group]
        passing = images[images["valid"] == 1]
        rows.append((f"{group}\n{len(passing)} of {len(images)} pass", _tiles(passing.head(each), pixels)))
    return image_grid(rows, f"Accepted: {int(generated['valid'].sum())} of {len(generated)} generated images")


def rejected_grid(generated: pd.DataFrame, pixels: ImageRows, maximum: int) -> Figure:
    """Show generated images that fail each score: first those that fail fewest others, of these the lowest.

    The table's index numbers the rows of `pixels`; at most `maximum` images are shown.
    """
    failed = (generated[list(SCORES)] <= 0).sum(axis=1).rename("failed")
    each = _share_out(maximum, len(SCORES))
    rows = []
    for name in SCORES:
        images = generated.assign(failed=failed)[generated[name] <= 0].sort_values(["failed", name], kind="stable")
        alone = int((images["failed"] == 1).sum())
        label = f"{short(name)}\n{len(images)} fail it,\n{alone} of them only it"
        rows.append((label, _tiles(images.head(each), pixels)))
    rejected = int((failed > 0).sum())
    return image_grid(rows, f"Rejected: {rejected} of {len(generated)} generated images (! marks a score that fails)")


def _plot_score(axes: Axes, true_images: NDArray[np.float64], generated: NDArray[np.float64], bounded: bool) -> None:
    both = np.concatenate([true_images, generated])
    if not len(both):
        return
    low = -1.0 if bounded else min(float(np.quantile(both, _CUT)), -0.05)
    edges = np.linspace(low, 1, _BINS + 1).tolist()
    for values, colour in ((true_images, _TRUE), (generated, _GENERATED)):
        if len(values):
            weights = np.full(len(values), 1 / len(values))
            axes.hist(np.maximum(values, low), edges, weights=weights, histtype="stepfilled", color=colour, alpha=0.4)
            axes.hist(np.maximum(values, low), edges, weights=weights, histtype="step", color=colour, linewidth=1.2)
    axes.axvline(0, color="black", linewidth=1)
    if outside := int((both < low).sum()):
        axes.annotate(
            f"first bar: {outside} images\ndown to {with_minus(three_digits(both.min()))}",
            (0.02, 0.96),
            xycoords="axes fraction",
            va="top",
            fontsize=8,
        )
    _say_ties(axes, true_images, generated)
    axes.set_ylabel("share of images")
    axes.spines[["top", "right"]].set_visible(False)


def _say_ties(axes: Axes, true_images: NDArray[np.float64], generated: NDArray[np.float64]) -> None:
    shares = [
        (name, float((values == 1).mean()))
        for name, values in (("true", true_images), ("generated", generated))
        if len(values)
    ]
    if max(share for _, share in shares) >= _TIED:
        said = "\n".join(f"{share:.0%} of {name}" for name, share in shares)
        axes.annotate(f"exactly 1:\n{said}", (0.5, 0.5), xycoords="axes fraction", va="center", fontsize=9)


def _tiles(images: pd.DataFrame, pixels: ImageRows) -> list[Tile]:
    return [
        Tile(gray(pixels[row]), _caption(scores))
        for row, scores in zip(images.index, images.to_dict("records"), strict=True)
    ]


def _caption(image: Mapping[Any, Any]) -> str:
    """The image's name and its scores; those that fail are marked."""
    said = [f"{short(name)} {image[name]:.2f}{'' if image[name] > 0 else ' !'}" for name in SCORES]
    return "\n".join([caption_of(image["image"]), ", ".join(said[:2]), ", ".join(said[2:4]), said[4]])


def gray(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """An image (1 or 3, H, W) in grey, (H, W) in [0, 1]."""
    return grayscale(image[0] if len(image) == 1 else image.transpose(1, 2, 0))


def _share_out(images: int, rows: int) -> int:
    """Images for each of so many rows of a grid; whole lines if there are several."""
    each = max(images // max(rows, 1), 1)
    return each - each % _IN_A_ROW if each > _IN_A_ROW else each


def short(name: str) -> str:
    """The name of a score for a figure."""
    return name.removeprefix("score_")
