"""Rules that choose the threshold from which a latent is accepted: those of Sinyavsky (term paper, part 2), and three
more.

A latent is accepted if its score is at least the threshold, and thresholds are values of the scores. Of thresholds that
are equal by a rule the highest is taken. A rule that nothing satisfies accepts everything and says why.
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv
from sklearn.metrics import confusion_matrix_at_thresholds

from radsieve.prefilter.classifiers.logistic import Latents
from radsieve.prefilter.thresholds.confusion_measures import Costs
from radsieve.stats import diversity

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.integer]

ACCEPT_ALL = 0.0  # the threshold that every probability reaches
_PUBLISHED_TPR = 0.95


@dataclass(frozen=True)
class Limits:
    """What the rules require: rows accepted, precision, TPR with `confidence`, and coverage of the good latents."""

    min_accepted: int
    min_precision: float
    min_tpr: float
    min_coverage: float
    confidence: float


@dataclass(frozen=True)
class Points:
    """What each threshold gives, the distinct scores in descending order: `thresholds`, good (`tp`) and bad (`fp`)
    images accepted.

    All (t,). `coverage` returns that of the good latents by those accepted (t,); see `radsieve.stats.diversity`.
    `good` and `bad` count all images.
    """

    thresholds: Floats
    tp: Counts
    fp: Counts
    coverage: Callable[[], Floats]
    good: int
    bad: int


@dataclass(frozen=True)
class Choice:
    """A threshold, and why everything is accepted (empty if the rule chose)."""

    threshold: float
    reason: str = ""


# What a rule says of each threshold: its objective, whether it is allowed, and what is wrong if none is.
Preference = tuple[npt.NDArray[np.number], npt.NDArray[np.bool_], str]
Rule = Callable[[Points, Limits, Costs], Preference]


def operating_points(truth: Flags, scores: Floats, latents: Latents) -> Points:
    """Return what each threshold gives on rows of `truth` (n,), 0 or 1, `scores` (n,), and `latents` (n, d)."""
    _, fp, _, tp, thresholds = confusion_matrix_at_thresholds(truth, scores, pos_label=1)
    good = truth == 1
    good_latents, good_scores = latents[good], scores[good]
    return Points(
        thresholds,
        tp.astype(np.int64),
        fp.astype(np.int64),
        lambda: diversity.coverage_by_threshold(good_latents, good_scores, thresholds),
        len(good_scores),
        len(truth) - len(good_scores),
    )


def choose(rule: str, points: Points, limits: Limits, costs: Costs) -> Choice:
    """Return the threshold that `rule`, one of RULES, chooses; accept everything and say why if it cannot."""
    rows = points.good + points.bad
    if not points.good:
        return Choice(ACCEPT_ALL, f"no good image among the {rows} rows for choosing")
    if not points.bad:
        return Choice(ACCEPT_ALL, f"no bad image among the {rows} rows for choosing")
    liking, allowed, amiss = RULES[rule](points, limits, costs)
    if not allowed.any():
        return Choice(ACCEPT_ALL, amiss)
    return Choice(float(points.thresholds[np.argmax(np.where(allowed, liking, -np.inf))]))


def tpr_lower_bound(accepted: int, good: int, confidence: float) -> float:
    """Clopper and Pearson's lower bound of the TPR if `accepted` of `good` images are.

    For a threshold at one of their scores it is exact: the true TPR then follows the beta distribution that is used.
    """
    return float(betaincinv(accepted, good - accepted + 1, 1 - confidence)) if accepted else 0.0


def _weighted(gain: int, loss: int) -> Rule:
    """argmax(gain TPR - loss FPR), in whole numbers so that ties are ties."""

    def prefer(points: Points, limits: Limits, costs: Costs) -> Preference:
        liking = gain * points.tp * points.bad - loss * points.fp * points.good
        return liking, np.ones(len(liking), dtype=bool), ""

    return prefer


def _published_tpr(points: Points, limits: Limits, costs: Costs) -> Preference:
    return points.thresholds, points.tp / points.good >= _PUBLISHED_TPR, ""


def _most_precise(points: Points, limits: Limits, costs: Costs) -> Preference:
    return points.tp / (points.tp + points.fp), *_enough(points, limits)


def _min_seconds(points: Points, limits: Limits, costs: Costs) -> Preference:
    """The minimum expected time for a good image, among thresholds that keep the coverage."""
    accepted = points.tp + points.fp
    with np.errstate(divide="ignore"):
        seconds = (costs.generate_seconds * accepted + costs.predict_seconds * (points.good + points.bad)) / points.tp
    enough, amiss = _enough(points, limits)
    covered = points.coverage() >= limits.min_coverage
    if enough.any():
        amiss = f"no threshold keeps a coverage of {limits.min_coverage:g} (at least two good images are needed)"
    return -seconds, enough & covered, amiss


def _precision_floor(points: Points, limits: Limits, costs: Costs) -> Preference:
    """The most accepted images, among thresholds with that precision."""
    accepted = points.tp + points.fp
    precision = points.tp / accepted
    enough, amiss = _enough(points, limits)
    if enough.any():
        amiss = (
            f"no threshold that accepts {limits.min_accepted} rows has a precision of {limits.min_precision:g} "
            f"(at most {precision[enough].max():.3g})"
        )
    return accepted, enough & (precision >= limits.min_precision), amiss


def _confident_tpr(points: Points, limits: Limits, costs: Costs) -> Preference:
    needed = bisect_left(
        range(points.good + 1),
        True,
        key=lambda tp: tpr_lower_bound(tp, points.good, limits.confidence) >= limits.min_tpr,
    )
    images = math.ceil(math.log(1 - limits.confidence) / math.log(limits.min_tpr))
    amiss = (
        f"{points.good} good images are too few to be {limits.confidence:.0%} sure of a TPR of {limits.min_tpr:g}: "
        f"{images} are needed"
    )
    return points.thresholds, points.tp >= needed, amiss


def _enough(points: Points, limits: Limits) -> tuple[npt.NDArray[np.bool_], str]:
    rows = points.good + points.bad
    return points.tp + points.fp >= limits.min_accepted, f"only {rows} rows, but {limits.min_accepted} to accept"


PUBLISHED_RULES: dict[str, Rule] = {
    "argmax(tpr-fpr)": _weighted(1, 1),
    "argmax(2*tpr-fpr)": _weighted(2, 1),
    "argmax(tpr-2*fpr)": _weighted(1, 2),
    "tpr>=0.95": _published_tpr,
    "argmax(precision)": _most_precise,
}
RULES: dict[str, Rule] = {
    **PUBLISHED_RULES,
    "argmin(seconds per good image)": _min_seconds,
    "precision>=floor": _precision_floor,
    "tpr>=floor with confidence": _confident_tpr,
}
