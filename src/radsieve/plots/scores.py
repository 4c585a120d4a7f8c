"""The figures of stage score_images: distributions, reactions to alterations, and films accepted and rejected."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radsieve.imaging.decode import grayscale
from radsieve.plots.sheet import Tile, film_sheet
from radsieve.screening_tables import SCORES

_TRUE, _GENERATED = "#44546a", "#d55e00"
_BOUNDED = {"score_abnormal", "score_maxheat"}  # they lie in [-1, 1], the others in (-infinity, 1]
_BINS = 40
_CUT = 0.02  # share of the films left out of a histogram on its left, where scores have no bound
_IN_A_ROW = 4  # films of a sheet that stand side by side


class ImageRows(Protocol):
    """Films (channels, H, W) by their row: an array, or several that count as one."""

    def __getitem__(self, row: Any, /) -> Any:
        """Return the film of a row."""
        ...


def draw_scores(true_films: pd.DataFrame, generated: pd.DataFrame) -> Figure:
    """Draw a histogram of each of SCORES, in density, of true and of generated films; what lies right of 0 passes."""
    figure = Figure(figsize=(13, 6.4), layout="constrained")
    figure.suptitle("The five scores: a film passes right of 0")
    grid = figure.subplots(2, 3).ravel()
    for axes, name in zip(grid, SCORES, strict=False):
        _draw_score(axes, true_films[name].to_numpy(float), generated[name].to_numpy(float), name in _BOUNDED)
        axes.set_title(short(name), fontsize=11)
    legend = grid[-1]
    legend.axis("off")
    for y, colour, films, what in ((0.62, _TRUE, true_films, "true"), (0.42, _GENERATED, generated, "generated")):
        valid = f", {films['valid'].mean():.1%} pass all five" if len(films) else ""
        legend.text(0.02, y, f"\N{BLACK SQUARE} {len(films):,} {what} films{valid}", color=colour, fontsize=11)
    return figure


def draw_reactions(reactions: pd.DataFrame) -> Figure:
    """Draw REACTIONS as a table: the share that still passes (shaded), its interval, and the median change."""
    alterations = list(dict.fromkeys(reactions["alteration"]))
    names = [*SCORES, "valid"]
    figure = Figure(figsize=(12, 1.9 + 0.85 * max(len(alterations), 1)), layout="constrained")
    figure.suptitle("How the scores answer to alterations of true films: share that still passes (median change)")
    axes = figure.subplots()
    if not alterations:
        axes.axis("off")
        axes.text(0.5, 0.5, "no altered films", ha="center")
        return figure
    rows = reactions.set_index(["alteration", "score"])
    share = np.array([[rows.loc[(a, n), "share_after"] for n in names] for a in alterations], dtype=float)
    axes.imshow(share, cmap="RdYlBu", vmin=-0.3, vmax=1.3, aspect="auto", alpha=0.6)
    for (y, x), value in np.ndenumerate(share):
        cell = rows.loc[(alterations[y], names[x])]
        change = "" if np.isnan(cell["median_change"]) else f"\n({cell['median_change']:+,.2f})"
        bounds = f"{cell['share_lower']:.0%} to {cell['share_upper']:.0%}"
        axes.text(x, y, f"{value:.0%}  [{bounds}]{change}", ha="center", va="center", fontsize=8.5)
    films = [int(rows.loc[(alteration, "valid"), "films"]) for alteration in alterations]
    labels = [f"{alteration.replace('_', ' ')}\n{n} films" for alteration, n in zip(alterations, films, strict=True)]
    axes.set_yticks(range(len(alterations)), labels)
    axes.set_xticks(range(len(names)), ["all five" if name == "valid" else short(name) for name in names])
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.spines[:].set_visible(False)
    return figure


def accepted_sheet(
    generated: pd.DataFrame,
    pixels: ImageRows,
    most: int,
    true_films: pd.DataFrame | None = None,
    true_pixels: ImageRows = (),
) -> Figure:
    """Show films that pass all five scores: some true ones to compare with, if given, then generated ones by group.

    The tables' index numbers the rows of the films, of which at most `most` are shown.
    """
    rows = []
    if true_films is not None:
        passing = true_films[true_films["valid"] == 1]
        label = f"true films\n(part test)\n{len(passing)} of {len(true_films)} pass"
        rows.append((label, _tiles(passing.head(_IN_A_ROW), true_pixels)))
    groups = sorted(set(generated["group"]))
    each = _share_out(most - _IN_A_ROW * len(rows), len(groups))
    for group in groups:
        films = generated[generated["group"] == group]
        passing = films[films["valid"] == 1]
        rows.append((f"{group}\n{len(passing)} of {len(films)} pass", _tiles(passing.head(each), pixels)))
    return film_sheet(rows, f"Accepted: {int(generated['valid'].sum())} of {len(generated)} generated films")


def rejected_sheet(generated: pd.DataFrame, pixels: ImageRows, most: int) -> Figure:
    """Show generated films that fail each score: first those that fail fewest others, of these the lowest.

    The table's index numbers the rows of `pixels`; at most `most` films are shown.
    """
    failed = (generated[list(SCORES)] <= 0).sum(axis=1).rename("failed")
    each = _share_out(most, len(SCORES))
    rows = []
    for name in SCORES:
        films = generated.assign(failed=failed)[generated[name] <= 0].sort_values(["failed", name], kind="stable")
        alone = int((films["failed"] == 1).sum())
        label = f"{short(name)}\n{len(films)} fail it,\n{alone} of them it alone"
        rows.append((label, _tiles(films.head(each), pixels)))
    rejected = int((failed > 0).sum())
    return film_sheet(rows, f"Rejected: {rejected} of {len(generated)} generated films (! marks a score that fails)")


def _draw_score(axes: Axes, true_films: NDArray[np.float64], generated: NDArray[np.float64], bounded: bool) -> None:
    both = np.concatenate([true_films, generated])
    if not len(both):
        return
    low = -1.0 if bounded else min(float(np.quantile(both, _CUT)), -0.05)
    edges = np.linspace(low, 1, _BINS + 1).tolist()
    for values, colour in ((true_films, _TRUE), (generated, _GENERATED)):
        if len(values):
            weights = np.full(len(values), 1 / len(values))
            axes.hist(np.maximum(values, low), edges, weights=weights, histtype="stepfilled", color=colour, alpha=0.4)
            axes.hist(np.maximum(values, low), edges, weights=weights, histtype="step", color=colour, linewidth=1.2)
    axes.axvline(0, color="black", linewidth=1)
    if outside := int((both < low).sum()):
        axes.annotate(
            f"first bar: {outside} films\ndown to {both.min():,.3g}",
            (0.02, 0.96),
            xycoords="axes fraction",
            va="top",
            fontsize=8,
        )
    axes.set_ylabel("share of films")
    axes.spines[["top", "right"]].set_visible(False)


def _tiles(films: pd.DataFrame, pixels: ImageRows) -> list[Tile]:
    return [
        Tile(gray(pixels[row]), _caption(scores))
        for row, scores in zip(films.index, films.to_dict("records"), strict=True)
    ]


def _caption(film: Mapping[Any, Any]) -> str:
    """The film's name and its scores; those that fail are marked."""
    said = [f"{short(name)} {film[name]:.2f}{'' if film[name] > 0 else ' !'}" for name in SCORES]
    return "\n".join([film["film"], ", ".join(said[:2]), ", ".join(said[2:4]), said[4]])


def gray(film: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A film (1 or 3, H, W) in grey, (H, W) in [0, 1]."""
    return grayscale(film[0] if len(film) == 1 else film.transpose(1, 2, 0))


def _share_out(films: int, rows: int) -> int:
    """Films for each of so many rows of a sheet; whole lines if there are several."""
    each = max(films // max(rows, 1), 1)
    return each - each % _IN_A_ROW if each > _IN_A_ROW else each


def short(name: str) -> str:
    """The name of a score for a figure."""
    return name.removeprefix("score_")
