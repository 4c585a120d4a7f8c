"""Image and table together: each alone, joined before or after a model, and with one of them missing or shuffled.

Everything is fitted to the other folds, which keep units whole: scales, levels of codes, strengths of regularisation
(by inner folds), and how two logits are stacked.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from radsieve.tasks.images.fusion_pairs import Columns, Floats, Integers, Pairs
from radsieve.tasks.images.joint import JointNetwork, Parts, fit_joint, joint_logits
from radsieve.tasks.images.settings import FuseModalities
from radsieve.tasks.images.tables import EARLY, IMAGE, JOINT, LATE, TABLE

Flags = npt.NDArray[np.bool_]
Key = tuple[str, str, str]

WHOLE, MISSING, SHUFFLED = "whole", "missing", "shuffled"
_STEPS = 300
_INNER = 3


@dataclass(frozen=True)
class Fused:
    """The probability (n,) of class 1 by (model, what is done to the image, what is done to the table)."""

    probability: dict[Key, Floats]


def keys_of(settings: FuseModalities) -> list[Key]:
    """Every model with whole inputs, and those of both with one of them missing or shuffled."""
    states = [(WHOLE, WHOLE), (MISSING, WHOLE), (SHUFFLED, WHOLE), (WHOLE, MISSING), (WHOLE, SHUFFLED)]
    both = [EARLY, LATE, *(JOINT[join] for join in settings.joint.joins)]
    return [(IMAGE, WHOLE, WHOLE), (TABLE, WHOLE, WHOLE), *((model, *state) for model in both for state in states)]


def fuse(pairs: Pairs, columns: Columns, settings: FuseModalities, keys: Collection[Key]) -> Fused:
    """Predict every image by models that were fitted to the other folds, with inputs as the `keys` say."""
    found = {key: np.full(len(pairs.truth), np.nan) for key in keys}
    for number in np.unique(pairs.fold):
        held_out = pairs.fold == number
        models = _Models.fit(pairs, ~held_out, columns, settings, {model for model, *_ in keys})
        order = np.random.default_rng([settings.seed, int(number)]).permutation(int(held_out.sum()))
        for key in keys:
            found[key][held_out] = models.predict(pairs, held_out, *key, order)
    return Fused(found)


@dataclass(frozen=True)
class _Models:
    """Models of one fold: how image and table become numbers, and the models of each and of both."""

    image: Callable[[Pairs, Flags], Floats]
    table: Callable[[Pairs, Flags], Floats]
    alone: dict[str, LogisticRegression]
    early: LogisticRegression | None
    late: LogisticRegression
    usual: dict[str, float]
    joint: dict[str, JointNetwork]

    @classmethod
    def fit(
        cls, pairs: Pairs, learnt: Flags, columns: Columns, settings: FuseModalities, wanted: Collection[str]
    ) -> "_Models":
        """Those of both that are not `wanted` are left out."""
        of_image, of_table = _scaled(pairs, learnt), _prepared(pairs, learnt, columns)
        known = {IMAGE: of_image(pairs, learnt), TABLE: of_table(pairs, learnt)}
        truth, units = pairs.truth[learnt], pairs.units[learnt]
        inner = StratifiedGroupKFold(_INNER, shuffle=True, random_state=settings.seed)
        parts = list(inner.split(truth, truth, units))
        alone, stacked = {}, []
        for name, features in known.items():
            strength, logits = _chosen(features, truth, parts, settings.strengths)
            alone[name] = _logistic(features, truth, strength)
            stacked.append(logits)
        early = None
        if EARLY in wanted:
            both = np.hstack(list(known.values()))
            early = _logistic(both, truth, _chosen(both, truth, parts, settings.strengths)[0])
        late = _logistic(np.column_stack(stacked), truth, 1.0)
        usual = {name: float(logits.mean()) for name, logits in zip(known, stacked, strict=True)}
        joint = {
            JOINT[join]: fit_joint(list(known.values()), truth, parts, join, settings.joint, settings.seed)
            for join in settings.joint.joins
            if JOINT[join] in wanted
        }
        return cls(of_image, of_table, alone, early, late, usual, joint)

    def predict(self, pairs: Pairs, rows: Flags, model: str, image: str, table: str, order: Integers) -> Floats:
        """The probability of `rows`; `order` shuffles.

        What is missing counts as the mean of those learnt from, for a joint network as the vector that it has learnt.
        """
        inputs = {IMAGE: self.image(pairs, rows), TABLE: self.table(pairs, rows)}
        states = {IMAGE: image, TABLE: table}
        if model in inputs:
            return _probability(self.alone[model], inputs[model])
        if model in self.joint:
            seen = [one[order] if states[name] == SHUFFLED else one for name, one in inputs.items()]
            there = np.array([states[name] != MISSING for name in inputs])
            return np.asarray(expit(joint_logits(self.joint[model], seen, there)))
        if model == EARLY and self.early is not None:
            changed = [_damaged(inputs[name], states[name], 0.0, order) for name in inputs]
            return _probability(self.early, np.hstack(changed))
        logits = [
            _damaged(_logits(self.alone[name], inputs[name])[:, None], states[name], self.usual[name], order)
            for name in inputs
        ]
        return _probability(self.late, np.hstack(logits))


def _damaged(values: Floats, state: str, usual: float, order: Integers) -> Floats:
    if state == MISSING:
        return np.full_like(values, usual)
    return values[order] if state == SHUFFLED else values


def _scaled(pairs: Pairs, learnt: Flags) -> Callable[[Pairs, Flags], Floats]:
    mean, spread = pairs.features[learnt].mean(axis=0), pairs.features[learnt].std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    return lambda of, rows: np.asarray((of.features[rows] - mean) / spread)


def _prepared(pairs: Pairs, learnt: Flags, columns: Columns) -> Callable[[Pairs, Flags], Floats]:
    """Numbers at the median where they are missing and marked, codes as a column for each level, all of mean 0."""
    known = pairs.rows[learnt]
    medians = {name: float(known[name].median()) if known[name].notna().any() else 0.0 for name in columns.numbers}
    levels = {name: sorted(set(known[name])) for name in columns.codes}

    def raw(rows: pd.DataFrame) -> Floats:
        parts = [rows[name].fillna(medians[name]).to_numpy(np.float64) for name in columns.numbers]
        parts += [rows[name].isna().to_numpy(np.float64) for name in columns.numbers]
        parts += [(rows[name] == level).to_numpy(np.float64) for name in columns.codes for level in levels[name]]
        return np.column_stack(parts)

    fitted = raw(known)
    mean, spread = fitted.mean(axis=0), fitted.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    return lambda of, rows: np.asarray((raw(of.rows[rows]) - mean) / spread)


def _chosen(features: Floats, truth: Integers, parts: Parts, strengths: Sequence[float]) -> tuple[float, Floats]:
    """The strength with the least loss on inner folds, and the logits (n,) that they give."""
    best: tuple[float, float, Floats] = (np.inf, strengths[0], np.zeros(len(truth)))
    for strength in strengths:
        logits = np.zeros(len(truth))
        for learnt, held_out in parts:
            logits[held_out] = _logits(_logistic(features[learnt], truth[learnt], strength), features[held_out])
        loss = float(np.logaddexp(0, np.where(truth == 1, -logits, logits)).mean())
        if loss < best[0]:
            best = loss, strength, logits
    return best[1], best[2]


def _logistic(features: Floats, truth: Integers, strength: float) -> LogisticRegression:
    with threadpool_limits(1):
        return LogisticRegression(C=strength, max_iter=_STEPS).fit(features, truth)


def _logits(model: LogisticRegression, features: Floats) -> Floats:
    with threadpool_limits(1):
        return np.asarray(model.decision_function(features), dtype=np.float64)


def _probability(model: LogisticRegression, features: Floats) -> Floats:
    return np.asarray(expit(_logits(model, features)))
