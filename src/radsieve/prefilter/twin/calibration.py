"""Find the constants of the twin in the published tables.

`python -m radsieve.prefilter.twin.calibration data/published` prints the module constants.py; it takes some
minutes. Everything is deterministic. In this order:
1. The shapes of the tails of each score, so that mean and standard deviation are the published ones. Of
   score_left2right, the image with all minima (see `radsieve.prefilter.twin.twin`) is taken out first, the lowest value
   of the others is found, and the upper tail is one of nearly constant density.
2. The correlations of the copula, one by one, so that Pearson's correlations of the scores are the published ones; of
   score_left2right, less what the image with all minima adds. Those within a group are less, by what 3 adds.
3. The shifts of the groups, so that the shares of rows that are valid have the published proportions. They add up to 0:
   the overall rate follows from 1 and 2 and is a check of the model (.0402; published .0433); quotas make
   up the difference.
4. The linear share of each group, so that the cross-validated ROC-AUC of logistic regression is the published one (mean
   over the four with L2), and the radial share, one for all groups, so that that of SVC_rbf is (mean over the groups).
   Both are means over several draws of the twin.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq, root
from scipy.stats import norm, qmc
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVC

from radsieve.prefilter.twin import twin
from radsieve.prefilter.twin.scores import ROWS, Constants, Curve, Floats, ScoreShape
from radsieve.screening.tables import SCORES
from radsieve.stats.folds import folds

DIGITS = 4  # of the constants

_HEAVY = "score_left2right"  # the score that one image dominates
_EVEN = -0.9  # shape of its upper tail
_STARTS = ((0.1, -0.5), (-0.5, -0.5), (-1.0, -1.0), (-2.0, -1.0))  # shapes from which the search starts
_HEAVY_START = (0.2, -28.0)  # shape of the lower tail, and lowest value
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(400)
_X = 7 * _NODES  # standard normal scores over which expectations are taken, and their weights
_WEIGHTS = _NODE_WEIGHTS * norm.pdf(_X) / (_NODE_WEIGHTS @ norm.pdf(_X))
_STEPS, _ROUNDS = 4, 3  # of the shifts alone, and of correlations and shifts in turn; more do not change a digit
_POINTS = 2**19  # quasi-random, over which the share of valid rows is computed
_FOLDS = 3  # as published
_L2 = ("LogReg.01", "LogReg.1", "LogReg1", "LogReg10")  # published as equal within .004 in every group but one
_LINEAR_SEEDS, _RADIAL_SEEDS = range(1, 21), range(1, 3)  # of the draws over which ROC-AUCs are averaged
_LINEAR_BOUNDS, _RADIAL_BOUNDS = (0.08, 0.26), (0.0, 0.04)  # between which the shares are sought


Table = Mapping[str, Mapping[str, float]]  # a column's name, then a row's


def calibrate(published: Path) -> Constants:
    """Return the constants of the twin of the tables in the folder `published`."""
    statistics, correlations, aucs, rates = (
        _read(published / f"{name}.csv")
        for name in ("score_statistics", "score_correlation", "valid_roc_auc_by_model", "valid_rate_by_group")
    )
    of_group = {group: rates["valid_rate"][group] for group in aucs}
    shapes = {name: shape(name, statistics[name]) for name in SCORES}
    overall = copula(shapes, statistics, correlations)
    correlation, means = overall, dict.fromkeys(of_group, 0.0)
    for _ in range(_ROUNDS):  # groups that differ in all scores add to their correlation over all groups
        between = float(np.mean(np.square(list(means.values()))))
        correlation = np.round(overall * (1 + between) - between, DIGITS)
        means = shifts(shapes, correlation, of_group)
    constants = Constants(
        shapes=shapes,
        extremes={name: (statistics[name]["min"], statistics[name]["max"]) for name in SCORES},
        correlation=tuple(map(tuple, correlation.tolist())),
        valid_rates=of_group,
        shifts=means,
        linear={},
        radial=0.0,
    )
    return with_signal(constants, aucs)


def shape(name: str, statistics: Mapping[str, float]) -> ScoreShape:
    """Return the distribution of a score that has the published `statistics`, by the names that pandas gives them."""
    lower, median, upper = (statistics[key] for key in ("25%", "50%", "75%"))
    lowest, highest = statistics["min"], statistics["max"]
    mean, deviation = _without_lowest(statistics) if name == _HEAVY else (statistics["mean"], statistics["std"])

    def candidate(found: Floats) -> ScoreShape:
        first, second = map(float, found)
        if name == _HEAVY:
            return ScoreShape(second, lower, median, upper, highest, first, _EVEN)
        return ScoreShape(lowest, lower, median, upper, highest, first, second)

    def misfit(found: Floats) -> list[float]:
        got, spread = _moments(candidate(found).function())
        return [got - mean, spread - deviation]

    tried = [root(misfit, start) for start in ([_HEAVY_START] if name == _HEAVY else _STARTS)]
    return candidate(np.round(next(solution.x for solution in tried if solution.success), DIGITS))


def copula(shapes: Mapping[str, ScoreShape], statistics: Table, correlations: Table) -> Floats:
    """Return the correlations (5, 5), over all groups, of the normal variables behind the scores."""
    curves = {name: shapes[name].function() for name in SCORES}
    spreads = {name: _moments(curve)[1] for name, curve in curves.items()}
    lowest = {name: (of["min"] - of["mean"]) / of["std"] for name, of in statistics.items()}
    found = np.eye(len(SCORES))
    for row, column in zip(*np.tril_indices(len(SCORES), -1), strict=True):
        one, other = SCORES[row], SCORES[column]
        target = correlations[one][other]
        if one == _HEAVY:
            target = (target - lowest[one] * lowest[other] / ROWS) * statistics[one]["std"] / spreads[one]
        known = (curves[one], curves[other], target * spreads[one] * spreads[other])
        found[row, column] = found[column, row] = round(brentq(_excess_covariance, -0.95, 0.95, known), DIGITS)
    return found


def shifts(shapes: Mapping[str, ScoreShape], correlation: Floats, rates: Mapping[str, float]) -> dict[str, float]:
    """Return the mean of x of each group, which make the shares of valid rows proportional to the `rates`, about."""
    normal = np.asarray(norm.ppf(qmc.Sobol(len(SCORES), seed=1).random(_POINTS)))
    draws = normal @ np.linalg.cholesky(correlation).T
    passing = [brentq(shapes[name].function(), -3, 3) for name in SCORES]  # normal scores at which scores are 0
    grid = np.linspace(-5, 5, 10_001)
    found = dict.fromkeys(rates, 0.0)
    for _ in range(_STEPS):
        limits = np.interp(passing, twin.mixed(grid, found), grid)
        margin = (draws - limits).min(axis=1)  # a row is valid if its group's shift lifts this above 0
        needed = np.quantile(margin, 1 - np.array(list(rates.values())))
        found = dict(zip(rates, map(float, needed.mean() - needed), strict=True))
    return {group: round(value, DIGITS) for group, value in found.items()}


def with_signal(constants: Constants, aucs: Table) -> Constants:
    """Return `constants` with the shares that the latent explains; `aucs` are the published ones, group then model."""
    ends = [_with_linear(replace(constants, radial=radial), aucs) for radial in _RADIAL_BOUNDS]
    reached = [np.mean([cross_validated_auc(end, group, SVC(), _RADIAL_SEEDS) for group in aucs]) for end in ends]
    wanted = np.mean([of["SVC_rbf"] for of in aucs.values()])
    radial = round(float(np.interp(wanted, reached, _RADIAL_BOUNDS)), 3)
    return _with_linear(replace(constants, radial=radial), aucs)


def cross_validated_auc(constants: Constants, group: str, classifier: ClassifierMixin, seeds: range) -> float:
    """Return the cross-validated ROC-AUC of `classifier` for `valid`, the mean over draws of the twin."""
    found = []
    for seed in seeds:
        (rows,) = twin.sample(group, twin.BLOCK, seed, constants)
        parts = folds(rows.valid, _FOLDS, seed)
        splits = [(np.flatnonzero(parts != part), np.flatnonzero(parts == part)) for part in np.unique(parts)]
        found += list(cross_val_score(classifier, rows.latents, rows.valid, scoring="roc_auc", cv=splits))
    return float(np.mean(found))


def _with_linear(constants: Constants, aucs: Table) -> Constants:
    found = {}
    for group, of in aucs.items():
        known = (constants, group, np.mean([of[name] for name in _L2]))
        found[group] = round(brentq(_excess_auc, *_LINEAR_BOUNDS, known, xtol=1e-3), 3)
    return replace(constants, linear=found)


def _excess_auc(linear: float, constants: Constants, group: str, wanted: float) -> float:
    tried = replace(constants, linear={group: linear})
    return cross_validated_auc(tried, group, LogisticRegression(C=0.1), _LINEAR_SEEDS) - wanted


def _without_lowest(statistics: Mapping[str, float]) -> tuple[float, float]:
    """Mean and standard deviation of all rows but the lowest."""
    mean, deviation, lowest = (statistics[key] for key in ("mean", "std", "min"))
    others = (mean * ROWS - lowest) / (ROWS - 1)
    squares = deviation**2 * (ROWS - 1) + mean**2 * ROWS - lowest**2
    return others, float(np.sqrt(squares / (ROWS - 1) - others**2))


def _moments(curve: Curve) -> tuple[float, float]:
    """Mean and standard deviation of a function of a standard normal variable."""
    scores = curve(_X)
    mean = float(_WEIGHTS @ scores)
    return mean, float(np.sqrt(_WEIGHTS @ (scores - mean) ** 2))


def _excess_covariance(correlation: float, one: Curve, other: Curve, wanted: float) -> float:
    """Covariance of functions of two standard normal variables with a `correlation`, less the one `wanted`."""
    first = one(_X) - _moments(one)[0]
    given = correlation * _X[:, None] + np.sqrt(1 - correlation**2) * _X
    return float((_WEIGHTS * first) @ (other(given) @ _WEIGHTS)) - wanted


def _read(path: Path) -> dict[str, dict[str, float]]:
    table = pd.read_csv(path, index_col=0)
    return {str(name): {str(row): float(value) for row, value in table[name].items()} for name in table}


if __name__ == "__main__":
    sys.stdout.write(
        '"""Constants of the twin, printed by `python -m radsieve.prefilter.twin.calibration`; not to be edited."""\n\n'
        "from radsieve.prefilter.twin.scores import Constants, ScoreShape\n\n"
        f"CALIBRATED = {calibrate(Path(sys.argv[1]))!r}\n"
    )
