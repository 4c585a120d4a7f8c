"""Sheets of films: a packed set with the outlines of its masks, and true films beside their altered copies."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radsieve.imaging.packs import Pack
from radsieve.reporting.overlays import DRAWN, outlined
from radsieve.reporting.sheet import Tile, film_sheet
from radsieve.tables.films import PARTS

_PER_PART = 8  # films shown of each part


def set_sheet(pack: Pack, films: pd.DataFrame) -> Figure:
    """Draw films of each part of a pack, with the outlines of their masks if it has any.

    `films` (tables.films.FILMS) has the rows of the pack. Of each label equally many are shown, spread evenly over
    the part.
    """
    rows = []
    for part in PARTS:
        of_part = films[films["part"] == part]
        by_label = {str(label): np.asarray(same.index) for label, same in of_part.groupby("label")}
        shown = [_spread(same, max(_PER_PART // len(by_label), 1)) for same in by_label.values()]
        counts = [f"{len(same)} {label}" for label, same in by_label.items() if label]
        facts = [part, f"{len(of_part)} films of {of_part['patient'].nunique()} patients", *counts]
        tiles = [_tile(pack, films, row) for row in np.concatenate(shown)[:_PER_PART]]
        rows.append(("\n".join(facts), tiles))
    kind = "Films and masks" if pack.masks is not None else "Films"
    return film_sheet(rows, f"{kind} as they are packed: {len(films)} films of {films['patient'].nunique()} patients")


def _spread(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most `most` of `rows`, evenly spaced."""
    return np.asarray(rows[np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int))])


def _tile(pack: Pack, films: pd.DataFrame, row: int) -> Tile:
    masks = [] if pack.masks is None else [(pack.masks[row, 0] > 0, DRAWN)]
    facts = [films["label"][row], films["group"][row]]
    return Tile(outlined(pack.films[row], masks), "\n".join([films["film"][row], ", ".join(filter(None, facts))]))


_TILE, _GAP, _LABEL, _TITLE, _HEADER, _MARGIN = 1.35, 0.06, 1.5, 0.5, 0.5, 0.12  # inches
_UNALTERED = "none"


def alteration_sheet(films: NDArray[np.uint8], reference: pd.DataFrame, most: int) -> Figure:
    """Draw `most` of the films that have altered copies, a row for each, a column for each alteration.

    `films` (n, channels, H, W) are the rows of `reference` (screening.tables.REFERENCE_FILMS).
    """
    copies = reference[reference["alteration"] != _UNALTERED]
    originals = list(dict.fromkeys(copies["original"]))[:most]
    names = [_UNALTERED, *dict.fromkeys(copies["alteration"])]
    title = f"True films and their altered copies: {len(originals)} of {copies['original'].nunique()} films"
    if not originals:
        return film_sheet([], title)
    width = _LABEL + len(names) * (_TILE + _GAP) + _MARGIN
    height = _TITLE + _HEADER + len(originals) * (_TILE + _GAP) + _MARGIN
    figure = Figure(figsize=(width, height), facecolor="white")
    figure.text(_MARGIN / width, 1 - 0.32 / height, title, size=13, weight="bold", va="center")
    of = reference.reset_index().set_index(["original", "alteration"])["index"]
    for column, name in enumerate(names):
        left = _LABEL + column * (_TILE + _GAP)
        heading = "\n".join(textwrap.wrap("as it is" if name == _UNALTERED else name, 17))
        center = (left + _TILE / 2) / width
        figure.text(center, 1 - (_TITLE + _HEADER - 0.06) / height, heading, size=9, ha="center", va="bottom")
        for row, original in enumerate(originals):
            bottom = height - _TITLE - _HEADER - row * (_TILE + _GAP) - _TILE
            axes = figure.add_axes((left / width, bottom / height, _TILE / width, _TILE / height))
            film = films[of[original, name]].transpose(1, 2, 0).squeeze()
            axes.imshow(film, cmap="gray", vmin=0, vmax=255, aspect="auto", interpolation="antialiased")
            axes.set_axis_off()
            if column == 0:
                label = "\n".join(textwrap.wrap(original, 20)[:5])
                figure.text(_MARGIN / width, (bottom + _TILE) / height, label, size=8, va="top", parse_math=False)
    return figure
