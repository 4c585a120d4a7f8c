"""An outcome that follows from columns by a logistic model, so that the best that any model can do is known."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit

Floats = npt.NDArray[np.float64]


def logit(columns: pd.DataFrame, coefficients: Mapping[str, float], share: float) -> Floats:
    """The true log-odds (n,) of each row: `coefficients` times the columns, and what gives a mean of `share`."""
    linear = np.sum([weight * columns[name].to_numpy(float) for name, weight in coefficients.items()], axis=0)
    return np.asarray(linear + brentq(lambda shift: expit(linear + shift).mean() - share, -30, 30))


def draw(log_odds: Floats, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Outcomes (n,), 0 or 1, of these log-odds."""
    return np.asarray(random.random(len(log_odds)) < expit(log_odds), dtype=np.int64)


def best_area(log_odds: Floats) -> float:
    """The ROC-AUC that the true log-odds (n,) have on outcomes drawn from them, on average.

    The area is that of the expected outcomes: each row counts as positive by its probability (Bayes' rule ranks best;
    Clémençon, Lugosi and Vayatis 2008, doi:10.1214/009052607000000910).
    """
    probability = expit(np.sort(log_odds))
    negatives_below = np.concatenate([[0.0], np.cumsum(1 - probability)[:-1]])
    in_order = float((probability * negatives_below).sum())  # pairs whose positive row has the higher log-odds
    positives = float(probability.sum())
    with_itself = float((probability * (1 - probability)).sum())
    return in_order / (positives * (len(probability) - positives) - with_itself)
