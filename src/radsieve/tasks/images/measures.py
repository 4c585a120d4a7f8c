"""How well classes are told apart, with intervals: shares clustered by unit, everything else by a bootstrap of units.

One formula serves the value and all resamples: each image counts as often as its weight says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
import numpy.typing as npt

from radsieve.stats import binary_metrics, resampling
from radsieve.stats.resampling import Estimate

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

RESAMPLED = ("macro_f1", "roc_auc", "kappa")


@dataclass(frozen=True)
class EvaluatedImages:
    """Images with their `truth` (n,), `units` (n,), `probability` (n, classes) and what they were `called` (n,)."""

    truth: Integers
    units: Integers
    probability: Floats
    called: Integers

    @classmethod
    def of(
        cls, truth: Integers, units: Integers, probability: Floats, threshold: float | None = None
    ) -> "EvaluatedImages":
        """Called the most probable class; of two, the positive one from `threshold` on."""
        called = np.asarray(probability.argmax(axis=1), dtype=np.int64)
        if threshold is not None and probability.shape[1] == 2:
            called = np.asarray(probability[:, 1] >= threshold, dtype=np.int64)
        return cls(truth, units, probability, called)


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are made: resamples, coverage, seed, and whether the classes have an order."""

    resamples: int
    confidence: float
    seed: int
    ordered: bool


def measured(evaluated: EvaluatedImages, how: Bootstrap) -> dict[str, Estimate]:
    """Each of METRICS of `tasks.images.tables`; kappa only where classes have an order, the last two only of two.

    accuracy, sensitivity and specificity have Wilson's interval, clustered by unit. macro_f1 (mean over the classes
    that occur), roc_auc (mean over the classes, one against the rest) and kappa (weights by the square of the distance,
    Cohen 1968) have a percentile bootstrap of units; where all resamples agree, roc_auc has Newcombe's interval and the
    others that of the accuracy, which is 1 where they are.
    """
    right = evaluated.called == evaluated.truth
    found = {"accuracy": resampling.clustered_share(right, evaluated.units, how.confidence)}
    once = np.ones((1, len(right)))
    drawn = _resampled(evaluated, how)
    for name in RESAMPLED:
        value = float(_MEASURES[name](evaluated, once)[0]) if name != "kappa" or how.ordered else nan
        found[name] = _bounded(name, value, drawn.get(name), evaluated, found["accuracy"], how)
    for name, label in (("sensitivity", 1), ("specificity", 0)):
        of_class = evaluated.truth == label
        binary = evaluated.probability.shape[1] == 2
        found[name] = (
            resampling.clustered_share(right[of_class], evaluated.units[of_class], how.confidence)
            if binary
            else Estimate(nan)
        )
    return found


def differences(first: EvaluatedImages, second: EvaluatedImages, how: Bootstrap) -> dict[str, Estimate]:
    """`first` minus `second`, of the same images, for accuracy and RESAMPLED: by the same resamples of units.

    Where all resamples agree on a difference of 0, the interval is put together from those of both values.
    """
    mine, theirs = _resampled(first, how), _resampled(second, how)
    own, other = measured(first, how), measured(second, how)
    found = {}
    for name in ("accuracy", *RESAMPLED):
        value = own[name].value - other[name].value
        lower, upper = resampling.interval(mine[name] - theirs[name], how.confidence) if name in mine else (nan, nan)
        if not lower < upper:
            apart = resampling.difference(own[name], other[name])
            lower, upper = apart.lower, apart.upper
        found[name] = Estimate(value, lower, upper)
    return found


def area(evaluated: EvaluatedImages, weights: Floats) -> Floats:
    """The mean ROC-AUC of the classes, one against the rest, for each row of `weights` (resamples, n)."""
    classes = range(evaluated.probability.shape[1]) if evaluated.probability.shape[1] > 2 else (1,)
    parts = [
        binary_metrics.roc_auc((evaluated.truth == one).astype(np.int64), evaluated.probability[:, one], weights)
        for one in classes
    ]
    return _mean_of_known(np.vstack(parts))


