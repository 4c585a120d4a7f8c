"""The figure of graders compared with themselves and with each other on the same files."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from radsieve.curation.agreement.self_consistency import ALL

_SELF, _PART, _BETWEEN = "#1f4e79", "#8fa9c4", "#b3561e"


def plot_consistency(consistency: pd.DataFrame, metrics: Mapping[str, Any]) -> Figure:
    """Plot the shares of SELF_CONSISTENCY, and that of two graders on the same files (`metrics` of graded_twice)."""
    rows = [
        (f"{row['expert']}: {row['kind']}", row["share"], row["lower"], row["upper"], row["pairs"], row["kind"] == ALL)
        for _, row in consistency.iterrows()
    ]
    between = metrics["same_grade_by_two"] is not None
    height = 1.1 + 0.3 * (len(rows) + between)
    figure = Figure(figsize=(8.5, max(height, 1.6)), layout="constrained")
    if not rows:
        figure.text(0.5, 0.5, "no grader graded two files of one picture", ha="center")
        return figure
    axes = figure.add_subplot()
    colours = [_SELF if whole else _PART for *_, whole in rows]
    if between:
        bounds = [metrics[f"same_grade_by_two{end}"] for end in ("", "_lower", "_upper")]
        rows.append(("two graders, the same file", *bounds, metrics["files_graded_by_two"], True))
        colours.append(_BETWEEN)
    for place, ((_, share, lower, upper, number, _), colour) in enumerate(zip(rows, colours, strict=True)):
        axes.plot([100 * lower, 100 * upper], [place, place], color=colour, linewidth=2.5, solid_capstyle="butt")
        axes.plot(100 * share, place, "o", color=colour)
        words = f"{100 * share:.1f}% of {number:,}"
        axes.annotate(words, (1.01, place), xycoords=("axes fraction", "data"), va="center")
    axes.set_yticks(range(len(rows)), [row[0] for row in rows], parse_math=False)
    axes.invert_yaxis()
    axes.set_xlabel("the same grade, in % (with interval)")
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
