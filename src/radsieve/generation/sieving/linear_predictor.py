"""A linear score of good images, learnt from the activations of a generator (or from latents) of scored images."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

Points = npt.NDArray[np.floating]
Flags = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]

_BLOCK = 1024  # rows at a time


@dataclass(frozen=True)
class Learner:
    """How a predictor is fitted: principal components (at most), and inverse strength of the L2 penalty."""

    components: int
    strength: float


@dataclass(frozen=True)
class Predictor:
    """The log-odds of a good image are `weights` (k,) times the activations, plus `intercept`."""

    weights: Floats
    intercept: float

    def scores(self, points: Points) -> Floats:
        """Return the log-odds (n,) of `points` (n, k); that of a row does not depend on the other rows."""
        found = np.empty(len(points))
        for start in range(0, len(points), _BLOCK):
            np.einsum("nk,k->n", points[start : start + _BLOCK], self.weights, out=found[start : start + _BLOCK])
        return found + self.intercept


def fit_predictor(points: Points, good: Flags, learner: Learner) -> Predictor:
    """Fit a predictor to `points` (n, k) and `good` (n,), 0 or 1, both of which occur.

    Activations are standardised and rotated to principal components (fewer than rows). These are scaled together, so
    that their mean variance is 1 and a penalty is as strong at each depth; the greater ones are penalised less, since
    what many channels share is less often noise. A logistic regression follows, and all of it is one linear function.
    """
    scaler = StandardScaler().fit(points.astype(float))
    standard = scaler.transform(points)
    components = min(learner.components, points.shape[1], len(points) - 1)
    with np.errstate(invalid="ignore"):  # shares of no variance at all
        rotation = PCA(components, svd_solver="covariance_eigh").fit(standard)
    unit = float(np.sqrt(rotation.explained_variance_.mean())) or 1.0  # of equal rows
    model = LogisticRegression(C=learner.strength, max_iter=1000).fit(rotation.transform(standard) / unit, good)
    weights = model.coef_[0].astype(float) @ rotation.components_ / unit / scaler.scale_
    centre = scaler.mean_ + rotation.mean_ * scaler.scale_
    return Predictor(weights, float(model.intercept_[0] - weights @ centre))


def held_out_ranks(points: Points, good: Flags, fold: Flags, learner: Learner) -> Floats:
    """Score each row of `points` (n, k) by a predictor fitted to the other folds: its rank in its own fold, in (0, 1].

    `fold` (n,) numbers the folds. Ranks, unlike scores, are comparable between predictors fitted to different rows.
    """
    ranks = np.empty(len(points))
    for number in np.unique(fold):
        held_out = fold == number
        scores = fit_predictor(points[~held_out], good[~held_out], learner).scores(points[held_out])
        ranks[held_out] = rankdata(scores) / held_out.sum()
    return ranks
