"""Pictures of drawn and generated films."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radsieve.reporting.overlays import outlined
from radsieve.reporting.sheet import Tile, film_sheet

_WIDTH = 384  # pixels of a film on the sheet


@dataclass
class Sheet:
    """Collects films for a picture while they are drawn: at most `most` in a row, a row for each label."""

    most: int
    rows: dict[str, list[Tile]] = field(default_factory=dict)

    def add(
        self, label: str, caption: str, film: NDArray[np.uint8], outlines: Sequence[tuple[NDArray[np.bool_], str]] = ()
    ) -> None:
        """Show `film` (channels, H, W) with the outlines of masks (H, W) in their colours, if its row has room."""
        row = self.rows.setdefault(label, [])
        if len(row) < self.most:
            row.append(Tile(outlined(film, outlines, _WIDTH), caption))

    def draw(self, title: str) -> Figure:
        """Draw the sheet, rows in the order of their labels."""
        return film_sheet(sorted(self.rows.items()), title)
