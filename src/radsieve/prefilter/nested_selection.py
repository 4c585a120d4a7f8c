"""Scores of a model on rows that it has not seen, twice over: to choose a threshold, and to judge it (nested folds).

In each outer fold the threshold is chosen on inner out-of-fold scores of the other rows, and judged on the rows held
back, which neither the model nor the threshold has seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from radsieve.prefilter.confusion_measures import Accepted, Costs, Judging
from radsieve.prefilter.delong import areas, mean_areas
from radsieve.prefilter.folds import folds as folds_of
from radsieve.prefilter.linear import Latents
from radsieve.prefilter.logistic import fit_logistic
from radsieve.prefilter.paired_tests import normal_test
from radsieve.prefilter.threshold_rules import Choice, Limits, Points, choose, operating_points

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.integer]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Fold:
    """Rows to choose a threshold on with their inner out-of-fold scores, and rows to judge it on with theirs."""

    chosen_on: Rows
    inner_scores: Floats
    judged_on: Rows
    scores: Floats


@dataclass(frozen=True)
class Settings:
    """What all choices share: the model's name, folds and seed of the cross-validation, limits, and how to judge."""

    model: str
    folds: int
    seed: int
    limits: Limits
    judging: Judging

    @classmethod
    def of(cls, options: Mapping[str, Any], latents: Mapping[str, Any]) -> "Settings":
        """From the sections select_thresholds and latents of params.yaml."""
        confidence, seed = latents["confidence"], latents["seed"]
        limits = Limits(
            options["least_accepted"],
            options["least_precision"],
            options["least_tpr"],
            options["least_coverage"],
            confidence,
        )
        costs = Costs(options["draw_seconds"], options["predict_seconds"])
        judging = Judging(costs, options["bootstrap"], confidence, seed)
        return cls(options["model"], latents["folds"], seed, limits, judging)

    def choose(self, rule: str, points: Points) -> Choice:
        """Return what `rule` chooses among `points`."""
        return choose(rule, points, self.limits, self.judging.costs)


def unusable(target: Flags, folds: int) -> str:
    """Why no model can be cross-validated twice over on `target` (n,), 0 or 1; empty if it can.

    Each class needs `folds` rows in what an outer fold leaves for the inner ones.
    """
    needed = next(rows for rows in range(folds, 2 * folds * folds) if rows - -(-rows // folds) >= folds)
    for name, count in (("good", int(target.sum())), ("bad", int((target == 0).sum()))):
        if count < needed:
            return f"{count or 'no'} {name} film{'s'[: count != 1]} among {len(target)} rows; {needed} are needed"
    return ""


def nested_folds(latents: Latents, target: Flags, outer: Rows, settings: Settings) -> list[Fold]:
    """Score `latents` (n, d) by models of `target` (n,) fitted without them; `outer` (n,) numbers the outer folds."""
    found = []
    for number in np.unique(outer):
        chosen_on, judged_on = np.flatnonzero(outer != number), np.flatnonzero(outer == number)
        known, labels = latents[chosen_on], target[chosen_on]
        model = fit_logistic(settings.model, known, labels)
        inner = held_back_scores(known, labels, folds_of(labels, settings.folds, settings.seed), settings.model)
        found.append(Fold(chosen_on, inner, judged_on, model.probability(latents[judged_on])))
    return found


def held_back_scores(latents: Latents, target: Flags, fold: Rows, model: str) -> Floats:
    """Score each of `latents` (n, d) by a model fitted to the other folds; `fold` (n,)."""
    scores = np.empty(len(target))
    for number in np.unique(fold):
        train, held_back = fold != number, fold == number
        fitted = fit_logistic(model, latents[train], target[train])
        scores[held_back] = fitted.probability(latents[held_back])
    return scores


def outer_scores(folds: list[Fold]) -> Floats:
    """The scores (n,) of all rows, each from the fold that held it back."""
    scores = np.empty(sum(len(fold.judged_on) for fold in folds))
    for fold in folds:
        scores[fold.judged_on] = fold.scores
    return scores


def choose_by_fold(
    rules: Iterable[str], latents: Latents, target: Flags, folds: list[Fold], settings: Settings
) -> dict[str, list[Choice]]:
    """Return the choice of each of `rules` in each outer fold."""
    points = [operating_points(target[fold.chosen_on], fold.inner_scores, latents[fold.chosen_on]) for fold in folds]
    return {rule: [settings.choose(rule, each) for each in points] for rule in rules}


def accepted_by_fold(folds: list[Fold], choices: list[Choice]) -> Accepted:
    """Which rows (n,) are accepted by the threshold of the fold that held them back."""
    accepted = np.zeros(sum(len(fold.judged_on) for fold in folds), dtype=bool)
    for fold, choice in zip(folds, choices, strict=True):
        accepted[fold.judged_on] = fold.scores >= choice.threshold
    return accepted


def mean_auc(target: Flags, folds: list[Fold], confidence: float) -> tuple[float, float, float]:
    """Mean over the folds of the area under the ROC of the held-back scores, with its interval.

    The variance of each fold's area is that of DeLong, DeLong and Clarke-Pearson (1988), for the model as it is.
    """
    found = mean_areas([areas(target[fold.judged_on], fold.scores[:, None]) for fold in folds])
    tested = normal_test(float(found.means[0]), float(found.covariance[0, 0]), confidence)
    return tested.difference, max(tested.lower, 0.0), min(tested.upper, 1.0)
