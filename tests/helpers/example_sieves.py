"""A sieve that looks at the first component of a latent only, with a card that expects round numbers."""

import numpy as np
import sieves

from radsieve.prefilter.classifiers.logistic import LogisticModel
from radsieve.prefilter.sieve import Sieve

EXPECTED = {
    "precision": (0.5, 0.4, 0.6),
    "base_rate": (0.25, 0.2, 0.3),
    "ratio": (2.0, 1.5, 2.5),
    "saving": (1.9, 1.4, 2.4),
    "acceptance_rate": (0.5, 0.45, 0.55),
    "tpr": (0.8, 0.7, 0.9),
    "fpr": (0.4, 0.3, 0.5),
    "roc_auc": (0.75, 0.7, 0.8),
}


def bounds(value: float | None, lower: float | None, upper: float | None) -> dict[str, float | None]:
    """As a card stores an estimate."""
    return {"value": value, "lower": lower, "upper": upper}


def make_sieve(weight: float = 2.0, threshold: float = 0.5, **expected: dict[str, float | None]) -> Sieve:
    """A sieve whose logit is `weight` times the first component, and whose card has EXPECTED with changes."""
    card = sieves.sieve(group="phantoms").card | {
        "threshold": threshold,
        "expected": {name: bounds(*values) for name, values in EXPECTED.items()} | expected,
        "seconds": {"generate": 0.5, "predict": 0.025},
    }
    return Sieve(card, LogisticModel(np.r_[weight, np.zeros(127)], 0.0))
