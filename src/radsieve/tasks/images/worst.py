"""The images that a classifier calls wrongly with the most certainty, whatever kind of model it is."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.figures.grids import Tile
from radsieve.numbers import count_of
from radsieve.tasks.images.measures import EvaluatedImages

Bytes = npt.NDArray[np.uint8]

_FULL = 255


def worst_errors(
    part: str, evaluated: EvaluatedImages, images: Bytes, table: pd.DataFrame, classes: Sequence[str], maximum: int
) -> tuple[str, list[Tile]]:
    """A row of `figures.grids.image_grid`: those of the `images` (n, channels, H, W) of a part that are called wrongly.

    The greatest probability of what an image is called comes first; of equal ones the first in the `table` (n rows).
    """
    wrong = np.flatnonzero(evaluated.called != evaluated.truth)
    sure = evaluated.probability[wrong, evaluated.called[wrong]]
    shown = wrong[np.argsort(-sure, kind="stable")][:maximum]
    tiles = [
        Tile(
            _grey_or_colour(images[place]),
            f"{table['image'].iloc[place]}\nis {classes[evaluated.truth[place]]}, called"
            f" {classes[evaluated.called[place]]}\nwith probability"
            f" {evaluated.probability[place, evaluated.called[place]]:.3f}",
        )
        for place in shown
    ]
    label = f"{part}\n{len(wrong):,} of {count_of(len(evaluated.truth), 'image')} wrong"
    return label, tiles


def _grey_or_colour(image: Bytes) -> npt.NDArray[np.float64]:
    return np.asarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)) / _FULL