def macro_f1(evaluated: EvaluatedImages, weights: Floats) -> Floats:
    """The mean F1 of the classes that occur, for each row of `weights`."""
    table = _confusion(evaluated, weights)
    hits, of_truth, of_called = np.diagonal(table, axis1=1, axis2=2), table.sum(axis=2), table.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = np.where(of_truth + of_called > 0, 2 * hits / (of_truth + of_called), np.nan)
    return _mean_of_known(np.where(of_truth > 0, scores, np.nan).T)


def _mean_of_known(values: Floats) -> Floats:
    """The mean (resamples,) of those of `values` (classes, resamples) that are defined; NaN if none is."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0).sum(axis=0) / known.sum(axis=0))


def kappa(evaluated: EvaluatedImages, weights: Floats) -> Floats:
    """Cohen's kappa with quadratic weights, for each row of `weights`; NaN where all are of one class."""
    table = _confusion(evaluated, weights)
    classes = table.shape[1]
    penalty = (np.arange(classes)[:, None] - np.arange(classes)) ** 2
    total = table.sum(axis=(1, 2))
    expected = table.sum(axis=2)[:, :, None] * table.sum(axis=1)[:, None, :] / total[:, None, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1 - (penalty * table).sum(axis=(1, 2)) / (penalty * expected).sum(axis=(1, 2)))


_MEASURES = {"macro_f1": macro_f1, "roc_auc": area, "kappa": kappa}


def accuracy(evaluated: EvaluatedImages, weights: Floats) -> Floats:
    """The share that is called what it is, for each row of `weights`."""
    return np.asarray(weights @ (evaluated.called == evaluated.truth) / weights.sum(axis=1))


def _resampled(evaluated: EvaluatedImages, how: Bootstrap) -> dict[str, Floats]:
    """The accuracy and RESAMPLED in each resample of units."""
    patterns = resampling.patterns(np.arange(len(evaluated.truth))[:, None], evaluated.units)
    names = [name for name in RESAMPLED if name != "kappa" or how.ordered]
    parts: dict[str, list[Floats]] = {name: [] for name in ("accuracy", *names)}
    for block in patterns.resamples(how.resamples, how.seed):
        weights = block[:, patterns.of_item]
        for name in names:
            parts[name].append(_MEASURES[name](evaluated, weights))
        parts["accuracy"].append(accuracy(evaluated, weights))
    return {name: np.concatenate(values) for name, values in parts.items()}


def _bounded(
    name: str, value: float, drawn: Floats | None, evaluated: EvaluatedImages, right: Estimate, how: Bootstrap
) -> Estimate:
    if isnan(value) or drawn is None:
        return Estimate(value)
    lower, upper = resampling.interval(drawn, how.confidence)
    if lower < upper:
        return Estimate(value, lower, upper)
    if name != "roc_auc":
        return Estimate(value, right.lower, right.upper) if value == right.value else Estimate(value)
    counts = [len(np.unique(evaluated.units[evaluated.truth == one])) for one in range(evaluated.probability.shape[1])]
    rarest = min(filter(None, counts))
    return Estimate(value, *binary_metrics.newcombe_area(value, rarest, sum(counts) - rarest, how.confidence))


def _confusion(evaluated: EvaluatedImages, weights: Floats) -> Floats:
    """The weighted counts (resamples, classes, classes) of truth by call."""
    classes = evaluated.probability.shape[1]
    place = evaluated.truth * classes + evaluated.called
    hot = np.zeros((len(place), classes**2))
    hot[np.arange(len(place)), place] = 1
    return np.asarray((weights @ hot).reshape(len(weights), classes, classes))


def as_columns(found: Mapping[str, Estimate]) -> dict[str, float]:
    """Each estimate and its bounds by the names of columns."""
    return {
        f"{name}{end}": value
        for name, one in found.items()
        for end, value in (("", one.value), ("_lower", one.lower), ("_upper", one.upper))
    }
