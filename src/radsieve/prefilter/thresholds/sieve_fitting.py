"""The sieve of a group: cross-validated choices of its threshold, and the model that is fitted to all rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from radsieve.prefilter.classifiers.logistic import SETTINGS, STRENGTHS, LogisticModel, constant, fit_logistic
from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.settings import SelectThresholds
from radsieve.prefilter.sieve.sieve import Sieve
from radsieve.prefilter.sieve.sieve_card import card_of
from radsieve.prefilter.thresholds.confusion_measures import Accepted, confusion_counts, evaluated
from radsieve.prefilter.thresholds.nested_selection import (
    Fold,
    NestedSettings,
    accepted_by_fold,
    choose_by_fold,
    mean_auc,
    nested_folds,
    outer_scores,
    unusable,
)
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


@working("fitting a sieve")
def fit_sieve(table: LatentTable, options: SelectThresholds, latents: LatentSettings) -> Sieve:
    """Fit the sieve of the one group of `table`, the same as that of `threshold_selection.select`, and nothing else.

    `options` and `latents` are those sections of params.yaml. Only the rule of the sieve is cross-validated; its card
    needs the nested folds, since its expected values come from rows that chose neither model nor threshold. A group on
    which no model can be cross-validated gets a sieve that accepts everything.
    """
    with threadpool_limits(1):  # so that the last digits do not depend on the number of threads
        settings = NestedSettings.of(options, latents)
        validated = cross_validate(table, settings, [options.rule])
        counts = confusion_counts(table.valid, validated.accepted[options.rule])
        return fitted_sieve(table, settings, options.rule, validated, evaluated(counts, settings.evaluation))


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


def fitted_sieve(
    table: LatentTable, settings: NestedSettings, rule: str, validated: Validated, expected: Mapping[Any, Any]
) -> Sieve:
    """Return the sieve fitted to all rows of the one group of `table`, with the threshold of `rule`.

    `expected` is what `evaluated` gives for the rows that the rule accepts in the nested folds.
    """
    if validated.reason:
        area = (np.nan, np.nan, np.nan)
        model = LogisticModel.of_rate(int(table.valid.sum()), len(table), table.latents.shape[1])
    else:
        area = mean_auc(table.valid, validated.folds, settings.evaluation.confidence)
        model = fit_logistic(settings.model, table.latents, table.valid)
    parameters = {
        "C": STRENGTHS[settings.model],
        **SETTINGS,
        "folds": settings.folds,
        "seed": settings.seed,
        "constant_components": np.flatnonzero(constant(table.latents)).tolist(),
    }
    return Sieve(card_of(table, settings, validated.final[rule], rule, expected, area, parameters), model)
