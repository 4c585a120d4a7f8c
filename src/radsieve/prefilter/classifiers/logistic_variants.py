"""Logistic regressions of a fold: the published ones, class weights, and curved boundaries."""

from collections.abc import Callable, Mapping

import numpy as np
from sklearn.linear_model import LogisticRegression

from radsieve.prefilter.classifiers.logistic import STRENGTHS, fit_logistic
from radsieve.prefilter.classifiers.score_models import score_directions
from radsieve.prefilter.classifiers.split import Floats, FoldData, Latents

LASSO = "LogReg.1_I1"
PUBLISHED = ("LogReg.01", "LogReg.1", LASSO, "LogReg1", "LogReg10")

BALANCED, SQUARES, LOW_RANK = "LogReg.1_balanced", "LogReg.1_squares", "LogReg.1_lowrank"
BEYOND = (BALANCED, SQUARES, LOW_RANK)
_BASE = "LogReg.1"  # from which the variants differ in one respect


def logistic_scores(split: FoldData, names: tuple[str, ...]) -> Mapping[str, Floats]:
    """Return the probability (m,) by each of `names`, of PUBLISHED and BEYOND.

    LogReg<C>: L2 penalty of inverse strength C. LASSO: L1 with C = .1 by liblinear, which penalises the intercept too.
    BALANCED: rows weighted inversely to the share of their class. SQUARES: the square of each component in addition.
    LOW_RANK: all squares and products of the few directions in which each score grows, learnt from the same rows.
    """
    variants: dict[str, Callable[[FoldData], Floats]] = {
        LASSO: _lasso,
        BALANCED: _balanced,
        SQUARES: lambda fold: _extended(fold, lambda latents: latents**2),
        LOW_RANK: _low_rank,
    }
    return {name: variants[name](split) if name in variants else _plain(split, name) for name in names}


def _plain(split: FoldData, name: str) -> Floats:
    return fit_logistic(name, split.latents, split.target).probability(split.held_out)


def _lasso(split: FoldData) -> Floats:
    model = LogisticRegression(C=0.1, l1_ratio=1, solver="liblinear", max_iter=1000, random_state=split.seed)
    return _probability(model, split)


def _balanced(split: FoldData) -> Floats:
    return _probability(LogisticRegression(C=STRENGTHS[_BASE], class_weight="balanced", max_iter=1000), split)


def _low_rank(split: FoldData) -> Floats:
    directions = score_directions(split).astype(np.float32)
    upper = np.triu_indices(directions.shape[1])

    def products(latents: Latents) -> Latents:
        along = latents @ directions
        return along[:, upper[0]] * along[:, upper[1]]

    return _extended(split, products)


def _extended(split: FoldData, more: Callable[[Latents], Latents]) -> Floats:
    """The probability (m,) by the model on the components and `more` of them, the latter scaled as components are."""
    scale = np.float32(split.latents.std())
    added = more(split.latents)
    mean, spread = added.mean(axis=0), added.std(axis=0)
    spread[spread == 0] = 1

    def features(latents: Latents) -> Latents:
        return np.hstack([latents, (more(latents) - mean) / spread * scale])

    return fit_logistic(_BASE, features(split.latents), split.target).probability(features(split.held_out))


def _probability(model: LogisticRegression, split: FoldData) -> Floats:
    fitted = model.fit(split.latents, split.target)
    return np.asarray(fitted.predict_proba(split.held_out)[:, 1])
