"""At which depth of a generator, and how strictly, latents are best evaluated: chosen on images that were scored
before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, nan

import numpy as np
import numpy.typing as npt
from sklearn.metrics import confusion_matrix_at_thresholds
from threadpoolctl import threadpool_limits

from radsieve.generation.settings import CompareSieving
from radsieve.generation.sieving.costs import GeneratorCosts
from radsieve.generation.sieving.linear_predictor import Learner, Predictor, fit_predictor, held_out_ranks
from radsieve.progress import working
from radsieve.stats.binary_metrics import measures_with_intervals

Flags = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]
Points = npt.NDArray[np.floating]

_PASSING = (0.1, 0.2, 0.3, 0.5, 0.7)  # shares of the latents that the first of two exits may pass on


@dataclass(frozen=True)
class Exit:
    """A depth, its predictor, and the threshold from which its score is accepted.

    `multiply_adds` up to and including the evaluation; `unseen` (m,) are the scores of unsieved latents. Out of fold:
    the `ranks` (n,) of the rows learnt from, `roc_auc` with its bounds, the `share` accepted, and the expected
    `seconds` per good image. `reason` says why everything is accepted; empty if a threshold was chosen.
    """

    depth: int
    predictor: Predictor
    threshold: float
    multiply_adds: int
    unseen: Floats
    ranks: Floats
    roc_auc: tuple[float, float, float]
    share: float
    seconds: float
    reason: str = ""

    def accepts(self, points: Points) -> npt.NDArray[np.bool_]:
        """Which of the activations (n, k) of this depth are accepted (n,)."""
        return self.predictor.scores(points) >= self.threshold


@dataclass(frozen=True)
class Cascade:
    """Two exits one after another: latents whose first score is at least `first` are evaluated at `depth` by
    `second`.
    """

    depth: int
    first: float
    second: float


@dataclass(frozen=True)
class Learned:
    """Rows to learn from: whether their images are `good` (n,), their `fold` (n,), and why there are none, if so."""

    good: Flags
    fold: Flags
    reason: str = ""


@working("fitting the exits")
def learn_exits(
    by_depth: Sequence[Points],
    as_they_come: Sequence[Points],
    multiply_adds: Sequence[int],
    learned: Learned,
    costs: GeneratorCosts,
    settings: CompareSieving,
    confidence: float,
) -> list[Exit]:
    """Return the exit of each depth.

    `by_depth` are the activations (n, k) of the rows `learned` by depth, `as_they_come` those (m, k) of other, unsieved
    latents, whose images were not scored: a threshold is the score that the chosen share of them reaches.
    `multiply_adds` are those of the generator up to each depth; `settings` is section compare_sieving; intervals have
    `confidence`.
    """
    with threadpool_limits(1):  # so that the last digits do not depend on the number of threads
        return [
            _learn(depth, points, others, work + points.shape[1], learned, costs, settings, confidence)
            for depth, (points, others, work) in enumerate(zip(by_depth, as_they_come, multiply_adds, strict=True))
        ]


def choose_cascade(exits: Sequence[Exit], good: Flags, costs: GeneratorCosts, minimum: float) -> Cascade:
    """Return the two exits of minimum cost: which latents pass by z, what share of them, and at which depth they are
    evaluated again.

    Chosen on the rows learnt from (n,), `good` or not, by their ranks out of fold, of which at least `minimum` are
    accepted. Thresholds are set on the unseen latents, as those of single exits.
    """
    first = exits[0]
    if first.reason:
        return Cascade(1, -inf, -inf)
    evaluated = costs.predict_seconds * len(good)
    found = []
    for passing in _PASSING:
        rows = first.ranks > 1 - passing
        for deep in exits[1:]:
            share, seconds = min_seconds(good[rows], deep.ranks[rows], deep.multiply_adds, costs, minimum, evaluated)
            found.append((seconds, passing, deep, share))
    _, passing, deep, share = min(found, key=lambda choice: choice[0])
    threshold = float(np.quantile(first.unseen, 1 - passing))
    return Cascade(deep.depth, threshold, float(np.quantile(deep.unseen[first.unseen >= threshold], 1 - share)))


def min_seconds(
    good: Flags, ranks: Floats, prefix: int, costs: GeneratorCosts, minimum: float, before: float = 0
) -> tuple[float, float]:
    """Return the share of rows to accept for the minimum seconds per good image, and these.

    Rows (n,) are accepted from the highest of `ranks` down, at least `minimum` of them. Evaluating one takes `prefix`
    multiply-adds, finishing and scoring its image the rest; `before` are the seconds already spent on all of them. If
    no image is good, the seconds are infinite and all are accepted.
    """
    _, wrong, _, right, _ = confusion_matrix_at_thresholds(good, ranks, pos_label=1)
    accepted = right + wrong
    evaluation = costs.predict_seconds + costs.generate_seconds * costs.share(prefix)
    finishing = costs.generate_seconds * (1 - costs.share(prefix))
    with np.errstate(divide="ignore", invalid="ignore"):
        seconds = (before + evaluation * len(good) + finishing * accepted) / right
    seconds = np.where((accepted >= minimum) & (right > 0), seconds, inf)
    best = int(seconds.argmin()) if np.isfinite(seconds).any() else len(seconds) - 1
    return float(accepted[best] / len(good)), float(seconds[best])


def min_rows(rows: int, settings: CompareSieving) -> float:
    """The minimum number of `rows` that a threshold must accept: the precision of fewer is noise."""
    return float(max(settings.min_acceptance * rows, settings.thresholds.min_accepted))


def _learn(
    depth: int,
    points: Points,
    others: Points,
    prefix: int,
    learned: Learned,
    costs: GeneratorCosts,
    settings: CompareSieving,
    confidence: float,
) -> Exit:
    if learned.reason:
        nothing = Predictor(np.zeros(points.shape[1]), 0.0)
        unseen, ranks = nothing.scores(others), np.ones(len(points))
        return Exit(depth, nothing, -inf, prefix, unseen, ranks, (nan, nan, nan), 1.0, nan, learned.reason)
    learner, good = Learner(settings.components, settings.strength), learned.good
    ranks = held_out_ranks(points, good, learned.fold, learner)
    rows = np.arange(len(good))
    areas = measures_with_intervals(
        good, ranks, np.ones_like(good), rows, settings.bootstrap, confidence, settings.seed
    ).set_index("metric")
    area = tuple(areas.loc["roc_auc", ["value", "lower", "upper"]].to_numpy(float).tolist())
    share, seconds = min_seconds(good, ranks, prefix, costs, min_rows(len(good), settings))
    predictor = fit_predictor(points, good, learner)
    unseen = predictor.scores(others)
    return Exit(depth, predictor, float(np.quantile(unseen, 1 - share)), prefix, unseen, ranks, area, share, seconds)
