"""The figures of stage measure_agreement: how far raters agree, and the images on which they do not."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from numpy.typing import NDArray

from radsieve.figures.grids import Tile, display_range, image_grid
from radsieve.imaging.decode import load_grayscale
from radsieve.numbers import count_of, with_minus

_COLUMNS = 3  # maximum number of raters' confusion matrices side by side
_WIDTH = 8.5  # inches, so that 9 points can be read where a page shows the figure
_PANELS = 30  # raters at most whose confusion matrices are shown
_NOTED = 20  # a larger heat map has no room for numbers
_COLOUR = "#1f4e79"


def plot_agreement(
    contingency: pd.DataFrame,
    coefficients: pd.DataFrame,
    findings: pd.DataFrame,
    confusion: pd.DataFrame,
    labels: Sequence[str],
    origin: str,
) -> Figure:
    """Plot the tables CONTINGENCY, COEFFICIENTS, FINDING_COEFFICIENTS and RATER_CONFUSION.

    Two raters: their contingency table, `labels` as it shows them; more: Cohen's kappa of every two, if there are any
    (see `agreement_tables.PAIRED`). `origin` says where the ratings come from.
    """
    raters = list(dict.fromkeys(confusion["rater"]))
    together = coefficients[coefficients["raters"] == "all"]
    nominal = (findings["coefficient"] == "Krippendorff's alpha") & (findings["weighting"] == "nominal")
    alpha = findings[nominal]
    columns = min(max(len(raters), 1), _COLUMNS)
    shown = raters[:_PANELS]
    lines = max(-(-len(shown) // columns), 1)
    paired = (coefficients["coefficient"] == "Cohen's kappa") & (coefficients["weighting"] == "none")
    kappas = coefficients.loc[paired, "value"].to_numpy(dtype=float)
    many = len(raters) > 2 and not len(kappas)
    heights = [
        0.4 if many else 5.2 if len(raters) != 2 else 4.2,
        0.26 * len(together) + 0.9,
        0.4 + _WIDTH / columns * lines,
    ]
    if len(alpha):
        heights.insert(2, 0.27 * len(alpha) + 0.9)
    figure = Figure(figsize=(_WIDTH, sum(heights) + 0.6), layout="constrained")
    figure.suptitle(f"Agreement of {len(raters)} raters ({origin})", parse_math=False)
    if together.empty:
        figure.text(0.5, 0.5, "no ratings", ha="center")
        return figure
    grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    parts = [figure.add_subfigure(grid[row]) for row in range(len(heights))]
    if len(raters) == 2:
        _plot_contingency(parts[0].subplots(), contingency, raters, labels)
    elif many:
        parts[0].suptitle("With so many raters every two are not compared", fontsize=11)
    else:
        _plot_kappas(parts[0].subplots(), kappas, raters)
    weighting = together["weighting"].replace("none", "")
    names = [f"{name}, {how}".removesuffix(", ") for name, how in zip(together["coefficient"], weighting, strict=True)]
    _plot_intervals(parts[1].subplots(), names, together, "All raters together, with intervals")
    if len(alpha):
        title = "Krippendorff's alpha of each finding"
        _plot_intervals(parts[2].subplots(), alpha["finding"].tolist(), alpha, title)
    title = "Labels given to items of each true label, in % (Dawid and Skene)"
    if len(shown) < len(raters):
        title += f"\nThe first {len(shown)} of {len(raters)} raters"
    elif len(raters) <= 2:
        title += "\nWith fewer than three raters this cannot tell who is right"
    parts[-1].suptitle(title, fontsize=11)
    _plot_confusions(parts[-1], confusion, shown, labels, (lines, columns))
    return figure


def plot_disagreements(disputed: pd.DataFrame, images: Mapping[str, Path], raters: Sequence[str], limit: int) -> Figure:
    """Show the images of `disputed` (rows of tables.cross_check), those with the same labels in one row.

    `images`: the file of every image; empty if the ratings came without images, and then the grid says so. At most
    `limit` images are shown, the first of each row in turn, so that every kind of disagreement is seen.
    """
    title = f"{count_of(len(disputed), 'item')} on which raters disagree"
    if disputed.empty:
        return image_grid([], title)
    if not images:
        return image_grid([("no images", [])], f"{title}: from a table of ratings, without images to show")
    kinds = disputed.groupby(list(raters), sort=True)
    shown = set(kinds.cumcount().sort_values(kind="stable").index[:limit])
    rows = []
    for labels, members in kinds:
        votes = [f"{rater}: {label}" for rater, label in zip(raters, labels, strict=True) if label]
        heading = "\n".join([f"{len(members)} image{'s' if len(members) > 1 else ''}", *votes])
        seen = members.loc[members.index.isin(shown), "file_id"]
        if len(seen):
            rows.append((heading, [_tile(name, images[name], votes) for name in seen]))
    if len(shown) < len(disputed):
        title += f", {len(shown)} of them shown"
    return image_grid(rows, title)


def _tile(file_id: str, path: Path, votes: Sequence[str]) -> Tile:
    return Tile(display_range(load_grayscale(path)), "\n".join([file_id[:12], *votes]))


def _plot_contingency(axes: Axes, contingency: pd.DataFrame, raters: Sequence[str], labels: Sequence[str]) -> None:
    counts = contingency.pivot_table(index="label_a", columns="label_b", values="count", aggfunc="sum")
    counts = counts.reindex(index=list(labels), columns=list(labels)).fillna(0).astype(int)
    # on a linear scale the diagonal would drown a handful of disagreements
    _heat_map(axes, np.log1p(counts.to_numpy()), counts.to_numpy().astype(str), labels)
    axes.set_title(f"{counts.to_numpy().sum()} items by the labels of both raters")
    axes.set_ylabel(raters[0], parse_math=False)
    axes.set_xlabel(raters[1], parse_math=False)


def _plot_kappas(axes: Axes, kappas: NDArray[np.floating], raters: Sequence[str]) -> None:
    values = np.full((len(raters), len(raters)), np.nan)
    values[np.triu_indices(len(raters), k=1)] = kappas  # the table lists pairs in this order
    _heat_map(axes, values, _words(values, 2), raters)
    axes.set_title("Cohen's kappa of every two raters")


def _plot_confusions(
    part: SubFigure,
    confusion: pd.DataFrame,
    raters: Sequence[str],
    labels: Sequence[str],
    grid: tuple[int, int],
) -> None:
    """A heat map per rater: of the items that truly have a label (rows), the percentage that was given each label."""
    panels = part.subplots(*grid, squeeze=False).ravel()
    for axes in panels[len(raters) :]:
        axes.set_axis_off()
    for axes, rater in zip(panels, raters, strict=False):
        shares = confusion.loc[confusion["rater"] == rater, "probability"].to_numpy(dtype=float)
        percent = 100 * shares.reshape(len(labels), len(labels))
        _heat_map(axes, percent, _words(percent, 0), labels)
        axes.set_title(rater, fontsize=10, parse_math=False)
        axes.set_ylabel("true label", fontsize=9)


def _words(values: NDArray[np.floating], digits: int) -> NDArray[np.str_]:
    return np.array([["" if np.isnan(v) else f"{v:.{digits}f}" for v in row] for row in values])


def _heat_map(axes: Axes, values: NDArray[np.floating], words: NDArray[np.str_], ticks: Sequence[str]) -> None:
    """Colour the cells (k, k) from 0 to the largest value and write `words` into them."""
    highest = max(float(np.nanmax(values, initial=0)), 1e-9)
    axes.imshow(values, cmap="Blues", vmin=0, vmax=highest)
    size = 8.5 if len(ticks) > 8 else 10
    turned = 90 if max(map(len, ticks)) > 3 else 0
    axes.set_xticks(range(len(ticks)), ticks, rotation=turned, parse_math=False, fontsize=size)
    axes.set_yticks(range(len(ticks)), ticks, parse_math=False, fontsize=size)
    if len(ticks) > _NOTED:
        return
    for (row, column), word in np.ndenumerate(words):
        colour = "white" if values[row, column] > 0.6 * highest else "black"
        axes.text(column, row, word, ha="center", va="center", color=colour, fontsize=size)


def _plot_intervals(axes: Axes, names: Sequence[str], rows: pd.DataFrame, title: str) -> None:
    """A row per coefficient: value, interval and both in figures."""
    places = np.arange(len(rows))[::-1]
    axes.hlines(places, rows["lower"], rows["upper"], color=_COLOUR, linewidth=2)
    axes.plot(rows["value"], places, "o", color=_COLOUR, markersize=4)
    for place, bounds in zip(places, rows[["value", "lower", "upper"]].to_numpy(dtype=float), strict=True):
        text = with_minus("{:.3f} ({:.3f} to {:.3f})".format(*bounds)) if np.isfinite(bounds[0]) else "undefined"
        axes.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=9)
    axes.set_yticks(places, names, fontsize=9, parse_math=False)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_title(title)
    axes.grid(axis="x", alpha=0.3)
