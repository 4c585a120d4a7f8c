"""What a method of getting good images costs, latent by latent, and what it saves compared with generating and scoring
every image.

The unit is an image that is generated and scored, which takes `generate_seconds`. The cost of a part of the generator
is its share of the multiply-adds of generator and scoring networks together. Evaluating a latent takes
`predict_seconds`, whatever the predictor.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radsieve.stats import resampling

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.integer]
Flags = npt.NDArray[np.bool_]

SECONDS, GENERATION = "saving", "saving_generation"


@dataclass(frozen=True)
class GeneratorCosts:
    """Seconds to generate and score an image and to evaluate a latent; multiply-adds of an image in generator and
    scorer.
    """

    generate_seconds: float
    predict_seconds: float
    generator: int
    scorer: int

    def share(self, multiply_adds: float) -> float:
        """So many multiply-adds as a share of those of generating and scoring an image."""
        return multiply_adds / (self.generator + self.scorer)


@dataclass(frozen=True)
class Method:
    """What a method did with each latent of a pool (n,); all 0 for latents on which it was not tried.

    `evaluated`: how often it was evaluated; `multiply_adds`: those in the generator, and of evaluation; `finished`:
    whether the image was finished and scored; `good`: whether that image is good. `tried` counts the latents.
    """

    evaluated: Counts
    multiply_adds: Counts
    finished: Flags
    good: Flags
    tried: int

    def seconds(self, costs: GeneratorCosts) -> Floats:
        """Seconds (n,) for generating, evaluating and scoring."""
        worked = self.multiply_adds + costs.scorer * self.finished.astype(np.int64)
        return costs.predict_seconds * self.evaluated + costs.generate_seconds * worked / (
            costs.generator + costs.scorer
        )

    def generation(self, costs: GeneratorCosts) -> Floats:
        """The work of the generator alone (n,), in images: what published savings count."""
        return np.asarray(self.multiply_adds / costs.generator)


def unsieved(good: Flags, costs: GeneratorCosts) -> Method:
    """Every latent is generated and scored."""
    rows = len(good)
    every = np.ones(rows, dtype=bool)
    return Method(np.zeros(rows, int), np.full(rows, costs.generator), every, good, rows)


def filtered(good: Flags, accepted: Flags, prefix: int, costs: GeneratorCosts) -> Method:
    """Every latent is evaluated after `prefix` multiply-adds, and the images of those `accepted` (n,) are finished."""
    multiply_adds = prefix + (costs.generator - prefix) * accepted.astype(np.int64)
    return Method(np.ones(len(good), int), multiply_adds, accepted, accepted & good, len(good))


def cascaded(good: Flags, passed: Flags, accepted: Flags, work: tuple[int, int], costs: GeneratorCosts) -> Method:
    """Every latent is evaluated after work[0] multiply-adds, those `passed` (n,) again after work[1], and so on."""
    multiply_adds = (
        work[0] + work[1] * passed.astype(np.int64) + (costs.generator - work[1]) * accepted.astype(np.int64)
    )
    return Method(1 + passed.astype(int), multiply_adds, accepted, accepted & good, len(good))


def moved(
    method: Method, evaluations: Counts, arrived: Flags, good: Flags, prefix: int, costs: GeneratorCosts
) -> Method:
    """As `method`, but latents that it rejects are moved, and the images of those that `arrived` (n,) are finished.

    `evaluations` (n,) counts those of score and gradient together: a gradient takes twice the `prefix` of multiply-adds
    that the score takes. The images from latents that arrived are `good` (n,) or not.
    """
    finishing = (costs.generator - prefix) * arrived.astype(np.int64)
    multiply_adds = method.multiply_adds + 3 * prefix * evaluations + finishing
    return Method(
        method.evaluated + evaluations,
        multiply_adds,
        method.finished | arrived,
        method.good | (arrived & good),
        method.tried,
    )


def first(method: Method, rows: int) -> Method:
    """The method as if it had been tried on the first `rows` latents only."""
    tried = np.arange(len(method.good)) < rows
    kept = min(rows, method.tried)
    return Method(
        method.evaluated * tried, method.multiply_adds * tried, method.finished & tried, method.good & tried, kept
    )


def savings(
    methods: Sequence[Method], reference: Method, costs: GeneratorCosts, resamples: int, confidence: float, seed: int
) -> list[dict[str, tuple[float, float, float]]]:
    """Return SECONDS and GENERATION of each of `methods`: the cost of a good image by `reference`, divided by that by
    the method.

    With the bounds of a percentile bootstrap of latents: all methods, and the reference, are evaluated on the same
    resamples. 0 for a method without a good image, NaN if there is none by `reference`; see `resampling.interval` for
    such resamples.
    """
    every = [reference, *methods]
    spent = {
        SECONDS: [method.seconds(costs) for method in every],
        GENERATION: [method.generation(costs) for method in every],
    }
    good = np.array([method.good for method in every], dtype=float)
    latents = resampling.patterns(np.arange(good.shape[1])[:, None])
    blocks = [np.ones((1, good.shape[1])), *latents.resamples(resamples, seed)]
    found: list[dict[str, tuple[float, float, float]]] = [{} for _ in methods]
    for name, parts in spent.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            each = np.concatenate([(block @ np.array(parts).T) / (block @ good.T) for block in blocks])
            ratio = each[:, :1] / each[:, 1:]
        ratio[~np.isfinite(ratio)] = np.nan
        for values, of_method in zip(ratio.T, found, strict=True):
            of_method[name] = (float(values[0]), *resampling.interval(values[1:], confidence))
    return found
