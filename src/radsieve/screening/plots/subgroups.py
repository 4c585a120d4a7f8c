"""The figure of results by subgroup: a forest plot."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from radsieve.screening.subgroups import FEW

_COLOUR, _FEW_COLOUR = "#0072b2", "#999999"
_WIDTH, _ROW = 5.4, 0.3  # inches


def plot_forest(
    subgroups: pd.DataFrame, wholes: Mapping[str, float], names: Mapping[str, str], title: str, of_label: bool = True
) -> Figure:
    """Plot SUBGROUPS: a panel for each measure of `names`, a line at its value among all images (`wholes`).

    Grey are those of fewer than 10 units (of the label that counts, if `of_label`), too few to tell.
    """
    rows = max(len(subgroups[["attribute", "subgroup"]].drop_duplicates()), 1)
    shown = [name for name in names if name in wholes]
    figure = Figure(figsize=(_WIDTH, len(shown) * (rows * _ROW + 1.1) + 0.6), layout="constrained")
    figure.suptitle(title, fontsize=11)
    for axes, measure in zip(figure.subplots(len(shown), 1, squeeze=False)[:, 0], shown, strict=True):
        part = subgroups[subgroups["measure"] == measure].reset_index(drop=True)
        labels = []
        for place, row in enumerate(part.to_dict("records")):
            few = min(_units(row, measure, of_label)) < FEW
            colour = _FEW_COLOUR if few else _COLOUR
            axes.plot([row["lower"], row["upper"]], [place, place], color=colour, linewidth=1.8)
            axes.plot([row["value"]], [place], "s", color=colour, markersize=5)
            among = f"{row['count']:.0f}/{row['of']:.0f}" if row["of"] == row["of"] else f"n={row['images']}"
            labels.append(f"{row['attribute']}: {row['subgroup']}, {among}")
        axes.axvline(wholes[measure], color="#444444", linewidth=1, linestyle=":")
        axes.set_yticks(range(len(labels)), labels, fontsize=9, parse_math=False)
        axes.set_ylim(len(labels) - 0.5, -0.5)
        axes.set_title(f"{names[measure]} (all: {wholes[measure]:.3f})", fontsize=10, loc="left")
        if measure != "dice":
            axes.set_xlim(-0.02, 1.02)
        axes.grid(axis="x", color="#e6e6e6", linewidth=0.6)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
    return figure


def _units(row: Mapping[Hashable, Any], measure: str, of_label: bool) -> list[int]:
    """Units of the labels on which a measure rests."""
    both = [row["positive_units"], row["negative_units"]]
    if not of_label:
        return [row["negative_units"]]  # where there is no label, all of them
    return {"sensitivity": both[:1], "specificity": both[1:]}.get(measure, both)
