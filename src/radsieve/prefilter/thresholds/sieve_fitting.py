"""The sieve of a group: the model that is fitted to all rows, its threshold, and what is expected of it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from radsieve.generators.distributions import UNIFORM
from radsieve.prefilter.classifiers.logistic import SETTINGS, STRENGTHS, LogisticModel, constant, fit_logistic
from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.settings import SelectThresholds
from radsieve.prefilter.sieve.sieve import Sieve
from radsieve.prefilter.sieve.sieve_card import card_of
from radsieve.prefilter.thresholds.acceptance import SAMPLED, Acceptance
from radsieve.prefilter.thresholds.confusion_measures import Accepted, evaluated, everything_accepted
from radsieve.prefilter.thresholds.nested_selection import (
    Fold,
    NestedSettings,
    accepted_by_fold,
    choose_by_fold,
    nested_folds,
    outer_scores,
    unusable,
)
from radsieve.prefilter.thresholds.repeated_selection import repeat_selection
from radsieve.prefilter.thresholds.threshold_rules import ACCEPT_ALL, Choice, operating_points
from radsieve.progress import working
from radsieve.settings import LatentSettings
from radsieve.stats.folds import folds as folds_of


@dataclass(frozen=True)
class Validated:
    """By rule: the choices of the outer folds, which rows (n,) they accept, and the choice of the final model.

    `reason` says why there are no folds and everything is accepted; empty if there are.
    """

    folds: list[Fold]
    choices: dict[str, list[Choice]]
    accepted: dict[str, Accepted]
    final: dict[str, Choice]
    reason: str


@dataclass(frozen=True)
class Fitted:
    """A sieve with the row of `confusion_measures.evaluated` behind its card; accepted: (repeats, n) which rows that is
    of."""

    sieve: Sieve
    expected: dict[str, float]
    accepted: Accepted


@working("fitting a sieve")
def fit_sieve(table: LatentTable, options: SelectThresholds, latents: LatentSettings) -> Sieve:
    """Fit the sieve of the one group of `table`, the same as that of `threshold_selection.select`, and nothing else.

    `options` and `latents` are those sections of params.yaml, but for the distribution: the latents are those of this
    project's generators or of the twin, which are uniform. A group on which no model can be cross-validated gets a
    sieve that accepts everything.
    """
    with threadpool_limits(1):  # so that the last digits do not depend on the number of threads
        own = latents.model_copy(update={"distribution": UNIFORM.name})
        return fitted_sieve(table, NestedSettings.of(options, own), options.rule).sieve


def cross_validate(table: LatentTable, settings: NestedSettings, rules: Iterable[str]) -> Validated:
    """Choose the thresholds of the one group of `table` by each of `rules`, in nested folds and for all rows."""
    names = list(rules)
    if reason := unusable(table.valid, settings.folds):
        everything = np.ones(len(table), dtype=bool)
        final = dict.fromkeys(names, Choice(ACCEPT_ALL, reason))
        return Validated([], {rule: [] for rule in names}, dict.fromkeys(names, everything), final, reason)
    outer = folds_of(table.valid, settings.folds, settings.seed)
    folds = nested_folds(table.latents, table.valid, outer, settings)
    choices = choose_by_fold(names, table.latents, table.valid, folds, settings)
    accepted = {rule: accepted_by_fold(folds, choices[rule]) for rule in names}
    points = operating_points(table.valid, outer_scores(folds), table.latents)
    return Validated(folds, choices, accepted, {rule: settings.choose(rule, points) for rule in names}, "")


def fitted_sieve(table: LatentTable, settings: NestedSettings, rule: str) -> Fitted:
    """Return the sieve fitted to all rows of the one group of `table`, which accepts the share that `rule` chooses.

    What its card expects is that of `repeated_selection`, at the acceptance that it has. If it accepts everything, it
    is what is known of that: an acceptance of 1, and the share of good rows for a precision.
    """
    parameters = {
        "C": STRENGTHS[settings.model],
        **SETTINGS,
        "repeats": settings.repeats,
        "repeat_folds": settings.repeat_folds,
        "seed": settings.seed,
        "constant_components": np.flatnonzero(constant(table.latents)).tolist(),
    }
    if reason := unusable(table.valid, settings.folds):
        model = LogisticModel.of_rate(int(table.valid.sum()), len(table), table.latents.shape[1])
        accepted, area = np.ones((1, len(table)), dtype=bool), (np.nan, np.nan, np.nan)
    else:
        model = fit_logistic(settings.model, table.latents, table.valid)
        found = repeat_selection(table, rule, settings)
        accepted, reason, area = found.accepted, found.reason, found.roc_auc
    if reason:
        choice, expected = Choice(ACCEPT_ALL, reason), everything_accepted(table.valid, settings.evaluation)
    else:
        acceptance = Acceptance.of(model, SAMPLED, settings.distribution)
        choice = Choice(acceptance.threshold(found.share))
        expected = evaluated(found.counts(table.valid), settings.evaluation)
        bounds = acceptance.accepted(found.share, settings.evaluation.confidence)
        expected |= dict(zip((f"accepted_share{end}" for end in ("", "_lower", "_upper")), bounds, strict=True))
    return Fitted(Sieve(card_of(table, settings, choice, rule, expected, area, parameters), model), expected, accepted)
