"""The logistic regressions of the publication, and the linear model that each is once fitted."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

Floats = npt.NDArray[np.float64]
Latents = npt.NDArray[np.float32]

_BLOCK = 1024  # latents at a time: they stay in the cache


@dataclass(frozen=True)
class LogisticModel:
    """The probability of a good image is the logistic function of `weights` (d,) times the latent, plus `intercept`."""

    weights: Floats
    intercept: float

    @classmethod
    def of_rate(cls, good: int, rows: int, components: int) -> "LogisticModel":
        """One probability for all latents: (good + 1) / (rows + 2), Laplace's rule of succession, never 0 nor 1."""
        return cls(np.zeros(components), float(logit((good + 1) / (rows + 2))))

    def margins(self, latents: npt.NDArray[np.floating]) -> Floats:
        """Return the logits (n,) of `latents` (n, d), in double precision.

        A row's value does not depend on the other rows, which a product of BLAS would not guarantee.
        """
        found = np.empty(len(latents))
        for start in range(0, len(latents), _BLOCK):
            block = slice(start, start + _BLOCK)
            np.einsum("nd,d->n", latents[block], self.weights, out=found[block])
        return found + self.intercept

    def probability(self, latents: npt.NDArray[np.floating]) -> Floats:
        """Return the probabilities (n,) of `latents` (n, d)."""
        return np.asarray(expit(self.margins(latents)))


# The inverse strength of the L2 penalty by the published name. Latents are not scaled: all components have one range.
STRENGTHS = {"LogReg.01": 0.01, "LogReg.1": 0.1, "LogReg1": 1.0, "LogReg10": 10.0}
SETTINGS = {"penalty": "l2", "solver": "lbfgs", "tol": 1e-5, "max_iter": 1000}


def fit_logistic(name: str, latents: Latents, target: npt.NDArray[np.integer]) -> LogisticModel:
    """Fit the model `name`, one of STRENGTHS, to `latents` (n, d) and `target` (n,), 0 or 1.

    A component that is constant gets no weight. With one class only, none does.
    """
    from sklearn.linear_model import LogisticRegression  # just accepting latents needs no scikit-learn

    good = int(target.sum())
    if good in (0, len(target)):
        return LogisticModel.of_rate(good, len(target), latents.shape[1])
    solver = {key: value for key, value in SETTINGS.items() if key != "penalty"}  # L2 is the default
    model = LogisticRegression(C=STRENGTHS[name], **solver).fit(latents, target)
    weights = np.where(constant(latents), 0, model.coef_[0].astype(float))
    return LogisticModel(weights, float(model.intercept_[0]))


def constant(latents: Latents) -> npt.NDArray[np.bool_]:
    """Which components (d,) of `latents` (n, d) have one value only."""
    return np.asarray(latents.min(axis=0) == latents.max(axis=0))
