"""A model for each score, a latent being accepted if all models accept it, against a model of `valid` itself
(Sinyavsky, term paper, part 2).
"""

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix_at_thresholds

from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.thresholds.confusion_measures import Accepted, confusion_counts, evaluated, precision_difference
from radsieve.prefilter.thresholds.nested_selection import (
    Flags,
    Fold,
    NestedSettings,
    accepted_by_fold,
    choose_by_fold,
    nested_folds,
    unusable,
)
from radsieve.prefilter.thresholds.tables import CompositeMethod
from radsieve.screening.tables import SCORES

_RULE = "tpr>=0.95"  # sets the threshold of each score's model, and of the direct one


def compare_composite(table: LatentTable, direct: list[Fold], settings: NestedSettings) -> pd.DataFrame:
    """Evaluate the composite and the direct model of `valid` on the held-out rows of one group.

    `direct` are the folds of `valid`. Methods: `composite`; `direct`, with a threshold by the same rule; and `direct,
    equal tpr`, with a threshold that keeps as many good images of each fold as the composite does, which leaves
    precision to compare. Columns: method; those of `evaluated`; precision_difference to the composite with
    difference_lower and difference_upper; and reason: the scores without a model, by which everything passes.
    """
    outer = np.empty(len(table), dtype=np.int64)
    for number, fold in enumerate(direct):
        outer[fold.evaluated_on] = number
    composite = np.ones(len(table), dtype=bool)
    reasons = []
    for score in SCORES:
        target = table.target(score)
        if reason := unusable(target, settings.folds):
            reasons.append(f"{score}: {reason}")
        else:
            folds = nested_folds(table.latents, target, outer, settings)
            composite &= _accepted(table, target, folds, settings)
    methods = {
        CompositeMethod.COMPOSITE: composite,
        CompositeMethod.DIRECT: _accepted(table, table.valid, direct, settings),
        CompositeMethod.DIRECT_EQUAL_TPR: _equal_tpr(table.valid, direct, composite),
    }
    rows = []
    for method, accepted in methods.items():
        row = {
            "method": method,
            **evaluated(confusion_counts(table.valid, accepted), settings.evaluation),
            "reason": "; ".join(reasons),
        }
        if method != CompositeMethod.COMPOSITE:
            row |= precision_difference(table.valid, accepted, composite, settings.evaluation)
        rows.append(row)
    return pd.DataFrame(rows)


def _accepted(table: LatentTable, target: Flags, folds: list[Fold], settings: NestedSettings) -> Accepted:
    """Which rows (n,) the model of `target` accepts, with the threshold of the rule."""
    return accepted_by_fold(folds, choose_by_fold([_RULE], table.latents, target, folds, settings)[_RULE])


def _equal_tpr(valid: Flags, folds: list[Fold], composite: Accepted) -> Accepted:
    """Accept from the highest threshold of each fold that keeps as many good images as `composite` (n,) does."""
    accepted = np.zeros(len(valid), dtype=bool)
    for fold in folds:
        truth = valid[fold.evaluated_on]
        _, _, _, good, thresholds = confusion_matrix_at_thresholds(truth, fold.scores, pos_label=1)
        wanted = int((truth * composite[fold.evaluated_on]).sum())
        if wanted:
            accepted[fold.evaluated_on] = fold.scores >= thresholds[np.searchsorted(good, wanted)]
    return accepted
