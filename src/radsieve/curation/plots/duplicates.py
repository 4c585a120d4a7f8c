"""The figure of the groups of duplicates."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radsieve.figures.grids import Tile, display_range, image_grid
from radsieve.numbers import count_of

_FILES = 8  # images shown of one group


def duplicate_grid(
    groups: pd.DataFrame, conflicts: pd.DataFrame, load: Callable[[str], NDArray[np.float32]], maximum: int
) -> Figure:
    """Show at most `maximum` of the groups (curation.tables.DUPLICATE_GROUPS), those with `conflicts` of grade first.

    One image is shown per file; framed are those graded differently from the group's first. `load` returns the
    grey values (H, W) of a file_id.
    """
    conflicting = set(conflicts["group"])
    numbers = sorted(groups["group"].unique(), key=lambda number: (number not in conflicting, number))[:maximum]
    rows = []
    for number in numbers:
        group = groups[groups["group"] == number]
        files = [file for _, file in group.groupby("file_id", sort=False)]
        grades = set(files[0]["severity"])
        label = f"Group {number}\n{count_of(len(files), 'file')}, {count_of(len(group), 'path')}"
        if len(files) > _FILES:
            label += f"\n(first {_FILES} files shown)"
        if number in conflicting:
            label += "\ngrades in conflict"
        rows.append((label, [_tile(file, grades, load) for file in files[:_FILES]]))
    shown, total = len(numbers), groups["group"].nunique()
    title = "Images that show the same picture" + (f": {shown} of {total} groups" if total else "")
    return image_grid(rows, title)


def _tile(file: pd.DataFrame, grades: set[str], load: Callable[[str], NDArray[np.float32]]) -> Tile:
    first = file.iloc[0]
    tie = f"{first['kind']}, {first['distance']} bits, similarity {first['similarity']:.3f}"
    if first["representative"]:
        tie = "representative"
    paths = f", {len(file)} paths" if len(file) > 1 else ""
    caption = f"{first['relative_path']}\n{' / '.join(sorted(set(file['severity'])))}{paths}\n{tie}"
    return Tile(display_range(load(first["file_id"])), caption, flagged=set(file["severity"]) != grades)
