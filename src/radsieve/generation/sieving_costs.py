"""What a way to good films costs, latent by latent, and what it saves beside drawing and scoring every film.

The unit is a film that is drawn and scored, which takes `draw_seconds`. What a piece of the generator takes of that is
its share in the multiply-adds of generator and scoring networks together. To judge a latent takes `predict_seconds`,
whatever it is judged by.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radsieve import resampling

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.integer]
Flags = npt.NDArray[np.bool_]

SECONDS, DRAWING = "saving", "saving_drawing"


@dataclass(frozen=True)
class GeneratorCosts:
    """Seconds to draw and score a film and to judge a latent; multiply-adds of a film in generator and scorer."""

    draw_seconds: float
    predict_seconds: float
    generator: int
    scorer: int

    def share(self, multiply_adds: float) -> float:
        """The share of drawing and scoring a film that so many multiply-adds are."""
        return multiply_adds / (self.generator + self.scorer)


@dataclass(frozen=True)
class Way:
    """What a way made of each latent of a pool (n,); all 0 for latents that it was not tried on.

    `judged`: how often it was judged; `generated`: multiply-adds in the generator, and of judging; `drawn`: whether the
    film was finished and scored; `good`: whether that film is good. `tried` counts the latents.
    """

    judged: Counts
    generated: Counts
    drawn: Flags
    good: Flags
    tried: int

    def seconds(self, costs: GeneratorCosts) -> Floats:
        """Seconds (n,) for drawing, judging and scoring."""
        worked = self.generated + costs.scorer * self.drawn.astype(np.int64)
        return costs.predict_seconds * self.judged + costs.draw_seconds * worked / (costs.generator + costs.scorer)

    def drawing(self, costs: GeneratorCosts) -> Floats:
        """The work of the generator alone (n,), in films: what published savings count."""
        return np.asarray(self.generated / costs.generator)


def unsieved(good: Flags, costs: GeneratorCosts) -> Way:
    """Every latent is drawn and scored."""
    rows = len(good)
    every = np.ones(rows, dtype=bool)
    return Way(np.zeros(rows, int), np.full(rows, costs.generator), every, good, rows)


def filtered(good: Flags, accepted: Flags, prefix: int, costs: GeneratorCosts) -> Way:
    """Every latent is judged after `prefix` multiply-adds, and the films of those `accepted` (n,) are finished."""
    generated = prefix + (costs.generator - prefix) * accepted.astype(np.int64)
    return Way(np.ones(len(good), int), generated, accepted, accepted & good, len(good))


def cascaded(good: Flags, passed: Flags, accepted: Flags, work: tuple[int, int], costs: GeneratorCosts) -> Way:
    """Every latent is judged after work[0] multiply-adds, those `passed` (n,) again after work[1], and so on."""
    generated = work[0] + work[1] * passed.astype(np.int64) + (costs.generator - work[1]) * accepted.astype(np.int64)
    return Way(1 + passed.astype(int), generated, accepted, accepted & good, len(good))


def moved(way: Way, evaluations: Counts, arrived: Flags, good: Flags, prefix: int, costs: GeneratorCosts) -> Way:
    """As `way`, but latents that it rejects are moved, and the films of those that `arrived` (n,) are finished.

    `evaluations` (n,) counts those of score and gradient together: a gradient takes twice the `prefix` of multiply-adds
    that the score takes. The films of latents that arrived are `good` (n,) or not.
    """
    finishing = (costs.generator - prefix) * arrived.astype(np.int64)
    generated = way.generated + 3 * prefix * evaluations + finishing
    return Way(way.judged + evaluations, generated, way.drawn | arrived, way.good | (arrived & good), way.tried)


def first(way: Way, rows: int) -> Way:
    """The way as if it had been tried on the first `rows` latents only."""
    tried = np.arange(len(way.good)) < rows
    kept = min(rows, way.tried)
    return Way(way.judged * tried, way.generated * tried, way.drawn & tried, way.good & tried, kept)


def savings(
    ways: Sequence[Way], reference: Way, costs: GeneratorCosts, resamples: int, confidence: float, seed: int
) -> list[dict[str, tuple[float, float, float]]]:
    """Return SECONDS and DRAWING of each of `ways`: what a good film costs by `reference`, by what it costs by the way.

    With the bounds of a percentile bootstrap of latents: all ways, and the reference, are held to the same resamples.
    0 for a way without a good film, NaN if there is none by `reference`; see `resampling.interval` for resamples so.
    """
    every = [reference, *ways]
    spent = {SECONDS: [way.seconds(costs) for way in every], DRAWING: [way.drawing(costs) for way in every]}
    good = np.array([way.good for way in every], dtype=float)
    latents = resampling.patterns(np.arange(good.shape[1])[:, None])
    blocks = [np.ones((1, good.shape[1])), *latents.resamples(resamples, seed)]
    found: list[dict[str, tuple[float, float, float]]] = [{} for _ in ways]
    for name, parts in spent.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            each = np.concatenate([(block @ np.array(parts).T) / (block @ good.T) for block in blocks])
            ratio = each[:, :1] / each[:, 1:]
        ratio[~np.isfinite(ratio)] = np.nan
        for values, of_way in zip(ratio.T, found, strict=True):
            of_way[name] = (float(values[0]), *resampling.interval(values[1:], confidence))
    return found
