"""What the one stored sieve accepts, and what is expected of it: cross-validation of the choice, repeated.

A rule is applied to held-out scores of all rows, in several divisions into folds, and the share of latents accepted is
averaged. The stored threshold is the one from which the final model accepts this share of all latents, so that its
acceptance is that which was chosen. What is expected at this acceptance is read from held-out folds: the model that
evaluates the rows of a fold was fitted without them, and the acceptance at which they are evaluated is chosen once more
among the other rows. The models that rank those other rows for this choice may have been fitted to the fold, though:
only a third level of folds would avoid that.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radsieve.prefilter.classifiers.logistic import fit_logistic
from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.thresholds.acceptance import SAMPLED_IN_FOLDS, Acceptance
from radsieve.prefilter.thresholds.confusion_measures import confusion_counts
from radsieve.prefilter.thresholds.nested_selection import NestedSettings
from radsieve.prefilter.thresholds.threshold_rules import ACCEPT_ALL, Choice, operating_points
from radsieve.stats.binary_metrics import newcombe_area
from radsieve.stats.folds import folds as folds_of
from radsieve.stats.paired_tests import areas, normal_test

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Repeated:
    """The result of `repeat_selection`.

    share: of all latents that the stored sieve accepts; reason: why it accepts all, or empty; shares: (repeats,)
    what each repetition chose; accepted: (repeats, n) whether each row is accepted when its fold is held out, the
    shares being spread over the repetitions by the standard error of their mean; all are if the stored sieve accepts
    all; roc_auc: area with bounds.
    """

    share: float
    reason: str
    shares: Floats
    accepted: npt.NDArray[np.bool_]
    roc_auc: tuple[float, float, float]

    def counts(self, valid: npt.NDArray[np.integer]) -> Floats:
        """The confusion matrix (repeats, 4), as tn, fp, fn, tp, of rows `valid` (n,), 0 or 1, in each repetition."""
        return np.array([confusion_counts(valid, kept) for kept in self.accepted], dtype=float)


def repeat_selection(table: LatentTable, rule: str, settings: NestedSettings) -> Repeated:
    """Choose what share of the latents the sieve of the one group of `table` accepts, and evaluate that share.

    There are settings.repeats divisions into settings.repeat_folds folds, or as many as a class has rows. Where
    the rule chooses in no repetition without a fold, but does with all rows, the share of all rows is that of the fold.
    """
    valid = table.valid
    number = min(settings.repeat_folds, int(valid.sum()), int((valid == 0).sum()))
    folds = [folds_of(valid, number, settings.seed + place) for place in range(settings.repeats)]
    ranks = np.stack([_held_out_ranks(table, fold, settings) for fold in folds])
    chosen = _choices(table, ranks, np.ones(len(valid), dtype=bool), rule, settings)
    cut = _mean(chosen)
    accepted = np.ones((settings.repeats, len(valid)), dtype=bool)
    for repeat, (fold, of_rows) in enumerate(zip(folds, ranks, strict=True)):
        for held_out in (fold == place for place in range(0 if cut.reason else number)):
            choices = _choices(table, ranks, ~held_out, rule, settings)
            accepted[repeat, held_out] = of_rows[held_out] >= _spread(choices, cut.threshold)[repeat]
    shares = np.array([1 - choice.threshold for choice in chosen])
    area = mean_area(valid, ranks, settings.evaluation.confidence)
    return Repeated(1 - cut.threshold, cut.reason, shares, accepted, area)


def mean_area(valid: npt.NDArray[np.integer], ranks: Floats, confidence: float) -> tuple[float, float, float]:
    """The mean ROC-AUC of `ranks` (repeats, n) on `valid` (n,), 0 or 1, with bounds.

    The bounds are DeLong's, and Newcombe's where every ranking is perfect, or perfectly wrong, and has no variance.
    """
    found = areas(valid, ranks.T)
    mean = float(found.means.mean())
    if mean in (0.0, 1.0):
        return mean, *newcombe_area(mean, int((valid == 1).sum()), int((valid == 0).sum()), confidence)
    area = normal_test(mean, float(found.covariance.mean()), confidence)
    return mean, max(area.lower, 0.0), min(area.upper, 1.0)


def _held_out_ranks(table: LatentTable, fold: Rows, settings: NestedSettings) -> Floats:
    """The share of all latents that a model fitted without its fold puts below each row (n,)."""
    ranks = np.empty(len(table))
    for number in np.unique(fold):
        train, held_out = fold != number, fold == number
        fitted = fit_logistic(settings.model, table.latents[train], table.valid[train])
        margins = fitted.margins(table.latents[held_out])
        ranks[held_out] = Acceptance.of(fitted, SAMPLED_IN_FOLDS, settings.distribution).rank(margins)
    return ranks


def _choices(
    table: LatentTable, ranks: Floats, rows: npt.NDArray[np.bool_], rule: str, settings: NestedSettings
) -> list[Choice]:
    """The choice of the rule among `ranks` (repeats, n) of `rows` (n,), for each repetition."""
    valid, latents = table.valid[rows], table.latents[rows]
    return [settings.choose(rule, operating_points(valid, of_rows[rows], latents)) for of_rows in ranks]


def _spread(choices: list[Choice], stored: float) -> Floats:
    """The thresholds (repeats,), drawn towards their mean until they spread by its standard error.

    Where the rule did not choose it is the mean of the others, and `stored` if there are none: what is evaluated is a
    sieve that does not accept everything.
    """
    chosen = [choice.threshold for choice in choices if not choice.reason]
    mean = float(np.mean(chosen)) if chosen else stored
    off = [0.0 if choice.reason else choice.threshold - mean for choice in choices]
    thresholds: Floats = mean + np.array(off) / np.sqrt(len(choices))
    return thresholds


def _mean(choices: list[Choice]) -> Choice:
    """The mean of the thresholds of those repetitions in which the rule chose; everything if most of them did not."""
    reasons = [choice.reason for choice in choices if choice.reason]
    if 2 * len(reasons) > len(choices):
        return Choice(ACCEPT_ALL, reasons[0])
    return Choice(float(np.mean([choice.threshold for choice in choices if not choice.reason])))
