"""The figures of stage compare_sieving: savings by method, the depths of the generators, images of moved latents."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radsieve.figures.axes import tidy
from radsieve.figures.grids import Tile, image_grid
from radsieve.generation.tables import MIN_GOOD
from radsieve.prefilter.thresholds.published_thresholds import published_savings
from radsieve.screening.plots.scores import gray

_WHOLE, _GENERATION, _LINE, _AIM = "#0072b2", "#8a93a3", "#777777", "#c0392b"
_APART = 0.17  # of the two marks of a method from its middle


@dataclass(frozen=True)
class MovedImage:
    """The images (channels, H, W) of a latent before and after it moved by a `distance`, and whether each is good."""

    label: str
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    good_before: bool
    good_after: bool
    distance: float


def plot_methods(methods: pd.DataFrame, published: pd.DataFrame, aim: float) -> Figure:
    """Plot the savings of SIEVING_METHODS by group, beside those of the `published` THRESHOLDS_18_24M and the `aim`.

    The axis ends where the savings do: a reference beyond is named at its end.
    """
    groups = list(methods.groupby("group", sort=False))
    lines = len(groups[0][1])
    figure = Figure(figsize=(8, len(groups) * (1.2 + 0.4 * lines) + 1.3), layout="constrained")
    figure.suptitle("Saving: cost of a good image without a method / with it", fontsize=12)
    panels = figure.subplots(len(groups), 1, sharex=True, squeeze=False)[:, 0]
    end = _end(methods)
    for axes, (group, rows) in zip(panels, groups, strict=True):
        for name, label, colour, offset in (
            ("saving", "generating and scoring counted", _WHOLE, -_APART),
            ("saving_generation", "the generator's work alone", _GENERATION, _APART),
        ):
            _estimates(axes, rows, name, label, colour, np.arange(lines) + offset)
        _references(axes, published, aim, end)
        _say_if_empty(axes, rows, "saving")
        axes.set_yticks(range(lines), [_name(row) for row in rows.to_dict("records")], fontsize=9.5)
        axes.set_ylim(lines - 0.4, -0.6)
        axes.set_title(_title(str(group), rows), fontsize=10.5, loc="left", pad=16)
        _most_possible(axes, rows)
        tidy(axes, "x")
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
    panels[-1].set_xlim(0, end)
    panels[-1].set_xlabel(
        "\n".join(["saving (lines: intervals; hollow: too few good images)", *_beyond(published, aim, end)])
    )
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    return figure


def plot_depths(depths: pd.DataFrame) -> Figure:
    """Plot SIEVING_DEPTHS: ROC-AUC out of fold and the saving on new latents, by depth and group."""
    groups = list(depths.groupby("group", sort=False))
    figure = Figure(figsize=(13, 3.6 * len(groups)), layout="constrained")
    for line, (group, rows) in zip(figure.subplots(len(groups), 2, squeeze=False), groups, strict=True):
        places = np.arange(len(rows))
        chosen = int(np.argmax(rows["chosen"]))
        _by_depth(line[0], rows, "roc_auc", "out of fold", _WHOLE, "o")
        line[0].set_title(f"{group}: ROC-AUC of the predictor", fontsize=11, loc="left")
        _by_depth(line[1], rows, "saving", "generating and scoring counted", _WHOLE, "o")
        _by_depth(line[1], rows, "saving_generation", "the generator's work alone", _GENERATION, "s")
        line[1].plot(places, rows["saving_expected"], "_", color="black", ms=14, label="expected, out of fold")
        line[1].axhline(1, color=_LINE, lw=0.8)
        line[1].set_ylim(bottom=0)
        line[1].set_title(f"{group}: saving on new latents", fontsize=11, loc="left")
        for axes in line:
            if rows["roc_auc"].notna().any():
                axes.axvspan(chosen - 0.4, chosen + 0.4, color="#f0e442", alpha=0.25, lw=0, label="depth chosen")
            axes.set_xticks(places, [_depth(row, len(rows)) for row in rows.to_dict("records")], fontsize=8)
            tidy(axes, "y")
        _say_if_empty(line[0], rows, "roc_auc")
        _say_if_empty(line[1], rows, "saving")
        line[1].legend(frameon=False, fontsize=8)
    figure.supxlabel("what is evaluated, and its share of the generator's multiply-adds", fontsize=10)
    return figure


def moved_grid(images: Sequence[MovedImage]) -> Figure:
    """Show images before and after their latents were moved, pair by pair; those that are not good are framed."""
    rows = []
    for label, pairs in groupby(images, key=lambda image: image.label):
        tiles = []
        for pair in pairs:
            after = f"moved by {pair.distance:.2f}: {_verdict(pair.good_after)}"
            tiles.append(Tile(gray(pair.before), f"before: {_verdict(pair.good_before)}", not pair.good_before))
            tiles.append(Tile(gray(pair.after), after, not pair.good_after))
        rows.append((label, tiles))
    return image_grid(rows, "Images of rejected latents, and of the same latents moved")


def _estimates(
    axes: Axes, rows: pd.DataFrame, column: str, label: str, colour: str, places: NDArray[np.floating]
) -> None:
    axes.hlines(places, rows[f"{column}_lower"], rows[f"{column}_upper"], color=colour, linewidth=2)
    axes.plot(rows[column], places, "o", color=colour, markersize=5.5, label=label)
    few = (rows["good"] < MIN_GOOD).to_numpy()
    axes.plot(rows[column][few], places[few], "o", color=colour, markersize=5.5, markerfacecolor="white")
    for place, value in zip(places, rows[column], strict=True):
        text = "n/a" if np.isnan(value) else f"{value:.2f}"
        axes.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), color=colour, va="center", fontsize=9)


def _say_if_empty(axes: Axes, rows: pd.DataFrame, column: str) -> None:
    """Say why there is nothing to see."""
    if rows[column].isna().all():
        axes.text(0.5, 0.5, "not defined: too few good images", transform=axes.transAxes, ha="center", va="center")


def _end(methods: pd.DataFrame) -> float:
    """Where the axis of savings ends: beyond the intervals, but not for the width of one of few good images."""
    told = methods[methods["good"] >= MIN_GOOD]
    columns = ["saving_upper", "saving_generation_upper"]
    highest = np.nanmax(
        [*told[columns].to_numpy(float).ravel(), *methods["saving"], *methods["saving_generation"], 1.0]
    )
    return float(1.12 * highest)


def _title(group: str, rows: pd.DataFrame) -> str:
    """The group, and the most that a method can save on its latents."""
    one = rows.iloc[0]
    title = f"{group}: {one['good']} of {one['images']} images good without a method"
    if not one["precision"] > 0:
        return title
    value, least, most = _possible(rows)
    return f"{title}\nmost possible saving {value:.2f} ({least:.2f} to {most:.2f})"


def _possible(rows: pd.DataFrame) -> tuple[float, float, float]:
    """1 / the share of good images without a method, and its bounds."""
    value, upper, lower = (1 / float(rows[f"precision{end}"].iloc[0]) for end in ("", "_lower", "_upper"))
    return value, lower, upper


def _most_possible(axes: Axes, rows: pd.DataFrame) -> None:
    if rows["precision"].iloc[0] > 0:
        axes.axvspan(*_possible(rows)[1:], color="#f0e442", alpha=0.25, linewidth=0, zorder=-1, label="most possible")


def _beyond(published: pd.DataFrame, aim: float, end: float) -> list[str]:
    """The references for which the axis is too short, in words."""
    said = [f"published {value:.1f}" for value in sorted(published_savings(published).values()) if value > end]
    said += [f"aim {aim:g}"] if aim > end else []
    return [f"beyond this axis: {', '.join(said)}"] if said else []


def _references(axes: Axes, published: pd.DataFrame, aim: float, end: float) -> None:
    """Lines at 1, at the published savings, and at the aim, with their values at the top."""
    ratios = sorted(published_savings(published).values())
    names = ["published, generation alone", *[None] * len(ratios)]
    marks = [(value, name, _LINE) for value, name in zip(ratios, names, strict=False)]
    for value, name, colour in [(1.0, None, "black"), *marks, (aim, "aim", _AIM)]:
        if value > end:
            continue
        style = "-" if value == 1 else "--"
        axes.axvline(value, color=colour, linewidth=1, linestyle=style, zorder=0, label=name)
        if value != 1:
            axes.annotate(
                f"{value:.1f}",
                (value, 1),
                xycoords=("data", "axes fraction"),
                xytext=(0, 2),
                textcoords="offset points",
                ha="center",
                color=colour,
                fontsize=8.5,
            )


def _by_depth(axes: Axes, rows: pd.DataFrame, column: str, label: str, colour: str, marker: str) -> None:
    places = np.arange(len(rows))
    axes.vlines(places, rows[f"{column}_lower"], rows[f"{column}_upper"], color=colour, linewidth=2, alpha=0.6)
    axes.plot(places, rows[column], f"{marker}-", color=colour, markersize=5, linewidth=1, label=label)


def _name(row: dict[object, object]) -> str:
    """The method, and how many of its images were good."""
    return f"{row['method']} ({row['good']} of {row['images']} good)"


def _depth(row: dict[object, object], depths: int) -> str:
    name = {0: "z", depths - 1: "image"}.get(int(str(row["depth"])), f"block {row['depth']}")
    return f"{name}\n{float(str(row['generator_share'])):.1%}"


def _verdict(good: bool) -> str:
    return "good" if good else "not good"
