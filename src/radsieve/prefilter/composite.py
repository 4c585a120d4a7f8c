"""A model for each score, accepted if all let pass, against a model of `valid` itself (source 002, part 2)."""

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix_at_thresholds

from radsieve.prefilter.confusion_measures import Accepted, confusion, judged, precision_difference
from radsieve.prefilter.latent_table import LatentTable
from radsieve.prefilter.nested_selection import (
    Flags,
    Fold,
    Settings,
    accepted_by_fold,
    choose_by_fold,
    nested_folds,
    unusable,
)
from radsieve.screening_tables import SCORES

_RULE = "tpr>=0.95"  # cuts each score's model, and the direct one


def compare_composite(table: LatentTable, direct: list[Fold], settings: Settings) -> pd.DataFrame:
    """Judge the composite and the direct model of `valid` on the held-back rows of one group.

    `direct` are the folds of `valid`. Ways: `composite`; `direct`, cut by the same rule; and `direct, equal tpr`, cut
    so that it keeps as many good films of each fold as the composite does, which leaves precision to compare.
    Columns: way; those of `judged`; precision_difference to the composite with difference_lower and difference_upper;
    and reason: the scores without a model, which let everything pass.
    """
    outer = np.empty(len(table), dtype=np.int64)
    for number, fold in enumerate(direct):
        outer[fold.judged_on] = number
    composite = np.ones(len(table), dtype=bool)
    reasons = []
    for score in SCORES:
        target = table.target(score)
        if reason := unusable(target, settings.folds):
            reasons.append(f"{score}: {reason}")
        else:
            folds = nested_folds(table.latents, target, outer, settings)
            composite &= _accepted(table, target, folds, settings)
    ways = {
        "composite": composite,
        "direct": _accepted(table, table.valid, direct, settings),
        "direct, equal tpr": _equal_tpr(table.valid, direct, composite),
    }
    rows = []
    for way, accepted in ways.items():
        row = {"way": way, **judged(confusion(table.valid, accepted), settings.judging), "reason": "; ".join(reasons)}
        if way != "composite":
            row |= precision_difference(table.valid, accepted, composite, settings.judging)
        rows.append(row)
    return pd.DataFrame(rows)


def _accepted(table: LatentTable, target: Flags, folds: list[Fold], settings: Settings) -> Accepted:
    """Which rows (n,) the model of `target` accepts, cut by the rule."""
    return accepted_by_fold(folds, choose_by_fold([_RULE], table.latents, target, folds, settings)[_RULE])


def _equal_tpr(valid: Flags, folds: list[Fold], composite: Accepted) -> Accepted:
    """Accept from the highest threshold of each fold that keeps as many good films as `composite` (n,) does."""
    accepted = np.zeros(len(valid), dtype=bool)
    for fold in folds:
        truth = valid[fold.judged_on]
        _, _, _, good, thresholds = confusion_matrix_at_thresholds(truth, fold.scores, pos_label=1)
        wanted = int((truth * composite[fold.judged_on]).sum())
        if wanted:
            accepted[fold.judged_on] = fold.scores >= thresholds[np.searchsorted(good, wanted)]
    return accepted
