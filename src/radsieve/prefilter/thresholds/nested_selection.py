"""Out-of-fold scores of a model on two levels: to choose a threshold, and to evaluate it (nested cross-validation).

In each outer fold the threshold is chosen on inner out-of-fold scores of the other rows, and evaluated on the held-out
rows, which neither the model nor the threshold has seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radsieve.generators.distributions import DISTRIBUTIONS, UNIFORM, LatentDistribution
from radsieve.prefilter.classifiers.logistic import Latents, fit_logistic
from radsieve.prefilter.settings import SelectThresholds
from radsieve.prefilter.thresholds.confusion_measures import Accepted, Costs, EvaluationSettings
from radsieve.prefilter.thresholds.threshold_rules import Choice, Limits, Points, choose, operating_points
from radsieve.settings import LatentSettings
from radsieve.stats.folds import folds as folds_of

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.integer]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Fold:
    """Rows on which to choose a threshold, with their inner out-of-fold scores, and rows on which to evaluate it."""

    chosen_on: Rows
    inner_scores: Floats
    evaluated_on: Rows
    scores: Floats


@dataclass(frozen=True)
class NestedSettings:
    """What all choices share: the model's name, folds and seed of the cross-validation, limits, and how to evaluate.

    `repeats` and `repeat_folds` are those of `radsieve.prefilter.thresholds.repeated_selection`; `distribution` is that
    of the latents.
    """

    model: str
    folds: int
    seed: int
    limits: Limits
    evaluation: EvaluationSettings
    repeats: int
    repeat_folds: int
    distribution: LatentDistribution = UNIFORM

    @classmethod
    def of(cls, options: SelectThresholds, latents: LatentSettings) -> "NestedSettings":
        """From the sections select_thresholds and latents of params.yaml."""
        confidence, seed = latents.confidence, latents.seed
        limits = Limits(
            options.min_accepted,
            options.min_precision,
            options.min_tpr,
            options.min_coverage,
            confidence,
        )
        costs = Costs(options.generate_seconds, options.predict_seconds)
        evaluation = EvaluationSettings(costs, options.bootstrap, confidence, seed)
        return cls(
            options.model,
            latents.folds,
            seed,
            limits,
            evaluation,
            options.repeats,
            options.repeat_folds,
            DISTRIBUTIONS[latents.distribution],
        )

    def choose(self, rule: str, points: Points) -> Choice:
        """Return what `rule` chooses among `points`."""
        return choose(rule, points, self.limits, self.evaluation.costs)


def unusable(target: Flags, folds: int) -> str:
    """Why no model can be cross-validated in nested folds on `target` (n,), 0 or 1; empty if it can.

    Each class needs `folds` rows in what an outer fold leaves for the inner ones.
    """
    needed = next(rows for rows in range(folds, 2 * folds * folds) if rows - -(-rows // folds) >= folds)
    for name, count in (("good", int(target.sum())), ("bad", int((target == 0).sum()))):
        if count < needed:
            return f"{count or 'no'} {name} image{'s'[: count != 1]} among {len(target)} rows; {needed} are needed"
    return ""


def nested_folds(latents: Latents, target: Flags, outer: Rows, settings: NestedSettings) -> list[Fold]:
    """Score `latents` (n, d) by models of `target` (n,) fitted without them; `outer` (n,) numbers the outer folds."""
    found = []
    for number in np.unique(outer):
        chosen_on, evaluated_on = np.flatnonzero(outer != number), np.flatnonzero(outer == number)
        known, labels = latents[chosen_on], target[chosen_on]
        model = fit_logistic(settings.model, known, labels)
        inner = held_out_scores(known, labels, folds_of(labels, settings.folds, settings.seed), settings.model)
        found.append(Fold(chosen_on, inner, evaluated_on, model.probability(latents[evaluated_on])))
    return found


def held_out_scores(latents: Latents, target: Flags, fold: Rows, model: str) -> Floats:
    """Score each of `latents` (n, d) by a model fitted to the other folds; `fold` (n,)."""
    scores = np.empty(len(target))
    for number in np.unique(fold):
        train, held_out = fold != number, fold == number
        fitted = fit_logistic(model, latents[train], target[train])
        scores[held_out] = fitted.probability(latents[held_out])
    return scores


def outer_scores(folds: list[Fold]) -> Floats:
    """The scores (n,) of all rows, each from the fold that held it out."""
    scores = np.empty(sum(len(fold.evaluated_on) for fold in folds))
    for fold in folds:
        scores[fold.evaluated_on] = fold.scores
    return scores


def choose_by_fold(
    rules: Iterable[str], latents: Latents, target: Flags, folds: list[Fold], settings: NestedSettings
) -> dict[str, list[Choice]]:
    """Return the choice of each of `rules` in each outer fold."""
    points = [operating_points(target[fold.chosen_on], fold.inner_scores, latents[fold.chosen_on]) for fold in folds]
    return {rule: [settings.choose(rule, each) for each in points] for rule in rules}


def accepted_by_fold(folds: list[Fold], choices: list[Choice]) -> Accepted:
    """Which rows (n,) are accepted by the threshold of the fold that held them out."""
    accepted = np.zeros(sum(len(fold.evaluated_on) for fold in folds), dtype=bool)
    for fold, choice in zip(folds, choices, strict=True):
        accepted[fold.evaluated_on] = fold.scores >= choice.threshold
    return accepted
