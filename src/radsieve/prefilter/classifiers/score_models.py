"""Models that learn from the continuous scores, not only from whether they pass."""

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import qmc, rankdata
from sklearn.linear_model import RidgeCV

from radsieve.prefilter.classifiers.joint_logistic import fit_ordered
from radsieve.prefilter.classifiers.split import Floats, FoldData, Latents

RIDGE, ORDINAL = "ScoreRidge", "MarginOrdinal"
NAMES = (RIDGE, ORDINAL)

_ALPHAS = (30.0, 100.0, 300.0, 1000.0, 3000.0)  # strengths of the ridge's penalty, chosen by leave-one-out errors
_DRAWS = 256  # of the errors, for the probability that all scores pass
_BLOCK = 4096  # rows at a time, which bounds the memory
_LEVELS = 10  # of the margin, equally frequent
_ROUNDING = 1e-9  # below this a slope is only rounding
_C = 0.1  # inverse strength of the ordinal model's L2 penalty


def score_model_scores(split: FoldData, names: tuple[str, ...]) -> Mapping[str, Floats]:
    """Return the probability (m,) that all scores pass by each of `names`, of RIDGE and ORDINAL.

    RIDGE: scores become normal by their ranks, ridge regressions predict them, and the errors are taken as jointly
    normal: the probability is that of all exceeding the rank of 0. ORDINAL: the lowest of the ranked scores, minus the
    rank of 0, is above 0 just where all pass; its place among ten levels is learnt by logistic regressions with a
    common slope (all-threshold loss; Rennie and Srebro 2005), one of whose thresholds is 0.
    """
    models = {RIDGE: _ridge_scores, ORDINAL: _ordinal_scores}
    return {name: models[name](split) for name in names}


def score_directions(split: FoldData) -> Floats:
    """The direction (d, s), of length 1, in which each ranked score grows; zero for a score that nothing predicts."""
    margins = _normal_margins(split.scores)
    directions = np.reshape(_ridge(split.latents, margins).coef_, (margins.shape[1], -1)).T
    lengths = np.linalg.norm(directions, axis=0)
    told = lengths > _ROUNDING
    return np.asarray(directions * told / np.where(told, lengths, 1))


def _normal_margins(scores: Floats) -> Floats:
    """Ranks of the scores (n, s) as normal quantiles, minus that of 0: above 0 where a score passes."""
    rows = len(scores)
    ranks = rankdata(scores, axis=0)
    failed = (scores <= 0).sum(axis=0)
    return np.asarray(ndtri(ranks / (rows + 1)) - ndtri((failed + 0.5) / (rows + 1)))


def _ridge(latents: Latents, margins: Floats) -> RidgeCV:
    return RidgeCV(_ALPHAS, alpha_per_target=True).fit(latents.astype(float), margins)


def _ridge_scores(split: FoldData) -> Floats:
    margins = _normal_margins(split.scores)
    model = _ridge(split.latents, margins)

    def predicted(latents: Latents) -> Floats:
        return np.asarray(model.predict(latents.astype(float))).reshape(len(latents), margins.shape[1])

    errors = margins - predicted(split.latents)
    covariance = errors.T @ errors / len(errors)
    return _all_above_zero(predicted(split.held_out), covariance)


def _all_above_zero(means: Floats, covariance: Floats) -> Floats:
    """The probability (m,) that normal variables of `means` (m, s) and `covariance` (s, s) are all above 0.

    Conditional on the others the last one is integrated exactly, which makes the mean over quasi-random draws smooth
    in the means (Genz 1992).
    """
    scores = means.shape[1]
    factor = np.linalg.cholesky(covariance + 1e-9 * np.eye(scores))
    uniform = qmc.Sobol(max(scores - 1, 1), scramble=False).random(_DRAWS) + 0.5 / _DRAWS
    found = np.empty(len(means))
    for start in range(0, len(means), _BLOCK):
        block = means[start : start + _BLOCK]
        probability = np.ones((len(block), _DRAWS))
        draws: list[Floats] = []
        for place in range(scores):
            minimum = -block[:, [place]] - sum(factor[place, i] * draws[i] for i in range(place))
            above = np.broadcast_to(ndtr(-minimum / factor[place, place]), probability.shape)
            probability *= above
            if place < scores - 1:
                draws.append(-ndtri(np.clip(above * uniform[:, place], 1e-300, 1)))
        found[start : start + _BLOCK] = probability.mean(axis=1)
    return found


def _ordinal_scores(split: FoldData) -> Floats:
    margin = _normal_margins(split.scores).min(axis=1)
    cuts = np.unique(np.append(np.quantile(margin, np.arange(1, _LEVELS) / _LEVELS), 0.0))
    above = margin[:, None] > cuts
    informative = above.any(axis=0) & ~above.all(axis=0)  # the cut at 0 is, both classes occur
    cuts, above = cuts[informative], above[:, informative]
    at_zero = fit_ordered(split.latents, above, _C)[int(np.searchsorted(cuts, 0))]
    return at_zero.probability(split.held_out)
