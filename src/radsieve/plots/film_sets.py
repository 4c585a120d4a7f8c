"""The picture of a packed set: some films of each part, with the outlines of their masks."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radsieve.imaging.packs import Pack
from radsieve.plots.outlines import DRAWN, outlined
from radsieve.plots.sheet import Tile, film_sheet
from radsieve.screening_tables import Split

_PER_PART = 8  # films shown of each part


def set_sheet(pack: Pack, films: pd.DataFrame) -> Figure:
    """Draw films of each part of a pack, with the outlines of their masks if it has any.

    `films` (screening_tables.FILMS) has the rows of the pack. Of each label equally many are shown, spread evenly over
    the part.
    """
    rows = []
    for part in Split:
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
