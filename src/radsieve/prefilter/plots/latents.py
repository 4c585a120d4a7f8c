"""The figures of stage explore_latents: pass rates, correlations, and whether good latents lie apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from numpy.typing import NDArray

from radsieve.figures.axes import tidy
from radsieve.prefilter.tables import MixingClassifier, MixingSpace
from radsieve.screening.tables import SCORES

_BEST, _WORST = "#0072b2", "#d55e00"  # Okabe and Ito's blue and vermilion
_QUIET, _BAND, _FRAME = "#9aa5b1", "#e8ebee", "#d0d4d9"
_ORDER = ("valid", *SCORES)
_DARK = 0.55  # shade from which on text is white
_MAPS = 4  # panels of the plane side by side
_MIXED = (
    (
        MixingSpace.PLANE,
        MixingClassifier.NEIGHBOURS,
        "by neighbours in the plane of UMAP; bold: above chance",
    ),
    (MixingSpace.LATENT, MixingClassifier.LINEAR, "by a linear classifier of all components; bold: above chance"),
)


def plot_valid_rates(rates: pd.DataFrame) -> Figure:
    """Plot prefilter.tables.VALID_RATES: the share of valid rows with intervals, and that which passes each score."""
    groups = rates[rates["group"] != "all"]
    names, scores = list(dict.fromkeys(groups["group"])), list(dict.fromkeys(groups["score"]))
    figure = Figure(figsize=(12.5, 1.7 + 0.52 * len(names)), layout="constrained")
    valid, each = figure.subplots(1, 2, width_ratios=[1, 1.5])
    rows = groups[groups["score"] == "valid"].set_index("group").loc[names]
    place = np.arange(len(names))
    valid.hlines(place, rows["lower"], rows["upper"], color=_BEST, linewidth=2)
    valid.plot(rows["share"], place, "o", color=_BEST, markersize=6)
    for y, row in zip(place, rows.to_dict("records"), strict=True):
        text = f"{row['share']:.1%}  ({row['passed']:,} of {row['rows']:,})"
        valid.annotate(text, (row["upper"], y), xytext=(8, 0), textcoords="offset points", va="center", fontsize=9)
    valid.set_yticks(place, [f"{name}\n{row}" for name, row in zip(names, rows["source"], strict=True)])
    valid.set(ylim=(len(names) - 0.5, -0.5), xlim=(0, max(rows["upper"].max() * 1.75, 0.01)))
    valid.set_title("Valid: all five scores pass", fontsize=11)
    valid.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    tidy(valid, grid="x")
    shares = groups.pivot_table(index="group", columns="score", values="share", sort=False).loc[names, scores]
    _heat(each, shares.to_numpy(), [_short(name) for name in scores], [""] * len(names), "Blues", (0, 1), ".0%")
    each.set_title("Share that passes each score", fontsize=11)
    return figure


def plot_correlations(correlations: pd.DataFrame) -> Figure:
    """Plot prefilter.tables.SCORE_CORRELATIONS of each source as a whole, as heat maps with numbers."""
    first = correlations.drop_duplicates("source")[["source", "group"]].to_records(index=False)
    figure = Figure(figsize=(6.3 * len(first), 5.6), layout="constrained")
    figure.suptitle("Correlation of the scores (Pearson)")
    for axes, (source, group) in zip(figure.subplots(1, len(first), squeeze=False)[0], first, strict=True):
        matrix = correlations[(correlations["source"] == source) & (correlations["group"] == group)]
        names = [_short(name) for name in matrix["score"]]
        _heat(axes, matrix[list(matrix["score"])].to_numpy(float), names, names, "RdBu_r", (-1, 1), ".2f")
        axes.set_title(f"{source}: {'all groups' if group == 'all' else group}", fontsize=11)
    return figure


def plot_components(components: pd.DataFrame, confidence: float) -> Figure:
    """Plot the rank correlations of prefilter.tables.COMPONENTS: one panel per group and score, chance as a band.

    Those with a p-value of at most 1 - `confidence` are blue, and counted.
    """
    figure, panels = _grid(components, 1.75, 1.25, "Rank correlation of each score with each component of the latent")
    limit = 1.4 * np.nanmax(components[["rank_correlation", "rank_chance_level"]].abs().to_numpy(), initial=0.01)
    for panel in panels:
        axes, rows = panel.axes, panel.rows
        level = rows["rank_chance_level"].iloc[0]
        beyond = (rows["rank_p_value"] <= 1 - confidence).to_numpy()  # as the table on the page counts
        axes.axhspan(-level, level, color=_BAND, linewidth=0)
        for chosen, colour in ((~beyond, _QUIET), (beyond, _BEST)):
            bars = rows[chosen]
            axes.vlines(bars["component"], 0, bars["rank_correlation"], color=colour, linewidth=0.9)
        axes.text(
            0.98, 0.97, f"{beyond.sum()} of {len(rows)}", transform=axes.transAxes, ha="right", va="top", fontsize=8
        )
        axes.set(ylim=(-limit, limit), xlim=(-2, rows["component"].max() + 2), xticks=[])
        axes.tick_params(labelsize=7, labelleft=panel.leftmost)
    figure.supxlabel(
        "component 0 to 127; grey band: the level that the largest of all reaches by chance; blue, and counted:"
        " beyond it",
        fontsize=9,
    )
    return figure


def plot_embedding(embedding: pd.DataFrame, mixing: pd.DataFrame) -> Figure:
    """Plot the ROC-AUC of prefilter.tables.MIXING by group and score, and the points of EMBEDDING of valid rows.

    A heat map for the neighbours in the plane and one for the linear classifier by all components; what exceeds chance
    is bold. Below, a panel for each group.
    """
    groups = list(dict.fromkeys(mixing["group"]))
    names = [name for name in _ORDER if name in set(mixing["score"])]
    valid = embedding[embedding["score"] == "valid"]
    maps = -(-valid["group"].nunique() // _MAPS)
    heights = [0.27 * len(groups) + 0.75] * 2 + [1.6 * maps] * (maps > 0)
    figure = Figure(figsize=(6, sum(heights) + 0.8 if groups else 1.6), layout="constrained")
    figure.suptitle("ROC-AUC of the best against the worst latents (0.5: not discriminated)", fontsize=10)
    if not groups:
        figure.text(0.5, 0.4, "no group has enough rows", ha="center")
        return figure
    parts = np.ravel(figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights))
    for part, (space, classifier, title) in zip(parts, _MIXED, strict=False):
        rows = mixing[(mixing["space"] == space) & (mixing["classifier"] == classifier)].set_index(["group", "score"])
        rows = rows.reindex(pd.MultiIndex.from_product([groups, names]))
        area, chance = (rows[name].to_numpy(float).reshape(len(groups), -1) for name in ("roc_auc", "chance_upper"))
        axes = part.subplots()
        _heat(axes, area, [_short(name) for name in names], groups, "Blues", (0.4, 1.1), ".2f", white=0.9)
        for text, beyond in zip(axes.texts, (area > chance).ravel(), strict=True):
            text.set_fontweight("bold" if beyond else "normal")
        axes.set_title(title, fontsize=9)
    if maps:
        _plot_planes(parts[-1], valid)
    return figure


def _plot_planes(part: SubFigure, valid: pd.DataFrame) -> None:
    """The rows of EMBEDDING of score valid in the plane, a small panel for each group."""
    part.suptitle("The plane: valid (blue) and not valid (orange)", fontsize=9)
    groups = list(dict.fromkeys(valid["group"]))
    panels = part.subplots(-(-len(groups) // _MAPS), _MAPS, squeeze=False).ravel()
    for axes, group in zip(panels, groups, strict=False):
        shuffled = valid[valid["group"] == group].sort_values("row")  # so that neither kind lies on top
        colours = np.where(shuffled["best"] == 1, _BEST, _WORST)
        axes.scatter(shuffled["x"], shuffled["y"], s=2.5, c=colours.tolist(), alpha=0.65, linewidths=0)
        axes.set_title(group, fontsize=8, pad=2)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color(_FRAME)
    for axes in panels[len(groups) :]:
        axes.axis("off")


@dataclass(frozen=True)
class _Panel:
    """A panel of a grid: the rows of one group and score, and whether it is at the left edge."""

    axes: Axes
    rows: pd.DataFrame
    leftmost: bool


def _grid(table: pd.DataFrame, width: float, height: float, title: str) -> tuple[Figure, list[_Panel]]:
    """A figure with a panel for each group (rows) and score (columns) of `table` that has rows."""
    groups, scores = list(dict.fromkeys(table["group"])), [name for name in _ORDER if name in set(table["score"])]
    figure = Figure(figsize=(0.9 + width * max(len(scores), 4), 1.3 + height * max(len(groups), 1)))
    figure.set_layout_engine("constrained")
    figure.suptitle(title)
    if table.empty:
        figure.text(0.5, 0.5, "no group has enough rows", ha="center")
        return figure, []
    panels = []
    for (y, x), axes in np.ndenumerate(figure.subplots(len(groups), len(scores), squeeze=False)):
        rows = table[(table["group"] == groups[y]) & (table["score"] == scores[x])]
        if x == 0:
            axes.set_ylabel(groups[y], fontsize=9)
        if y == 0:
            above = {"xytext": (0, 16), "xycoords": "axes fraction", "textcoords": "offset points"}
            axes.annotate(_short(scores[x]), (0.5, 1), ha="center", **above)
        if len(rows):
            panels.append(_Panel(axes, rows, x == 0))
        else:
            axes.text(0.5, 0.5, "too few rows", transform=axes.transAxes, ha="center", fontsize=8, color="grey")
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_color(_FRAME)
    return figure, panels


def _heat(
    axes: Axes,
    values: NDArray[np.float64],
    across: Sequence[str],
    down: Sequence[str],
    colours: str,
    limits: tuple[float, float],
    form: str,
    white: float = _DARK,
) -> None:
    """A matrix as a heat map with its numbers, which are white where the value is above `white`."""
    axes.imshow(values, cmap=colours, vmin=limits[0], vmax=limits[1], aspect="auto")
    for (y, x), value in np.ndenumerate(values):
        text = "–" if np.isnan(value) else format(value, form)
        axes.text(x, y, text, ha="center", va="center", fontsize=8.5, color="white" if abs(value) > white else "black")
    axes.set_xticks(range(len(across)), across, fontsize=9)
    axes.set_yticks(range(len(down)), down, fontsize=9)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _short(name: str) -> str:
    return name.removeprefix("score_")
