"""Results of a network by subgroup of the held-out images: sex, band of age, view, or what else a table has."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.screening.tables import SUBGROUPS
from radsieve.stats import resampling
from radsieve.stats.binary_metrics import measures_with_intervals
from radsieve.stats.resampling import Estimate
from radsieve.tables.subgroups import NOT_STATED, parted

Flags = NDArray[np.int64]

Measured = dict[str, tuple[Estimate, float, float]]  # and how many of how many images it is a share of

FEW = 10  # units of a label below which a subgroup is too small to tell
_NO_COUNTS = (np.nan, np.nan)
_SHARES = {"sensitivity": "recall", "specificity": "specificity", "roc_auc": "roc_auc"}


@dataclass(frozen=True)
class Resampling:
    """How intervals are drawn: `number` of resamples of units, `confidence`, `seed`."""

    number: int
    confidence: float
    seed: int


def subgroups_of(images: pd.DataFrame) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Yield attribute, value and rows of each subgroup of `images` (column subgroups).

    Attributes with one value only are left out: their subgroup is the whole.
    """
    for name, values in parted(images["subgroups"]).items():
        found = sorted(set(values), key=_order)
        for value in found if len(found) > 1 else []:
            yield str(name), value, (values == value).to_numpy()


def classifier_subgroups(
    predictions: pd.DataFrame, images: pd.DataFrame, threshold: float, drawn: Resampling
) -> pd.DataFrame:
    """Return SUBGROUPS of HELD_OUT, whose rows are those of `images`: sensitivity and so on at `threshold`."""

    def measured(rows: NDArray[np.bool_]) -> Measured:
        part = predictions[rows]
        truth, probability = part["truth"].to_numpy(), part["probability"].to_numpy(float)
        units, called = pd.factorize(part["unit"])[0], (probability >= threshold).astype(np.int64)
        found = measures_with_intervals(
            truth, probability, called, units, drawn.number, drawn.confidence, drawn.seed
        ).set_index("metric")
        counts = {
            "sensitivity": (int((truth & called).sum()), int(truth.sum())),
            "specificity": (int(((1 - truth) & (1 - called)).sum()), int((1 - truth).sum())),
        }
        result: Measured = {
            name: (Estimate(*found.loc[source, ["value", "lower", "upper"]]), *counts.get(name, _NO_COUNTS))
            for name, source in _SHARES.items()
        }
        result["mean_probability"] = (_mean(probability, units, drawn), *_NO_COUNTS)
        result["prevalence"] = (
            resampling.clustered_share(truth == 1, units, drawn.confidence),
            int(truth.sum()),
            len(truth),
        )
        return result

    return _table(predictions, images, measured)


def mean_subgroups(scores: pd.DataFrame, images: pd.DataFrame, measure: str, drawn: Resampling) -> pd.DataFrame:
    """Return SUBGROUPS of the mean of column `measure` of `scores`, whose rows are those of `images`."""

    def measured(rows: NDArray[np.bool_]) -> Measured:
        part = scores[rows]
        return {measure: (_mean(part[measure].to_numpy(), pd.factorize(part["unit"])[0], drawn), *_NO_COUNTS)}

    return _table(scores.assign(truth=0), images, measured)


def _mean(values: NDArray[np.float64], units: NDArray[np.int64], drawn: Resampling) -> Estimate:
    return resampling.mean(values, units, drawn.number, drawn.confidence, drawn.seed)


def _table(
    scored: pd.DataFrame,
    images: pd.DataFrame,
    measured: Callable[[NDArray[np.bool_]], Measured],
) -> pd.DataFrame:
    rows = []
    for attribute, value, inside in subgroups_of(images.reset_index(drop=True)):
        part = scored[inside]
        of_label = [part.loc[part["truth"] == label, "unit"].nunique() for label in (1, 0)]
        sizes = (len(part), part["patient"].nunique(), int(part["truth"].sum()), *of_label)
        others = measured(~inside)
        apart = set(part["unit"]).isdisjoint(scored.loc[~inside, "unit"])
        for measure, (found, count, of) in measured(inside).items():
            gap = _difference(found, others[measure][0], apart)
            bounds = (found.value, found.lower, found.upper, gap.value, gap.lower, gap.upper)
            rows.append((attribute, value, *sizes, measure, count, of, *bounds))
    return pd.DataFrame(rows, columns=list(SUBGROUPS.columns))


def _difference(found: Estimate, others: Estimate, apart: bool) -> Estimate:
    """Without bounds where a unit is on both sides, since those of independent parts would be wrong."""
    known = apart and np.isfinite([found.lower, found.upper, others.lower, others.upper]).all()
    return resampling.difference(found, others) if known else Estimate(found.value - others.value)


def _order(value: str) -> tuple[bool, bool, str]:
    """The band of the youngest first, what is not stated last."""
    return value == NOT_STATED, not value.startswith("under "), value
