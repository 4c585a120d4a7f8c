"""From which probability on an image is called positive: chosen by a rule on images that the model has not seen."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.stats.binary_metrics import confusion_table
from radsieve.stats.resampling import clustered_share

Floats = NDArray[np.float64]
Flags = NDArray[np.integer]

_ABOVE_ONE = 1 + 1e-6  # calls no image positive, not even one whose probability is rounded to 1

YOUDEN, SENSITIVITY, SPECIFICITY = "youden", "sensitivity", "specificity"


@dataclass(frozen=True)
class OperatingPoint:
    """The probability from which an image is called positive, the rule that chose it, and what it was chosen on.

    `level`: the sensitivity or specificity that was asked for, None for `youden`; `chosen_on`: in words; `images` and
    `units` of these; `reached`: sensitivity and specificity on them, which are optimistic, since they were chosen.
    """

    probability: float
    rule: str
    level: float | None
    chosen_on: str
    images: int
    units: int
    reached: dict[str, float]

    def card(self) -> dict[str, Any]:
        """The fields as a card stores them."""
        return asdict(self)


def choose_operating_point(truth: Flags, probability: Floats, rule: str, level: float) -> float:
    """Return the probability from which on images are called positive, half-way between two that occur.

    `truth` (n,) is 0 or 1 and has both, `probability` (n,). `youden` makes sensitivity + specificity - 1 greatest
    (Youden 1950), of equals the more sensitive; `sensitivity` takes the greatest probability whose sensitivity is at
    least `level`, `specificity` the smallest whose specificity is.
    """
    occurring = np.unique(np.asarray(probability, dtype=float))
    highest = 1.0 if occurring[-1] < 1 else _ABOVE_ONE
    edges = np.concatenate([[0.0], occurring, [highest]])
    cuts = (edges[:-1] + edges[1:]) / 2  # the first calls every image positive, the last none
    sensitivity, specificity = _rates(truth, probability, cuts)
    if rule == SENSITIVITY:
        return float(cuts[np.flatnonzero(sensitivity >= level)[-1]])
    if rule == SPECIFICITY:
        return float(cuts[np.flatnonzero(specificity >= level)[0]])
    return float(cuts[int(np.argmax((sensitivity + specificity).round(12)))])


def operating_point(
    truth: Flags, probability: Floats, units: Flags, rule: str, level: float, chosen_on: str
) -> OperatingPoint:
    """Return the point that `choose_operating_point` chooses, with what is to be known of the choice."""
    cut = choose_operating_point(truth, probability, rule, level)
    (sensitivity,), (specificity,) = _rates(truth, probability, np.array([cut]))
    reached = {SENSITIVITY: float(sensitivity), SPECIFICITY: float(specificity)}
    asked = None if rule == YOUDEN else level
    return OperatingPoint(cut, rule, asked, chosen_on, len(truth), len(np.unique(units)), reached)


def _rates(truth: Flags, probability: Floats, cuts: Floats) -> tuple[Floats, Floats]:
    """Sensitivity and specificity (cuts,) where images of at least each cut are called positive."""
    ranked = [np.sort(probability[truth == label]) for label in (1, 0)]
    below = [np.searchsorted(values, cuts, side="left") / max(len(values), 1) for values in ranked]
    return 1 - below[0], below[1]


def shares_at(truth: Flags, called: Flags, units: Flags, confidence: float) -> pd.DataFrame:
    """Return OPERATING_POINT: how often the calls (n,), 0 or 1, are right, with counts.

    sensitivity and specificity, positive and negative predictive value, and accuracy, each with the interval of
    `radsieve.stats.resampling.clustered_wilson`; NaN where no image counts.
    """
    positive, right = called == 1, called == truth
    among = {
        SENSITIVITY: truth == 1,
        SPECIFICITY: truth == 0,
        "ppv": positive,
        "npv": ~positive,
        "accuracy": np.ones(len(truth), dtype=bool),
    }
    rows = []
    for name, counted in among.items():
        found = clustered_share(right[counted], units[counted], confidence)
        rows.append((name, int(right[counted].sum()), int(counted.sum()), found.value, found.lower, found.upper))
    return pd.DataFrame(rows, columns=["measure", "count", "of", "value", "lower", "upper"])


def confusion_at(truth: Flags, called: Flags, units: Flags, labels: tuple[str, str], confidence: float) -> pd.DataFrame:
    """Return CONFUSION: images by label and by what they were called, and the share of each label's."""
    found = confusion_table(truth, called, units, confidence)
    names = dict(enumerate(labels))
    found = found.assign(label=found["good"].map(names), called=found["accepted"].map(names))
    return found[["label", "called", "images", "of", "share", "lower", "upper"]]
