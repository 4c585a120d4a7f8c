"""The figures of stage check_sieve: what was expected beside what was observed, and images of both arms."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from radsieve.figures.axes import tidy
from radsieve.figures.grids import Tile, image_grid
from radsieve.prefilter.tables import Arm
from radsieve.screening.plots.scores import gray, short
from radsieve.screening.tables import SCORES

Rows = dict[Hashable, Any]  # of EXPECTED_OBSERVED, by quantity or by group and quantity
Shown = Sequence[tuple[NDArray[np.uint8], Mapping[Hashable, Any]]]  # images with their rows of CHECKED_IMAGES

_EXPECTED, _OBSERVED, _BROKEN = "#8a93a3", "#0072b2", "#c0392b"
_ARMS = {Arm.UNSIEVED: "#e69f00", Arm.SIEVED: _OBSERVED}
_APART = 0.16  # of the two marks of a row from its middle

# The panels: title, and the quantities in them with their names.
_SHARES = {
    "precision_unsieved": "good images, unsieved",
    "precision_sieved": "good images, sieved",
    "acceptance_rate": "latents accepted",
    "recall": "good images kept (recall)",
    "false_positive_rate": "bad images kept",
    "roc_auc": "ROC-AUC",
}
_RATIOS = {"precision_ratio": "precision, sieved / unsieved", "saving": "time, unsieved / sieved"}
_SECONDS = {f"seconds_per_good_{arm}": arm for arm in Arm}


def plot_expected_observed(expected_observed: pd.DataFrame) -> Figure:
    """Plot EXPECTED_OBSERVED: shares, ratios and seconds of all images, and the share of good images by group."""
    rows = expected_observed[expected_observed["group"] == "all"].set_index("quantity").to_dict("index")
    groups = expected_observed[
        (expected_observed["group"] != "all") & expected_observed["quantity"].str.startswith("precision_")
    ]
    figure = Figure(figsize=(13, 6.6), layout="constrained")
    figure.suptitle("What was expected of the sieve, and what was observed on new images", fontsize=13)
    left, right = np.asarray(figure.subfigures(1, 2, width_ratios=[1.2, 1]))
    shares, ratios, seconds = left.subplots(3, 1, height_ratios=[len(_SHARES), len(_RATIOS), len(_SECONDS)])
    _pairs(shares, rows, _SHARES, "shares", ".3f")
    _pairs(ratios, rows, _RATIOS, "ratios", ".2f")
    _pairs(seconds, rows, _SECONDS, "seconds for a good image, predictor included", ".2f")
    shares.set_xlim(0, 1)
    ratios.axvline(1, color="black", linewidth=1)
    seconds.set_xlim(left=0)
    marks = [
        Line2D([], [], color=colour, marker=marker, label=label)
        for colour, marker, label in ((_EXPECTED, "s", "expected"), (_OBSERVED, "o", "observed"))
    ]
    if any(row["within"] == 0 for row in rows.values()):
        marks.append(Line2D([], [], color=_BROKEN, marker="o", label="observed, not as expected"))
    left.legend(handles=marks, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    _by_group(right.subplots(), rows, groups)
    arms = [Line2D([], [], color=colour, marker="o", label=name) for name, colour in _ARMS.items()]
    arms.append(Line2D([], [], color=_EXPECTED, linestyle="--", label="expected, the same for all groups"))
    right.legend(handles=arms, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    return figure


def arm_grids(images: pd.DataFrame, shown: Mapping[Arm, Shown]) -> dict[str, Figure]:
    """Return `arm_grid` of each arm; `images` are CHECKED_IMAGES of all of them, `shown` the images to show by arm."""
    return {str(arm): arm_grid(arm, images[images["arm"] == arm], found) for arm, found in shown.items()}


def arm_grid(name: str, images: pd.DataFrame, shown: Shown) -> Figure:
    """Show images of an arm with their rows of CHECKED_IMAGES, a row for each group; those that fail are framed."""
    tiles: dict[str, list[Tile]] = {group: [] for group in dict.fromkeys(images["group"])}
    for image, row in shown:
        failing = ", ".join(short(score) for score in SCORES if row[score] <= 0)
        caption = (
            f"predicted good: {row['probability']:.0%}\n{f'fails {failing}' if failing else 'passes all five scores'}"
        )
        tiles[row["group"]].append(Tile(gray(image), caption, flagged=not row["valid"]))
    of_group = images.groupby("group")["valid"]
    rows = [
        (f"{group}\n{int(of_group.sum()[group])} of {int(of_group.size()[group])} good", tiles[group])
        for group in tiles
    ]
    return image_grid(
        rows, f"Images of {name} latents, not selected: {int(images['valid'].sum())} of {len(images)} good"
    )


def _pairs(axes: Axes, rows: Rows, names: Mapping[str, str], title: str, form: str) -> None:
    """A line for each quantity: expected above, observed below, each with its interval and its value beside it."""
    for place, name in enumerate(names):
        row = rows[name]
        observed = _BROKEN if row["within"] == 0 else _OBSERVED
        for what, offset, colour, marker in (
            ("expected", -_APART, _EXPECTED, "s"),
            ("observed", _APART, observed, "o"),
        ):
            _mark(axes, row[what], row[f"{what}_lower"], row[f"{what}_upper"], place + offset, colour, marker)
            text = "-" if np.isnan(row[what]) else f"{row[what]:{form}}"
            axes.annotate(
                text,
                (1.01, place + offset),
                xycoords=("axes fraction", "data"),
                color=colour,
                va="center",
                fontsize=8.5,
            )
    axes.set_yticks(range(len(names)), list(names.values()))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.margins(x=0.1)
    _clean(axes, title)


def _by_group(axes: Axes, rows: Rows, groups: pd.DataFrame) -> None:
    """The share of good images of each group of the generator, with what was expected for all as bands."""
    names = list(dict.fromkeys(groups["group"]))
    found: Rows = groups.set_index(["group", "quantity"]).to_dict("index")
    for (arm, colour), offset in zip(_ARMS.items(), (-_APART, _APART), strict=True):
        quantity = f"precision_{arm}"
        row = rows[quantity]
        if np.isfinite([row["expected_lower"], row["expected_upper"]]).all():
            axes.axvspan(row["expected_lower"], row["expected_upper"], color=colour, alpha=0.13, linewidth=0)
        axes.axvline(row["expected"], color=colour, linewidth=1, linestyle="--")
        for place, group in enumerate(names):
            if one := found.get((group, quantity)):
                _mark(axes, one["observed"], one["observed_lower"], one["observed_upper"], place + offset, colour, "o")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    _clean(axes, "share of good images by group of the generator")


def _mark(axes: Axes, value: float, lower: float, upper: float, y: float, colour: str, marker: str) -> None:
    """A value with its interval, whichever of them is defined."""
    if np.isfinite([lower, upper]).all():
        axes.plot([lower, upper], [y, y], color=colour, linewidth=2, solid_capstyle="butt")
    axes.plot(value, y, marker, color=colour, markersize=6)


def _clean(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=11, loc="left")
    axes.tick_params(axis="y", length=0)
    tidy(axes, grid="x", left=False)
