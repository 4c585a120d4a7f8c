"""What the stages that score images write alike: the scores with and without latents, pass rates, and galleries."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd
import pandera.pandas as pa
from matplotlib.figure import Figure

from radsieve.generators.interface import Latents
from radsieve.screening.plots.scores import ImageRows, accepted_grid, rejected_grid
from radsieve.screening.scores.score_tables import pass_rates, with_latents
from radsieve.screening.tables import PASS_RATES, SCORED_IMAGES


@dataclass(frozen=True)
class ScoreResults:
    """SCORED_IMAGES of generated images, SCORED_LATENTS of the same, PASS_RATES, and figures by name."""

    images: pd.DataFrame
    latents: pd.DataFrame
    rates: pd.DataFrame
    figures: dict[str, Figure]

    @property
    def tables(self) -> tuple[tuple[pa.DataFrameSchema, pd.DataFrame], ...]:
        """The tables for people, with their schemas."""
        return (SCORED_IMAGES, self.images), (PASS_RATES, self.rates)


def score_results(
    scored: pd.DataFrame,
    latents: Latents,
    pixels: ImageRows,
    confidence: float,
    grid_images: int,
    true_images: pd.DataFrame | None = None,
    true_pixels: ImageRows = (),
    by_definition: Collection[tuple[str, str]] = (),
) -> ScoreResults:
    """Return the results of generated images: `scored` (n rows of SCORED_IMAGES), with `latents` (n, 128) and `pixels`.

    If there are `true_images` with the same scores to compare with, their index numbers the rows of `true_pixels`.
    Groups that pass a score `by_definition`, as (group, score), have no rate of it. Galleries show at most
    `grid_images`.
    """
    images = scored[list(SCORED_IMAGES.columns)]
    figures = {
        "accepted": accepted_grid(images, pixels, grid_images, true_images, true_pixels),
        "rejected": rejected_grid(images, pixels, grid_images),
    }
    rates = pass_rates(images, confidence, true_images, by_definition)
    return ScoreResults(images, with_latents(images, latents), rates, figures)
