"""Films with heat maps: those of classify_images, and where the classifier of the sex looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radsieve.imaging.decode import grayscale
from radsieve.reporting.overlays import heat_overlay
from radsieve.reporting.sheet import Tile, film_sheet


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


_PAIRS_IN_A_LINE = 2
_BRIGHTEST = 0.99  # quantile of the films' greatest heat that gets full colour


def sex_heat_sheet(
    shortcut: pd.DataFrame,
    films: NDArray[np.uint8],
    heat: NDArray[np.floating],
    lungs: NDArray[np.bool_],
    labels: tuple[str, str],
    threshold: float,
    most: int,
) -> Figure:
    """Show films and their heat side by side, by label and group: the positive label first, then most heat outside.

    shortcut: SHORTCUT of the `films` (n, channels, H, W), with `heat` and `lungs` (n, H, W); labels: the negative and
    the positive one; threshold: the least probability of a film that is called positive; most: films that are shown,
    shared out over the groups. All maps have the same scale of colours.
    """
    scale = float(np.quantile(heat.max(axis=(1, 2)), _BRIGHTEST))
    found = shortcut[["truth", "group"]].drop_duplicates().itertuples(index=False)
    kinds = sorted(((int(truth), str(group)) for truth, group in found), key=lambda kind: (-kind[0], _later(kind[1])))
    each = max(most // len(kinds), 1)
    each = max(each - each % _PAIRS_IN_A_LINE, 1)
    rows = []
    for truth, group in kinds:
        rows_of_kind = shortcut[(shortcut["truth"] == truth) & (shortcut["group"] == group)]
        ordered = rows_of_kind.sort_values("heat_outside", ascending=False, kind="stable", na_position="last")
        mean = rows_of_kind["heat_outside"].mean()
        name = f"{labels[truth]}{f', group {group}' if group else ''}"
        about = "" if np.isnan(mean) else f"\n{mean:.0%} of the heat\noutside of the lungs"
        tiles: list[Tile] = []
        for row in ordered.head(each).index:
            grey = grayscale(films[row][0] if len(films[row]) == 1 else films[row].transpose(1, 2, 0))
            found = shortcut.loc[row]
            outside = (
                "no heat" if np.isnan(found["heat_outside"]) else f"{found['heat_outside']:.0%} of the heat outside"
            )
            said = f"P({labels[1]}) = {found['probability']:.2f}, {outside}"
            wrong = (found["probability"] >= 0.5) != (truth == 1)
            tiles += [
                Tile(grey, str(found["film"])),
                Tile(heat_overlay(grey, heat[row], scale, lungs[row]), said, flagged=bool(wrong)),
            ]
        rows.append((f"{name}\n{len(rows_of_kind)} films{about}", tiles))
    title = f"What speaks for {labels[1]} (lungs outlined; framed: classified wrongly)"
    return film_sheet(rows, title)


def _later(group: str) -> tuple[float, str]:
    """Groups that are numbers come in falling order (films with an arm, 1, before those without), others by name."""
    return (-float(group), "") if group.replace(".", "", 1).isdigit() else (0.0, group)
