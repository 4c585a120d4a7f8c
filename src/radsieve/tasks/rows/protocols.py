"""Protocols of evaluation: the honest one, and others that each repeat one mistake of a published analysis.

In the honest one everything is fitted within the fold. A mistake changes one thing: preparation fitted to all rows
(`fitted_on_all`); SMOTE before the folds, so that a row and its synthetic neighbours are on both sides (`smote_first`,
in which preparation comes before the folds, too, since SMOTE needs it); missing numbers filled with the median of the
rows of the same outcome (`class_medians`); both; the ROC-AUC of called outcomes instead of probabilities
(`hard_labels`); columns that are known only afterwards (`after_outcome`); and labels 1 and 2 in place of 0 and 1 in a
cross-entropy that expects the latter (`labels_1_2`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
from imblearn.over_sampling import SMOTE
from scipy.special import expit

from radsieve.stats.paired_tests import share_difference
from radsieve.stats.resampling import Estimate, difference
from radsieve.tasks.leaks import Row, leak_row
from radsieve.tasks.rows.areas import CALLED, accuracy, area, area_difference, same_ranking
from radsieve.tasks.rows.folds import FoldedRows, OutOfFold, out_of_fold, out_of_fold_of
from radsieve.tasks.rows.models import NEIGHBOURS, NONE, classifier, columns_of, last_steps, preparation
from radsieve.tasks.rows.settings import RowsSettings
from radsieve.tasks.tables import LEAKS, TARGET, Model, Protocol

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Arm = tuple[Model, str]  # and how its classes are balanced

VISIT, AFTERWARDS = ("before", "at"), ("before", "at", "after")
_UNIT = "one unit"  # the model of labels_1_2: a logistic unit, trained by gradient descent
_BESIDE_UNIT = "logistic"  # whose honest value it is compared with
_STEPS, _RATE = 200, 0.5


@dataclass(frozen=True)
class Predicted:
    """Rows with their outcome, unit, fold and score by a protocol; `paired`: they are the rows of the honest one."""

    truth: Integers
    units: Integers
    fold: Integers
    score: Floats
    paired: bool


@dataclass(frozen=True)
class Study:
    """What is needed to evaluate by a protocol: rows in folds, their COLUMNS, settings and coverage.

    `computed` holds those of the probabilities of `honest` that are known already, by model.
    """

    data: FoldedRows
    columns: pd.DataFrame
    settings: RowsSettings
    computed: Mapping[str, Floats] = field(default_factory=dict)

    def honest(self, model: str) -> Floats:
        """The out-of-fold probability of each row by `model`, of the columns known at the visit."""
        return self.computed[model] if model in self.computed else self.predicted(model, VISIT)

    def predicted(self, model: str, known: Sequence[str]) -> Floats:
        """The same of the columns known at one of the times `known`."""
        arms = [(Model(model), NONE)]
        found = evaluate_arms(self.data, self.columns, columns_of(self.columns, known), arms, self.settings)
        return found.scores[arms[0]]


def evaluate_arms(
    data: FoldedRows,
    columns: pd.DataFrame,
    names: Sequence[str],
    arms: Sequence[Arm],
    settings: RowsSettings,
    called: Collection[Arm] = (),
) -> OutOfFold:
    """The out-of-fold probability (n,) of each row by each of `arms`, of the columns `names`, prepared in the fold, and
    the thresholds of those `called`.
    """
    builders = {arm: partial(last_steps, *arm, settings.trees, settings.seed) for arm in arms}
    return out_of_fold_of(data, lambda: preparation(columns, names), names, builders, called, settings.seed)


def leaks(study: Study) -> pd.DataFrame:
    """LEAKS: every protocol of the settings by every one of their protocol models, ROC-AUC and accuracy."""
    confidence = study.settings.confidence
    models, by_unit = study.settings.protocol_models, Protocol.LABELS_1_2 in study.settings.protocols
    compared = dict.fromkeys([*models, *([_BESIDE_UNIT] if by_unit else [])])
    honest = {model: _predicted(study, study.honest(model)) for model in compared}
    rows = []
    for model in models:
        for protocol in study.settings.protocols:
            found = _evaluated(study, Protocol(protocol), model, honest[model])
            if found is not None:
                rows += _rows(Protocol(protocol), model, found, honest[model], confidence)
    if by_unit:
        rows += _rows(Protocol.LABELS_1_2, _UNIT, _labels_1_2(study), honest[_BESIDE_UNIT], confidence, areas=False)
    return pd.DataFrame(rows, columns=list(LEAKS.columns))


def _predicted(study: Study, score: Floats) -> Predicted:
    """The rows of the study with these scores."""
    return Predicted(study.data.truth, study.data.units, study.data.fold, score, paired=True)


def _evaluated(study: Study, protocol: Protocol, model: str, honest: Predicted) -> Predicted | None:
    """The predictions of `model` by `protocol`; None where the protocol has a model of its own, or changes nothing."""
    has_numbers = (study.columns["kind"] == "number").any()
    if protocol in (Protocol.CLASS_MEDIANS, Protocol.BOTH) and not has_numbers:
        return None
    match protocol:
        case Protocol.HONEST:
            return honest
        case Protocol.FITTED_ON_ALL:
            return replace(honest, score=_prepared_first(study, model))
        case Protocol.HARD_LABELS:
            return replace(honest, score=(honest.score >= CALLED).astype(float))
        case Protocol.CLASS_MEDIANS:
            filled = replace(study, data=_class_medians(study))
            return replace(honest, score=filled.predicted(model, VISIT))
        case Protocol.SMOTE_FIRST:
            return _smote_first(study, model, study.data)
        case Protocol.BOTH:
            return _smote_first(study, model, _class_medians(study))
        case Protocol.AFTER_OUTCOME:
            has_some = (study.columns["known"] == "after").any()
            return replace(honest, score=study.predicted(model, AFTERWARDS)) if has_some else None
        case _:  # labels_1_2 has a model of its own, others are of other stages
            return None


def _rows(
    protocol: Protocol, model: str, found: Predicted, honest: Predicted, confidence: float, areas: bool = True
) -> list[Row]:
    """The rows of LEAKS: each metric, the honest value, and the difference of both."""
    rows: list[Row] = []
    units = len(np.unique(found.units)), len(np.unique(honest.units))
    if areas:
        value, base = (area(one.truth, one.score, one.fold, one.units, confidence) for one in (found, honest))
        if found.paired:
            tested = area_difference(found.truth, found.score, honest.score, found.fold, found.units, confidence)
            apart = Estimate(tested.difference, tested.lower, tested.upper)
        else:
            apart = difference(value, base)
        same = found.paired and same_ranking(found.score, honest.score, found.fold)
        rows.append(leak_row(protocol, model, "roc_auc", len(found.truth), value, base.value, apart, units, same=same))
    value, base = (accuracy(one.truth, one.score, one.units, confidence) for one in (found, honest))
    same = False
    if found.paired:
        right, honestly = ((one.score >= CALLED) == (one.truth == 1) for one in (found, honest))
        apart, same = share_difference(right, honestly, confidence, found.units), np.array_equal(right, honestly)
    else:
        apart = difference(value, base)
    row = leak_row(protocol, model, "accuracy", len(found.truth), value, base.value, apart, units, same=same)
    return [*rows, row]


def _prepared_first(study: Study, model: str) -> Floats:
    """Out-of-fold probabilities of rows that were prepared together, before the folds."""
    settings = study.settings
    features = _prepared(study, study.data)
    return out_of_fold(study.data, lambda: classifier(model, settings.trees, settings.seed), features)


def _prepared(study: Study, data: FoldedRows) -> Floats:
    names = columns_of(study.columns, VISIT)
    return np.asarray(preparation(study.columns, names).fit_transform(data.rows[names]), dtype=float)


def _class_medians(study: Study) -> FoldedRows:
    """The rows with the median of the rows of the same outcome in place of each missing number."""
    rows = study.data.rows.copy()
    numbers = study.columns.loc[study.columns["kind"] == "number", "column"].tolist()
    rows[numbers] = rows.groupby(TARGET)[numbers].transform(lambda column: column.fillna(column.median()))
    return replace(study.data, rows=rows)


def _smote_first(study: Study, model: str, data: FoldedRows) -> Predicted:
    """Predictions of real rows, in their own folds, and of synthetic ones, dealt to the folds at random.

    A synthetic row lies between rows of any fold. Each counts as a unit of its own.
    """
    settings = study.settings
    features, truth = SMOTE(k_neighbors=NEIGHBOURS, random_state=settings.seed).fit_resample(
        _prepared(study, data), data.truth
    )
    made = len(truth) - len(data.truth)  # after the real ones
    fold = np.append(data.fold, np.random.default_rng(settings.seed).permutation(made) % settings.folds)
    units = np.append(data.units, data.units.max() + 1 + np.arange(made))
    dealt = FoldedRows(pd.DataFrame({TARGET: truth}), fold)
    score = out_of_fold(dealt, lambda: classifier(model, settings.trees, settings.seed), features)
    return Predicted(np.asarray(truth, dtype=np.int64), units, fold, score, paired=False)


def _labels_1_2(study: Study) -> Predicted:
    """What a logistic unit says that learnt labels 1 (negative) and 2 (positive) by binary cross-entropy.

    The gradient by the log-odds is p - label, below 0 for every row, so that the loss falls without end. A row is
    called 1, the negative outcome, if p is rounded up, and else 0, which is neither; so its score here is right for a
    negative row that is called 1, and wrong for every other.
    """
    features = _prepared(study, study.data)
    design = np.column_stack([np.ones(len(features)), features])
    score = np.empty(len(features))
    for number in np.unique(study.data.fold):
        held_out = study.data.fold == number
        labels = study.data.truth[~held_out] + 1
        weights = np.zeros(design.shape[1])
        for _ in range(_STEPS):
            residual = expit(design[~held_out] @ weights) - labels
            weights -= _RATE * (design[~held_out].T @ residual) / len(labels)
        right = np.round(expit(design[held_out] @ weights)) == study.data.truth[held_out] + 1
        score[held_out] = np.where(right, study.data.truth[held_out], 1 - study.data.truth[held_out])
    return _predicted(study, score)
