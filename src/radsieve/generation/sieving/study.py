"""Methods of getting good images, tried on the same new latents: filtering, early exit, moving what is rejected,
reweighting.

Every latent of a pool is generated and scored once. A method that only chooses among them is evaluated on these images,
so that all such methods are compared on the same ones; images of moved latents are generated and scored in addition.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import nan
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.generation.generated_groups import HasScores
from radsieve.generation.settings import CompareSieving
from radsieve.generation.sieving import costs as costing
from radsieve.generation.sieving.costs import GeneratorCosts, Method
from radsieve.generation.sieving.early_exit import StagedGenerator, multiply_adds
from radsieve.generation.sieving.exit_choice import Exit, Learned, choose_cascade, learn_exits, min_rows
from radsieve.generation.sieving.moving import Path, move
from radsieve.generation.sieving.reweighting import learn_weights
from radsieve.generation.tables import SievingMethod
from radsieve.generators.interface import LATENT_COMPONENTS, Latents, sample_latents
from radsieve.generators.residual import ResidualGenerator
from radsieve.networks.device import Device
from radsieve.progress import track

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Points = npt.NDArray[np.floating]


@dataclass(frozen=True)
class ScoredPool:
    """Images by their `latents` (n, 128): `scores` (columns valid and SCORES) and `features` (n, k)."""

    latents: Latents
    scores: pd.DataFrame
    features: Points

    @property
    def good(self) -> Flags:
        """Which images (n,) are valid."""
        return np.asarray(self.scores["valid"] == 1)


@dataclass(frozen=True)
class Bench:
    """Generates, scores and extracts features of the images of a group, `batch` at a time, and knows what that
    costs."""

    staged: StagedGenerator
    generate: Callable[[Latents], Bytes]
    score: Callable[[Bytes], HasScores]
    look: Callable[[Bytes], Points]
    costs: GeneratorCosts
    batch: int

    @classmethod
    def of(
        cls,
        residual: ResidualGenerator,
        generate: Callable[[Latents], Bytes],
        score: Callable[[Bytes], HasScores],
        networks: Callable[[Bytes], object],
        look: Callable[[Bytes], Points],
        device: Device,
        settings: CompareSieving,
    ) -> "Bench":
        """Count what the networks of generating and scoring do for an image; `settings` is section compare_sieving.

        `networks` runs those that score images, whereas `score` may return stored results.
        """
        staged = StagedGenerator(residual, device)
        image = generate(np.zeros((1, LATENT_COMPONENTS), np.float32))
        seconds = settings.thresholds.generate_seconds, settings.thresholds.predict_seconds
        costs = GeneratorCosts(*seconds, staged.multiply_adds[-1], multiply_adds(lambda: networks(image)))
        return cls(staged, generate, score, look, costs, settings.batch)

    def images(self, latents: Latents) -> ScoredPool:
        """Generate the images of `latents` (n, 128), at least one, score them, and extract their features."""
        scores, features = [], []
        for start in track(range(0, len(latents), self.batch), "generating and scoring", unit="batch"):
            generated = self.generate(latents[start : start + self.batch])
            scores.append(self.score(generated).scores)
            features.append(self.look(generated))
        return ScoredPool(latents, pd.concat(scores, ignore_index=True), np.concatenate(features))


class LatentSieve(Protocol):
    """Which latents the prefilter accepts; its `card` says in `reason` why it accepts all, if so."""

    card: dict[str, Any]

    def accept(self, latents: Any) -> Any:
        """Which of `latents` (n, 128) are accepted (n,)."""
        ...


@dataclass(frozen=True)
class Learning:
    """What methods learn from.

    `latents` (n, 128) with what was `learned` of their images, the `features` of the images of the first ones (at most
    n, k) and of `real` images (m, k), and the prefilter's `sieve`.
    """

    latents: Latents
    learned: Learned
    features: Points
    real: Points
    sieve: LatentSieve


@dataclass(frozen=True)
class Tried:
    """A method, and its result on the pool: `latents` and `features` by row of the pool, as they were generated.

    `depth` evaluated the latents (none if no predictor did); `moved` (n,) arrived at `target` standard deviations of
    its score above the mean, or at its threshold if that is higher, and `images` are theirs, if any did.
    """

    name: str
    method: Method
    latents: Latents
    features: Points
    depth: float = nan
    target: float = nan
    reason: str = ""
    moved: Flags = field(default_factory=lambda: np.zeros(0, bool))
    images: ScoredPool | None = None


@dataclass(frozen=True)
class SievingStudy:
    """The `pool` of a group, the exit of each depth with its method, the methods, and which depth was chosen.

    `learned_share` is the share of good images among those that were learnt from.
    """

    group: str
    costs: GeneratorCosts
    pool: ScoredPool
    exits: list[Exit]
    by_depth: list[Method]
    tried: list[Tried]
    chosen: int
    learned_share: float


def study(group: str, bench: Bench, learning: Learning, settings: CompareSieving, confidence: float) -> SievingStudy:
    """Learn all methods from `learning`, and try them on a new pool of latents of `group`.

    `settings` is section compare_sieving; intervals have `confidence`.
    """
    count, seed, costs = settings.images, settings.seed, bench.costs
    exits = _exits(group, bench, learning, settings, confidence)
    pool = bench.images(sample_latents(count, seed, f"{group} pool"))
    activations = bench.staged.activations(pool.latents)
    accepted = [one.accepts(values) for one, values in zip(exits, activations, strict=True)]
    by_depth = [
        costing.filtered(pool.good, taken, one.multiply_adds, costs) for one, taken in zip(exits, accepted, strict=True)
    ]
    image = len(exits) - 1
    chosen = min(range(1, image), key=lambda depth: exits[depth].seconds)
    plain = partial(Tried, latents=pool.latents, features=pool.features)
    taken, by_z = learning.sieve.accept(pool.latents), exits[0].multiply_adds
    tried = [
        plain(SievingMethod.UNSIEVED, costing.unsieved(pool.good, costs)),
        plain(
            SievingMethod.SIEVE,
            costing.filtered(pool.good, taken, by_z, costs),
            depth=0,
            reason=learning.sieve.card["reason"],
        ),
        *(
            plain(name, by_depth[depth], depth=depth, reason=exits[depth].reason)
            for name, depth in ((SievingMethod.Z, 0), (SievingMethod.EXIT, chosen), (SievingMethod.IMAGE, image))
        ),
    ]
    both = choose_cascade(exits, learning.learned.good, costs, min_rows(len(learning.latents), settings))
    passed = exits[0].predictor.scores(activations[0]) >= both.first
    taken = passed & (exits[both.depth].predictor.scores(activations[both.depth]) >= both.second)
    work = by_z, exits[both.depth].multiply_adds
    method = costing.cascaded(pool.good, passed, taken, work, costs)
    tried.append(plain(SievingMethod.CASCADE, method, depth=both.depth, reason=exits[0].reason))
    for name, depth in ((SievingMethod.MOVED_Z, 0), (SievingMethod.MOVED_EXIT, chosen)):
        tried += _moved(name, exits[depth], pool, accepted[depth], bench, settings)
    tried.append(_reweighted(group, pool, learning, costs, settings))
    return SievingStudy(group, costs, pool, exits, by_depth, tried, chosen, float(learning.learned.good.mean()))


def good_rows(tried: Tried) -> npt.NDArray[np.int64]:
    """The rows of the pool from which the method made good images, in order."""
    return np.flatnonzero(tried.method.good)


def _exits(group: str, bench: Bench, learning: Learning, settings: CompareSieving, confidence: float) -> list[Exit]:
    unseen = sample_latents(settings.unseen_latents, settings.seed, f"{group} unseen")
    return learn_exits(
        bench.staged.activations(learning.latents),
        bench.staged.activations(unseen),
        bench.staged.multiply_adds,
        learning.learned,
        bench.costs,
        settings,
        confidence,
    )


def _moved(
    name: str, exit_: Exit, pool: ScoredPool, accepted: Flags, bench: Bench, settings: CompareSieving
) -> list[Tried]:
    """Move the latents that `exit_` rejects, of the first ones of the pool, to each of the targets."""
    rows, options = settings.moved_images, settings.moving
    rejected = np.flatnonzero(~accepted[:rows])
    spread = float(exit_.unseen.std())
    path = Path(options.steps, options.stride, options.pull)
    filtered = costing.filtered(pool.good, accepted, exit_.multiply_adds, bench.costs)
    found = []
    for target in options.targets:
        goal = max(exit_.threshold, float(exit_.unseen.mean()) + target * spread)
        outcome = move(
            pool.latents[rejected],
            lambda latents: bench.staged.ascend(latents, exit_.depth, exit_.predictor),
            goal,
            spread,
            path,
        )
        arrived, good = np.zeros(len(accepted), bool), np.zeros(len(accepted), bool)
        evaluations = np.zeros(len(accepted), np.int64)
        arrived[rejected], evaluations[rejected] = outcome.arrived, outcome.evaluations
        latents, features, images = pool.latents.copy(), pool.features.copy(), None
        if arrived.any():
            images = bench.images(outcome.latents[outcome.arrived])
            good[arrived], latents[arrived], features[arrived] = images.good, images.latents, images.features
        method = costing.moved(
            costing.first(filtered, rows), evaluations, arrived, good, exit_.multiply_adds, bench.costs
        )
        label = f"{name} to {target:g} SD" if target else name
        found.append(Tried(label, method, latents, features, exit_.depth, target, exit_.reason, arrived, images))
    return found


def _reweighted(
    group: str, pool: ScoredPool, learning: Learning, costs: GeneratorCosts, settings: CompareSieving
) -> Tried:
    """Accept the latents of the pool as their weights say."""
    options, features = settings.reweighting, learning.features
    weights = learn_weights(learning.latents[: len(features)], features, learning.real, options, settings.seed)
    accepted = weights.accepts(pool.latents, settings.seed, f"{group} reweighting")
    method = costing.filtered(pool.good, accepted, weights.multiply_adds, costs)
    return Tried(SievingMethod.REWEIGHTED, method, pool.latents, pool.features)
