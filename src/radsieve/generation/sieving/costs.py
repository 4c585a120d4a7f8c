"""What a method of getting good images costs, latent by latent, and what it saves compared with generating and scoring
every image.

The unit is an image that is generated and scored, which takes `generate_seconds`. The cost of a part of the generator
is its share of the multiply-adds of generator and scoring networks together. Evaluating a latent takes
`predict_seconds`, whatever the predictor.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import nan

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from radsieve.stats import resampling

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.integer]
Flags = npt.NDArray[np.bool_]

SECONDS, GENERATION = "saving", "saving_generation"
_ADDED = 2.0  # rows in all: half a one in each of four cells, after Jeffreys
_VALUES = 2_000_000  # of a block of resamples: bounds the memory


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
    whether the image was finished and scored; `good`: whether that image is good. `tried` counts the latents, from the
    first on; `renewed` says that images may come from moved latents, and thus be others than those of the pool.
    """

    evaluated: Counts
    multiply_adds: Counts
    finished: Flags
    good: Flags
    tried: int
    renewed: bool = False

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
        renewed=True,
    )


def first(method: Method, rows: int) -> Method:
    """The method as if it had been tried on the first `rows` latents only."""
    tried = np.arange(len(method.good)) < rows
    kept = min(rows, method.tried)
    return Method(
        method.evaluated * tried, method.multiply_adds * tried, method.finished & tried, method.good & tried, kept
    )


@dataclass(frozen=True)
class Ratio:
    """The cost of a good image by a reference divided by that by a method, its bounds, and the two-sided `p_value` of
    no difference.
    """

    value: float
    lower: float
    upper: float
    p_value: float


def savings(
    methods: Sequence[Method], reference: Method, costs: GeneratorCosts, resamples: int, confidence: float, seed: int
) -> list[dict[str, Ratio]]:
    """Return SECONDS and GENERATION of each of `methods`: the cost of a good image by `reference`, divided by that by
    the method. 0 for a method without a good image, NaN if there is none by `reference`.

    The bounds are from a Bayesian bootstrap (Rubin 1981) of latents with half a row added to each cell of the table of
    finished by good images (a quarter where the reference, too, finishes some only): the intervals of shares are then
    those of Jeffreys, and fifteen good images of fifteen still may have been fewer. All methods are evaluated on the
    same resamples, with the same added rows. A bound always includes the value. The p-value is twice the smaller share
    of resamples on a side of 1, at least 2 / (resamples + 1).
    """
    spent = {SECONDS: Method.seconds, GENERATION: Method.generation}
    pairs = [_Paired.of(method, reference, cost, costs) for method in methods for cost in spent.values()]
    draws: list[list[Floats]] = [[] for _ in pairs]
    random = np.random.default_rng(seed)
    latents, cells = len(reference.good), len(_cells(reference))
    block = max(_VALUES // max(latents, 1), 1)
    with threadpool_limits(1):  # so that the last digits do not depend on the number of threads
        for start in range(0, resamples, block):
            count = min(block, resamples - start)
            rows = random.standard_exponential((count, latents))
            added = random.standard_gamma(_ADDED / cells, (count, cells))
            for paired, found in zip(pairs, draws, strict=True):
                found.append(paired.ratios(rows, added))
    ratios = [_summarised(one.value, np.concatenate(each), confidence) for one, each in zip(pairs, draws, strict=True)]
    return [dict(zip(spent, ratios[place:], strict=False)) for place in range(0, len(ratios), len(spent))]


@dataclass(frozen=True)
class _Paired:
    """Costs and good images by a reference and by a method: of latents (n, 4), and of the added rows (cells, 4)."""

    seen: Floats
    added: Floats

    @classmethod
    def of(
        cls, method: Method, reference: Method, cost: Callable[[Method, GeneratorCosts], Floats], costs: GeneratorCosts
    ) -> "_Paired":
        """An added row costs what those of its cell do on average, and an image of a moved latent is half good."""
        by, than = _by_finished(method, cost(method, costs)), _by_finished(reference, cost(reference, costs))
        seen = np.column_stack([cost(reference, costs), reference.good, cost(method, costs), method.good]).astype(float)
        added = [
            (than[used], used * good, by[finished], finished * (0.5 if method.renewed else good))
            for used, finished, good in _cells(reference)
        ]
        return cls(seen, np.array(added, dtype=float))

    @property
    def value(self) -> float:
        return float(_ratios(self.seen.sum(axis=0)))

    def ratios(self, rows: Floats, added: Floats) -> Floats:
        """The ratio in each resample, in which latents count as `rows` (b, n) and added ones as `added` (b, cells)."""
        return _ratios(rows @ self.seen + added @ self.added)


def _cells(reference: Method) -> list[tuple[int, ...]]:
    """Whether the reference finishes an image, the method does, and the image is good: all that can occur."""
    return list(product((1,) if reference.finished.all() else (0, 1), (0, 1), (0, 1)))


def _by_finished(method: Method, cost: Floats) -> tuple[float, float]:
    """The mean cost of a latent whose image was not finished, and of one whose was; of all if there was none."""
    tried = np.arange(len(cost)) < method.tried
    none, some = (cost[tried & (method.finished == flag)] for flag in (False, True))
    return tuple(float((part if len(part) else cost[tried]).mean()) for part in (none, some))  # type: ignore[return-value]


def _ratios(sums: Floats) -> Floats:
    """The ratio (...) of the costs of a good image for sums (..., 4) as in `_Paired`."""
    spent, good, spent_by_method, good_by_method = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (spent / good) / (spent_by_method / good_by_method)
    return np.where(np.isfinite(found), found, np.nan)


def _summarised(value: float, draws: Floats, confidence: float) -> Ratio:
    if np.isnan(value):
        return Ratio(nan, nan, nan, nan)
    lower, upper = resampling.interval(draws, confidence)
    reached = min((draws <= 1).sum(), (draws >= 1).sum())
    p_value = min(1.0, 2 * (float(reached) + 1) / (len(draws) + 1))
    return Ratio(value, float(np.fmin(lower, value)), float(np.fmax(upper, value)), p_value)
