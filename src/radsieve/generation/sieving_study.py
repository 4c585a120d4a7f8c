"""Ways to good films, tried on the same fresh latents: filtering, early exit, moving what is rejected, reweighting.

Every latent of a pool is drawn and scored once. A way that only chooses among them is judged on these films, so that
all such ways are held to the same; latents that were moved are drawn and scored besides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import nan
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.generation import sieving_costs as costing
from radsieve.generation.drawn_groups import HasScores
from radsieve.generation.early_exit import StagedGenerator, multiply_adds
from radsieve.generation.exit_choice import Exit, Learned, choose_cascade, learn_exits, least_rows
from radsieve.generation.moving import Path, move
from radsieve.generation.reweighting import learn_weights
from radsieve.generation.sieving_costs import GeneratorCosts, Way
from radsieve.generation_tables import SievingMethod
from radsieve.generators.interface import LATENT_COMPONENTS, Latents, draw_latents
from radsieve.generators.residual import ResidualGenerator
from radsieve.networks.device import Device

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Points = npt.NDArray[np.floating]


@dataclass(frozen=True)
class ScoredPool:
    """Films by their `latents` (n, 128): `scores` (columns valid and SCORES) and `features` (n, k)."""

    latents: Latents
    scores: pd.DataFrame
    features: Points

    @property
    def good(self) -> Flags:
        """Which films (n,) are valid."""
        return np.asarray(self.scores["valid"] == 1)


@dataclass(frozen=True)
class Bench:
    """What draws, scores and looks at the films of a group, `batch` at a time, and what that costs."""

    staged: StagedGenerator
    draw: Callable[[Latents], Bytes]
    score: Callable[[Bytes], HasScores]
    look: Callable[[Bytes], Points]
    costs: GeneratorCosts
    batch: int

    @classmethod
    def of(
        cls,
        residual: ResidualGenerator,
        draw: Callable[[Latents], Bytes],
        score: Callable[[Bytes], HasScores],
        networks: Callable[[Bytes], object],
        look: Callable[[Bytes], Points],
        device: Device,
        settings: Mapping[str, Any],
    ) -> "Bench":
        """Count what the networks of drawing and scoring do for a film; `settings` is section compare_sieving.

        `networks` runs those that score films, whereas `score` may remember what they said.
        """
        staged = StagedGenerator(residual, device)
        film = draw(np.zeros((1, LATENT_COMPONENTS), np.float32))
        drawing, judging = (settings["thresholds"][name] for name in ("draw_seconds", "predict_seconds"))
        costs = GeneratorCosts(drawing, judging, staged.multiply_adds[-1], multiply_adds(lambda: networks(film)))
        return cls(staged, draw, score, look, costs, settings["batch"])

    def films(self, latents: Latents) -> ScoredPool:
        """Draw the films of `latents` (n, 128), one at least, score them, and look at them."""
        scores, features = [], []
        for start in range(0, len(latents), self.batch):
            drawn = self.draw(latents[start : start + self.batch])
            scores.append(self.score(drawn).scores)
            features.append(self.look(drawn))
        return ScoredPool(latents, pd.concat(scores, ignore_index=True), np.concatenate(features))


class LatentSieve(Protocol):
    """Which latents the prefilter accepts; its `card` says in `reason` why it accepts all, if so."""

    card: dict[str, Any]

    def accept(self, latents: Any) -> Any:
        """Which of `latents` (n, 128) are accepted (n,)."""
        ...


@dataclass(frozen=True)
class Learning:
    """What ways are learnt from.

    `latents` (n, 128) with what was `learned` of their films, the `features` of the films of the first ones (n or less,
    k) and of `real` films (m, k), and the prefilter's `sieve`.
    """

    latents: Latents
    learned: Learned
    features: Points
    real: Points
    sieve: LatentSieve


@dataclass(frozen=True)
class Tried:
    """A way, and what came of it on the pool: `latents` and `features` by row of the pool, as they were drawn.

    `depth` judged the latents (none if no predictor did); `moved` (n,) arrived at `target` standard deviations of its
    score above the mean, or at its threshold if that is higher, and `good` films came of `moved_good` of them.
    """

    name: str
    way: Way
    latents: Latents
    features: Points
    depth: float = nan
    target: float = nan
    reason: str = ""
    moved: Flags = field(default_factory=lambda: np.zeros(0, bool))
    films: ScoredPool | None = None


@dataclass(frozen=True)
class SievingStudy:
    """The `pool` of a group, the exit of each depth with its way, the ways, and which depth was chosen.

    `learned_share` of the films that all was learnt from are good.
    """

    group: str
    costs: GeneratorCosts
    pool: ScoredPool
    exits: list[Exit]
    by_depth: list[Way]
    tried: list[Tried]
    chosen: int
    learned_share: float


def study(group: str, bench: Bench, learning: Learning, settings: Mapping[str, Any]) -> SievingStudy:
    """Learn all ways from `learning`, and try them on a fresh pool of latents of `group`.

    `settings` is section compare_sieving with `confidence`.
    """
    settings = {**settings, "least_accepted": settings["thresholds"]["least_accepted"]}
    count, seed, costs = settings["films"], settings["seed"], bench.costs
    exits = _exits(group, bench, learning, settings)
    pool = bench.films(draw_latents(count, seed, f"{group} pool"))
    activations = bench.staged.activations(pool.latents)
    accepted = [one.accepts(values) for one, values in zip(exits, activations, strict=True)]
    by_depth = [
        costing.filtered(pool.good, taken, one.multiply_adds, costs) for one, taken in zip(exits, accepted, strict=True)
    ]
    film = len(exits) - 1
    chosen = min(range(1, film), key=lambda depth: exits[depth].seconds)
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
            for name, depth in ((SievingMethod.Z, 0), (SievingMethod.EXIT, chosen), (SievingMethod.FILM, film))
        ),
    ]
    both = choose_cascade(exits, learning.learned.good, costs, least_rows(len(learning.latents), settings))
    passed = exits[0].predictor.scores(activations[0]) >= both.first
    taken = passed & (exits[both.depth].predictor.scores(activations[both.depth]) >= both.second)
    work = by_z, exits[both.depth].multiply_adds
    way = costing.cascaded(pool.good, passed, taken, work, costs)
    tried.append(plain(SievingMethod.CASCADE, way, depth=both.depth, reason=exits[0].reason))
    for name, depth in ((SievingMethod.MOVED_Z, 0), (SievingMethod.MOVED_EXIT, chosen)):
        tried += _moved(name, exits[depth], pool, accepted[depth], bench, settings)
    tried.append(_reweighted(group, pool, learning, costs, settings))
    return SievingStudy(group, costs, pool, exits, by_depth, tried, chosen, float(learning.learned.good.mean()))


def good_rows(tried: Tried) -> npt.NDArray[np.int64]:
    """The rows of the pool of which the way made good films, in order."""
    return np.flatnonzero(tried.way.good)


def _exits(group: str, bench: Bench, learning: Learning, settings: Mapping[str, Any]) -> list[Exit]:
    unseen = draw_latents(settings["unseen_latents"], settings["seed"], f"{group} unseen")
    return learn_exits(
        bench.staged.activations(learning.latents),
        bench.staged.activations(unseen),
        bench.staged.multiply_adds,
        learning.learned,
        bench.costs,
        settings,
    )


def _moved(
    name: str, judge: Exit, pool: ScoredPool, accepted: Flags, bench: Bench, settings: Mapping[str, Any]
) -> list[Tried]:
    """Move the latents that `judge` rejects, of the first ones of the pool, to each of the targets."""
    rows, options = settings["moved_films"], settings["moving"]
    rejected = np.flatnonzero(~accepted[:rows])
    spread = float(judge.unseen.std())
    path = Path(options["steps"], options["stride"], options["pull"])
    filtered = costing.filtered(pool.good, accepted, judge.multiply_adds, bench.costs)
    found = []
    for target in options["targets"]:
        goal = max(judge.threshold, float(judge.unseen.mean()) + target * spread)
        came = move(
            pool.latents[rejected],
            lambda latents: bench.staged.ascend(latents, judge.depth, judge.predictor),
            goal,
            spread,
            path,
        )
        arrived, good = np.zeros(len(accepted), bool), np.zeros(len(accepted), bool)
        evaluations = np.zeros(len(accepted), np.int64)
        arrived[rejected], evaluations[rejected] = came.arrived, came.evaluations
        latents, features, films = pool.latents.copy(), pool.features.copy(), None
        if arrived.any():
            films = bench.films(came.latents[came.arrived])
            good[arrived], latents[arrived], features[arrived] = films.good, films.latents, films.features
        way = costing.moved(costing.first(filtered, rows), evaluations, arrived, good, judge.multiply_adds, bench.costs)
        label = f"{name} to {target:g} SD" if target else name
        found.append(Tried(label, way, latents, features, judge.depth, target, judge.reason, arrived, films))
    return found


def _reweighted(
    group: str, pool: ScoredPool, learning: Learning, costs: GeneratorCosts, settings: Mapping[str, Any]
) -> Tried:
    """Accept the latents of the pool as their weights say."""
    options, features = settings["reweighting"], learning.features
    weights = learn_weights(learning.latents[: len(features)], features, learning.real, options, settings["seed"])
    accepted = weights.accepts(pool.latents, settings["seed"], f"{group} reweighting")
    way = costing.filtered(pool.good, accepted, weights.multiply_adds, costs)
    return Tried(SievingMethod.REWEIGHTED, way, pool.latents, pool.features)
