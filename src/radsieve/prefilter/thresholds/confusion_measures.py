"""What accepting some latents gives: shares, precision, and the time saved, with intervals.

All of it follows from a confusion matrix, here four numbers in the order of the publication: tn, fp, fn, tp (bad images
rejected, bad accepted, good rejected, good accepted).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radsieve.stats import resampling

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.integer]
Accepted = npt.NDArray[np.bool_]

CELLS = ("tn", "fp", "fn", "tp")
MEASURES = ("accepted_share", "tpr", "fpr", "precision", "base_rate", "ratio", "saving", "seconds_per_good")

_PRIOR = 0.5  # of each cell, after Jeffreys


@dataclass(frozen=True)
class Costs:
    """Seconds to generate and score one image, and seconds to sample and evaluate one latent."""

    generate_seconds: float
    predict_seconds: float


@dataclass(frozen=True)
class EvaluationSettings:
    """Costs, and the number of bootstrap resamples, the coverage and the seed of intervals."""

    costs: Costs
    resamples: int
    confidence: float
    seed: int


def confusion_counts(truth: Flags, accepted: Accepted) -> Counts:
    """Count (tn, fp, fn, tp) of `truth` (n,), 0 or 1, and of what was `accepted` (n,)."""
    return np.bincount(2 * truth.astype(np.int64) + accepted, minlength=4)


def acceptance_measures(counts: npt.ArrayLike, costs: Costs) -> dict[str, Floats]:
    """Return each measure (...) of confusion matrices `counts` (..., 4), which may be shares as well.

    accepted_share: of all latents; tpr, fpr: of the good, of the bad images; precision: good among those accepted;
    base_rate: good among all; ratio: precision / base_rate, the saving as published; seconds_per_good: expected time
    for one good image; saving: that time without the sieve divided by that with it, the predictor included, (p2 / p1) /
    (1 + t1 / (a t0)) with a = accepted_share (t0, t1: `costs`). NaN where not defined.
    """
    tn, fp, fn, tp = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        base_rate = (fn + tp) / (tn + fp + fn + tp)
        accepted_share = (fp + tp) / (tn + fp + fn + tp)
        precision = tp / (fp + tp)
        seconds_per_image = costs.generate_seconds + costs.predict_seconds / accepted_share
        found = {
            "accepted_share": accepted_share,
            "tpr": tp / (fn + tp),
            "fpr": fp / (tn + fp),
            "precision": precision,
            "base_rate": base_rate,
            "ratio": precision / base_rate,
            "saving": precision / base_rate * costs.generate_seconds / seconds_per_image,
            "seconds_per_good": seconds_per_image / precision,
        }
    return {name: np.where(np.isfinite(values), values, np.nan) for name, values in found.items()}


def evaluated(counts: Counts | Floats, evaluation: EvaluationSettings) -> dict[str, float]:
    """Return a row of a table: the confusion matrix (4,), and each of `acceptance_measures` with `_lower` and `_upper`.

    Of several repetitions (repetitions, 4) the mean is the matrix, and each bootstrap draw is from one of them, so that
    the bounds hold their variation, too.

    The bounds are from a Bayesian bootstrap (Rubin 1981) of the matrix, with half a row added to each cell. The
    intervals of shares are then those of Jeffreys, which keep their coverage where resampled rows cannot leave 0 and 1:
    four of four good images say little (Brown, Cai and DasGupta 2001). A bound always includes the value.
    """
    drawn = np.concatenate([resampled(each, _PRIOR, evaluation) for each in np.atleast_2d(counts)])
    return _with_bounds(counts if counts.ndim == 1 else counts.mean(axis=0), drawn, evaluation)


def everything_accepted(truth: Flags, evaluation: EvaluationSettings) -> dict[str, float]:
    """The row of `evaluated` where everything is accepted of necessity, and not as it happens, of `truth` (n,).

    No latent can be rejected: precision and base rate are the same share, with the same bounds. What does not depend on
    the rows, such as an acceptance, a TPR and a ratio of 1, has no bounds.
    """
    counts = confusion_counts(truth, np.ones(len(truth), dtype=bool))
    drawn = np.zeros((evaluation.resamples, len(CELLS)))
    drawn[:, [1, 3]] = resampled(counts[[1, 3]], _PRIOR, evaluation)  # fp and tp, the only ones that may occur
    return _with_bounds(counts, drawn, evaluation)


def _with_bounds(counts: Counts | Floats, drawn: Floats, evaluation: EvaluationSettings) -> dict[str, float]:
    """The row of `evaluated` of `counts` (4,), with bounds from `drawn` (draws, 4); none where all draws are equal."""
    generated = acceptance_measures(drawn, evaluation.costs)
    row: dict[str, float] = dict(zip(CELLS, counts.tolist(), strict=True))
    for name, value in acceptance_measures(counts, evaluation.costs).items():
        lower, upper = np.nan, np.nan
        if np.isfinite(value) and not np.isclose(generated[name], value, rtol=1e-12, atol=0).all():
            bounds = resampling.interval(generated[name], evaluation.confidence)
            lower, upper = float(np.fmin(bounds[0], value)), float(np.fmax(bounds[1], value))
        row |= {name: float(value), f"{name}_lower": lower, f"{name}_upper": upper}
    return row


def precision_difference(
    truth: Flags, accepted: Accepted, other: Accepted, evaluation: EvaluationSettings
) -> dict[str, float]:
    """The precision of `accepted` minus that of `other`, both (n,), with bounds from a bootstrap of rows.

    Keys: precision_difference, difference_lower, difference_upper; NaN if either accepts nothing.
    """
    counts = np.bincount(4 * truth.astype(np.int64) + 2 * accepted + other, minlength=8)

    def difference(cells: npt.ArrayLike) -> Floats:
        by = np.asarray(cells, dtype=float).reshape(-1, 2, 2, 2)  # truth, accepted, other
        with np.errstate(invalid="ignore"):
            one, two = by.sum(axis=3)[:, :, 1], by.sum(axis=2)[:, :, 1]
            return np.asarray(one[:, 1] / one.sum(axis=1) - two[:, 1] / two.sum(axis=1))

    value = float(difference(counts)[0])
    draws = difference(resampled(counts, _PRIOR / 2, evaluation))
    lower, upper = resampling.interval(draws, evaluation.confidence) if np.isfinite(value) else (np.nan, np.nan)
    return {"precision_difference": value, "difference_lower": lower, "difference_upper": upper}


def resampled(counts: Counts | Floats, prior: float, evaluation: EvaluationSettings) -> Floats:
    """Shares of the cells (resamples, cells), drawn from their distribution after `counts` (cells,) were seen."""
    return np.random.default_rng(evaluation.seed).dirichlet(counts + prior, evaluation.resamples)
