"""The figure of stage classify_images: films with their heat maps laid over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from radsieve.imaging.decode import grayscale
from radsieve.plots.heat import heat_overlay
from radsieve.plots.sheet import Tile, film_sheet


@dataclass(frozen=True)
class ShownFilm:
    """A film (channels, H, W), its Grad-CAM map (H, W) and its probability."""

    name: str
    film: npt.NDArray[np.uint8]
    heat: npt.NDArray[np.float32]
    probability: float


def heat_sheet(shown: Mapping[str, Sequence[ShownFilm]], positive: str, films: int) -> Figure:
    """Draw the films of each kind in `shown`, out of `films`, with the heat of the label `positive` laid over them.

    The colours of all films share one scale, which ends at the greatest heat among them.
    """
    most = max((float(found.heat.max()) for kind in shown.values() for found in kind), default=0.0)
    rows = [
        (
            f"{kind.capitalize()}\nof {positive}\nbrightest: heat {most:.3g}",
            [_tile(found, most) for found in kind_films],
        )
        for kind, kind_films in shown.items()
        if kind_films
    ]
    count = sum(len(tiles) for _, tiles in rows)
    return film_sheet(rows, f"Where {positive} is seen (Grad-CAM): {count} of {films} films")


def _tile(found: ShownFilm, most: float) -> Tile:
    film = found.film[0] if len(found.film) == 1 else found.film.transpose(1, 2, 0)
    caption = f"{found.name}\nprobability {found.probability:.3f}, heat {found.heat.max():.3g}"
    return Tile(heat_overlay(grayscale(film), found.heat, most), caption)
