"""A small sieve with weights of one's choice, without the stage that fits one."""

from typing import Any

import numpy as np
from scipy.special import expit

from radsieve.prefilter.classifiers.logistic import LogisticModel
from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.sieve import Sieve
from radsieve.prefilter.sieve.sieve_card import card_of
from radsieve.prefilter.thresholds.confusion_measures import Costs, EvaluationSettings, evaluated
from radsieve.prefilter.thresholds.nested_selection import NestedSettings
from radsieve.prefilter.thresholds.threshold_rules import Choice, Limits

RULE = "argmax(2*tpr-fpr)"


def sieve(cut: float = 0.5, components: int = 128, group: str = "18_24f", seed: int = 0, **changed: Any) -> Sieve:
    """A sieve with random weights that accepts where weights times latent, plus 0.25, reach `cut`."""
    generator = np.random.default_rng(seed)
    table = LatentTable(
        (group,),
        np.zeros(4, dtype=np.int64),
        np.array([0, 1, 0, 1], dtype=np.int8),
        np.zeros((4, 5)),
        generator.uniform(-1, 1, (4, components)).astype(np.float32),
    )
    evaluation = EvaluationSettings(Costs(0.5, 1e-6), 100, 0.95, 1)
    settings = NestedSettings("LogReg.1", 3, 1, Limits(1, 0.1, 0.95, 0.5, 0.95), evaluation, 2, 3)
    threshold = float(expit(cut)) if np.isfinite(cut) else float(cut > 0)
    expected = evaluated(np.array([70, 20, 2, 8]), evaluation)
    card = card_of(table, settings, Choice(threshold), RULE, expected, (0.75, 0.7, 0.8), {"C": 0.1})
    return Sieve(card | changed, LogisticModel(generator.normal(0, 0.2, components), 0.25))
