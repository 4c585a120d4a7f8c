"""Intervals of agreement that hold a width where no two raters differ.

Observed agreement is a share of items and has Wilson's interval, clustered by unit. Kappas and alpha are bootstrapped;
without a single disagreement a bootstrap finds none either, so that their lower limit is then what they would be if
items disagreed as often as that interval allows, by labels as far apart, on average, as those of a chance pair.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.curation.agreement.coefficients import Codes, Floats, label_counts
from radsieve.stats.resampling import clustered_wilson

OBSERVED = "observed agreement"


def observed_shares(counts: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """For counts (items, q) of each label: of the items with two ratings or more, the share of pairs of raters who
    agree; and which items these are."""
    raters = counts.sum(axis=1)
    compared = raters >= 2
    shares = (counts * (counts - 1)).sum(axis=1)[compared] / (raters * (raters - 1))[compared]
    return np.asarray(shares), compared


def bounds_of(
    codes: Codes, units: NDArray[np.integer], labels: int, rows: pd.DataFrame, confidence: float
) -> pd.DataFrame:
    """Return lower and upper of the coefficients `rows` (COEFFICIENTS) of the raters in `codes` (items, raters).

    `units` (items,) are not independent within; the bounds in `rows` are those of a bootstrap.
    """
    counts = label_counts(codes, labels)
    shares, compared = observed_shares(counts)
    found = rows[["lower", "upper"]].astype(float)
    if not len(shares):
        return found
    lower, upper = clustered_wilson(shares, units[compared], confidence)
    found.loc[rows["coefficient"] == OBSERVED] = [lower, upper]
    if (shares == 1).all():
        beyond = (rows["coefficient"] != OBSERVED) & rows["value"].notna()
        pooled = counts[compared].sum(axis=0) / counts[compared].sum()
        expected = np.array([chance_agreement(name, pooled) for name in rows.loc[beyond, "coefficient"]], dtype=float)
        found.loc[beyond, "lower"] = 1 - (1 - lower) / (1 - expected)
        found.loc[beyond, "upper"] = 1.0
    return found


def chance_agreement(coefficient: str, shares: NDArray[Any]) -> float:
    """Return how often raters agree by chance who use the labels in these `shares` (q,), as the coefficient sees it."""
    if coefficient == "Brennan-Prediger":
        return 1 / len(shares)
    if coefficient.startswith("Gwet"):
        return float((shares * (1 - shares)).sum() / (len(shares) - 1))
    return float((shares**2).sum())
