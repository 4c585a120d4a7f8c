"""The logistic regressions of the publication, fitted by scikit-learn: what thresholds are chosen for."""

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from radsieve.prefilter.linear import Latents, LogisticModel

# The inverse strength of the L2 penalty by the published name. Latents are not scaled: all components have one range.
STRENGTHS = {"LogReg.01": 0.01, "LogReg.1": 0.1, "LogReg1": 1.0, "LogReg10": 10.0}
SETTINGS = {"penalty": "l2", "solver": "lbfgs", "tol": 1e-5, "max_iter": 1000}


def fit_logistic(name: str, latents: Latents, target: npt.NDArray[np.integer]) -> LogisticModel:
    """Fit the model `name`, one of STRENGTHS, to `latents` (n, d) and `target` (n,), 0 or 1.

    A component that is constant gets no weight. With one class only, none does.
    """
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
