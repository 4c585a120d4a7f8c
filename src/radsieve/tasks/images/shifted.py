"""The chosen classifier of two classes on images from outside: thresholds and probabilities, and how right they are."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from radsieve.stats import binary_metrics, calibration
from radsieve.stats.resampling import Estimate
from radsieve.stats.thresholds import youden
from radsieve.tasks.images.evaluation import Candidate, Study
from radsieve.tasks.images.learners import Floats, Integers
from radsieve.tasks.images.measures import Bootstrap, as_columns
from radsieve.tasks.images.shift import adapted, aligned, reweighted
from radsieve.tasks.images.tables import CLASS_CALIBRATION, CLASS_SHIFT, OUTSIDE, TEST

AS_FITTED, CHOSEN = "as fitted", "threshold of validation"
EQUAL, PRIOR, ALIGNED = "equal shares", "prior adapted", "features aligned"
_MEASURES = ("roc_auc", "accuracy", "brier")
_CALLED = 0.5


@dataclass(frozen=True)
class ShiftMethod:
    """The probability (n,) of the positive class, the threshold, and the share of positive images that is assumed."""

    part: str
    name: str
    probability: Floats
    threshold: float
    share: float


def methods(of: Study) -> list[ShiftMethod]:
    """Every method to call the images of each part by the chosen classifier; only of two classes.

    No method looks at labels of the part: `threshold of validation` has the greatest sensitivity plus specificity on
    validation (Youden 1950); `equal shares` takes both classes for as frequent; the other two are those of `shift`.
    """
    if len(of.data.classes) != 2:
        return []
    chosen = of.chosen
    rows = of.division.rows(*of.learnt)
    learnt = np.bincount(of.data.inside.truth[rows], minlength=2) / len(rows)
    limit = youden(of.data.inside.truth[of.division.validation], chosen.validation[:, 1])
    found = []
    for part, probability in ((TEST, chosen.test), (OUTSIDE, chosen.outside)):
        if probability is None:
            continue
        positive = probability[:, 1]
        found += [ShiftMethod(part, AS_FITTED, positive, _CALLED, float(learnt[1]))]
        found += [ShiftMethod(part, CHOSEN, positive, limit, float((positive >= limit).mean()))]
        even = reweighted(probability, learnt, np.array([0.5, 0.5]))
        found += [ShiftMethod(part, EQUAL, even[:, 1], _CALLED, 0.5)]
        prior = adapted(probability, learnt)
        found += [ShiftMethod(part, PRIOR, prior.probability[:, 1], _CALLED, float(prior.shares[1]))]
        if chosen.learner.aligns:
            found += [_aligned(of, chosen, part)]
    return found


def _aligned(of: Study, chosen: Candidate, part: str) -> ShiftMethod:
    inputs = np.asarray(of.inputs[chosen.name], dtype=np.float64)
    features = inputs[of.division.test] if part == TEST else np.asarray(of.beyond[chosen.name], dtype=np.float64)
    rows = of.division.train
    found = aligned(
        features,
        inputs[rows],
        of.data.inside.truth[rows],
        lambda some: chosen.fitted.probability(np.asarray(some, dtype=np.float32)),
    )
    return ShiftMethod(part, ALIGNED, found.probability[:, 1], _CALLED, float(found.shares[1]))


def shift_table(of: Study, found: list[ShiftMethod]) -> pd.DataFrame:
    """CLASS_SHIFT of the methods."""
    rows = []
    for method in found:
        truth, units = _truth(of, method.part)
        called = (method.probability >= method.threshold).astype(np.int64)
        how = of.how
        table = binary_metrics.measures_with_intervals(
            truth, method.probability, called, units, how.resamples, how.confidence, how.seed
        ).set_index("metric")
        estimates = {name: _estimate(table, name) for name in _MEASURES}
        estimates |= {"sensitivity": _estimate(table, "recall"), "specificity": _estimate(table, "specificity")}
        estimates |= _calibrated(truth, method.probability, units, how)
        told = {
            "part": method.part,
            "method": method.name,
            "threshold": method.threshold,
            "share_positive": method.share,
        }
        rows.append(told | {"true_share": float(truth.mean())} | as_columns(estimates))
    return pd.DataFrame(rows, columns=list(CLASS_SHIFT.columns))


def _estimate(table: pd.DataFrame, name: str) -> Estimate:
    value, lower, upper = table.loc[name, ["value", "lower", "upper"]].to_numpy(np.float64)
    return Estimate(float(value), float(lower), float(upper))


def _calibrated(truth: Integers, probability: Floats, units: Integers, how: Bootstrap) -> dict[str, Estimate]:
    measures = {"intercept": calibration.intercepts, "slope": calibration.slopes}
    found = {
        name: calibration.with_interval(measure, truth, probability, units, how.resamples, how.confidence, how.seed)
        for name, measure in measures.items()
    }
    return {name: _finite(one) for name, one in found.items()}


def _finite(one: Estimate) -> Estimate:
    """Without what is infinite: probabilities that separate the classes have no finite slope."""
    ends = (value if np.isfinite(value) else np.nan for value in (one.value, one.lower, one.upper))
    return Estimate(*ends)


def _truth(of: Study, part: str) -> tuple[Integers, Integers]:
    rows = of.division.test
    if part == TEST or of.data.outside is None:
        return of.data.inside.truth[rows], of.data.inside.units[rows]
    return of.data.outside.truth, of.data.outside.units


def calibration_table(of: Study, found: list[ShiftMethod]) -> pd.DataFrame:
    """CLASS_CALIBRATION: of two classes that of the positive one by each method, else that of the class called."""
    rows = []
    for part, method, probability, right in _probabilities(of, found):
        units = _truth(of, part)[1]
        table = binary_metrics.calibration(right, probability, units, of.how.confidence)
        table = table.rename(columns={"good_images": "right", "share_good": "share"})
        rows.append(table.assign(part=part, method=method))
    return pd.concat(rows, ignore_index=True)[list(CLASS_CALIBRATION.columns)]


def _probabilities(of: Study, found: list[ShiftMethod]) -> Iterator[tuple[str, str, Floats, Integers]]:
    if found:
        for method in found:
            if method.name != CHOSEN:  # which has the same probabilities
                yield method.part, method.name, method.probability, _truth(of, method.part)[0]
        return
    chosen = of.chosen
    for part, probability in ((TEST, chosen.test), (OUTSIDE, chosen.outside)):
        if probability is not None:
            truth = _truth(of, part)[0]
            yield part, AS_FITTED, probability.max(axis=1), (probability.argmax(axis=1) == truth).astype(np.int64)
