"""Agreement of raters beyond chance, for two or more raters and with missing ratings.

Ratings are integer codes (items, raters): 0 ... q - 1 are the labels in order, -1 is a missing rating. Coefficients
that do not depend on who gave a rating take counts (items, q): how many raters gave each label.

Every function takes `times` (..., items): how often each item counts, 1 by default. A matrix of resamples
(resamples, items) gives one value per resample in a few matrix products, without a loop.

A value that is not defined is NaN: no item has two ratings, or chance alone already agrees completely (all
ratings are one and the same label).

Sources: Cohen 1960, 1968; Fleiss 1971; Conger 1980; Brennan and Prediger 1981; Krippendorff, Computing
Krippendorff's Alpha-Reliability, 2011; Gwet, Handbook of Inter-Rater Reliability, 4th edition, 2014 (weighted
coefficients with missing ratings, chapters 3 and 5).
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

MISSING = -1

Weighting = Literal["none", "linear", "quadratic"]
Level = Literal["nominal", "ordinal", "interval", "ratio"]
Floats = NDArray[np.float64]
Codes = NDArray[np.integer]

_ZERO = 1e-12  # below this a disagreement expected by chance is a rounding error


def agreement_weights(weighting: Weighting, labels: int, values: Floats | None = None) -> Floats:
    """Credit (q, q) in [0, 1] for a pair of labels: 1 for equal ones, falling with the distance between them.

    none: equal or not; linear: 1 - |x - y| / d; quadratic: 1 - (x - y)^2 / d^2, where x and y are the labels as numbers
    (`values`, ascending; by default their places 0 ... q - 1), and d is the distance of the first from the last. A
    grade of a scale that nobody gave thus keeps its step.
    """
    numbers = np.arange(labels) if values is None else values
    apart = np.abs(np.subtract.outer(numbers, numbers))
    steps = apart / (apart.max() or 1)
    return np.asarray({"none": 1.0 - (steps > 0), "linear": 1 - steps, "quadratic": 1 - steps**2}[weighting])


def label_counts(codes: Codes, labels: int) -> Floats:
    """How many raters gave each item each label: codes (items, raters) -> (items, q)."""
    return np.asarray(_indicators(codes, labels).sum(axis=1))


def contingency(first: Codes, second: Codes, labels: int, times: NDArray[np.number] | None = None) -> Floats:
    """Count the items (..., q, q) that one rater labelled k and the other l, leaving out those that either missed."""
    both = (first != MISSING) & (second != MISSING)
    cells = _indicators(first[both] * labels + second[both], labels**2)
    table = _times(times, len(first))[..., both] @ cells
    return np.asarray(table.reshape(*table.shape[:-1], labels, labels))


def observed_agreement(counts: Floats, weights: Floats, times: NDArray[np.number] | None = None) -> Floats:
    """Mean weighted agreement (...) of two raters of an item, over the items with at least two ratings.

    With weights "none" this is percent agreement (as a fraction). Gwet 2014, equation 5.6.
    """
    raters = counts.sum(axis=1)
    pairs = raters * (raters - 1)
    agreeing = (counts * (counts @ weights - np.diag(weights))).sum(axis=1)
    share = np.divide(agreeing, pairs, out=np.zeros_like(agreeing), where=pairs > 0)
    times = _times(times, len(counts))
    return ratio(times @ share, times @ (pairs > 0))


def cohen_kappa(table: Floats, weights: Floats) -> Floats:
    """Cohen's kappa, weighted (1968) or not (1960), of two raters' contingency tables (..., q, q).

    >>> import numpy as np
    >>> from radsieve.curation.agreement.coefficients import agreement_weights, cohen_kappa
    >>> table = np.array([[20.0, 5.0], [10.0, 15.0]])  # 35 of 50 alike, 25 by chance
    >>> cohen_kappa(table, agreement_weights("none", 2)).round(3)
    np.float64(0.4)
    """
    total = table.sum(axis=(-2, -1))
    observed = ratio((table * weights).sum(axis=(-2, -1)), total)
    products = np.einsum("...k,kl,...l->...", table.sum(axis=-1), weights, table.sum(axis=-2))
    return _beyond_chance(observed, ratio(products, total**2))


def fleiss_kappa(counts: Floats, weights: Floats, times: NDArray[np.number] | None = None) -> Floats:
    """Fleiss' kappa: by chance both labels follow their shares among all raters (Scott's pi for two)."""
    shares = _label_shares(counts, times)
    expected = np.einsum("...k,kl,...l->...", shares, weights, shares)
    return _beyond_chance(observed_agreement(counts, weights, times), expected)


def conger_kappa(codes: Codes, weights: Floats, times: NDArray[np.number] | None = None) -> Floats:
    """Conger's kappa: by chance each label follows the shares of its own rater (Cohen's kappa for two).

    Raters without any rating are left out; fewer than two raters give NaN.
    """
    labels = len(weights)
    indicators = _indicators(codes, labels)
    uses = _times(times, len(codes)) @ indicators.reshape(len(codes), codes.shape[1] * labels)
    uses = uses.reshape(*uses.shape[:-1], codes.shape[1], labels)
    ratings = uses.sum(axis=-1)
    raters = (ratings > 0).sum(axis=-1).astype(float)
    shares = np.divide(uses, ratings[..., None], out=np.zeros_like(uses), where=ratings[..., None] > 0)
    together = shares.sum(axis=-2)
    # pairs of different raters: all pairs less those of a rater with herself
    all_pairs = np.einsum("...k,kl,...l->...", together, weights, together)
    own_pairs = np.einsum("...gk,kl,...gl->...", shares, weights, shares)
    expected = ratio(all_pairs - own_pairs, raters * (raters - 1))
    return _beyond_chance(observed_agreement(indicators.sum(axis=1), weights, times), expected)


def brennan_prediger(counts: Floats, weights: Floats, times: NDArray[np.number] | None = None) -> Floats:
    """Brennan-Prediger coefficient: by chance every label of the scale is equally frequent."""
    return _beyond_chance(observed_agreement(counts, weights, times), np.asarray(weights.mean()))


def gwet_ac(counts: Floats, weights: Floats, times: NDArray[np.number] | None = None) -> Floats:
    """Gwet's AC1 (weights "none") or AC2: only ratings of difficult items agree by chance.

    NaN for a scale of one label.
    """
    labels = len(weights)
    shares = _label_shares(counts, times)
    spread = (shares * (1 - shares)).sum(axis=-1)
    expected = ratio(weights.sum() * spread, np.asarray(float(labels * (labels - 1))))
    return _beyond_chance(observed_agreement(counts, weights, times), expected)


def krippendorff_alpha(counts: Floats, level: Level, values: Floats, times: NDArray[np.number] | None = None) -> Floats:
    """Krippendorff's alpha: 1 - observed / expected disagreement, over the items with at least two ratings.

    `values` (q,) are the labels as numbers, used at the levels interval and ratio (there not negative); the
    ordinal distance of two labels counts the ratings between their middles. NaN if all ratings are equal.

    >>> import numpy as np
    >>> from radsieve.curation.agreement.coefficients import MISSING, krippendorff_alpha, label_counts
    >>> codes = np.array([[0, 0], [1, 1], [0, 1], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [1, 0], [0, MISSING]])
    >>> krippendorff_alpha(label_counts(codes, 2), "nominal", np.arange(2.0)).round(3)
    np.float64(0.393)
    """
    labels = counts.shape[1]
    raters = counts.sum(axis=1, keepdims=True)
    pairable = (raters >= 2).ravel()
    counts, raters = counts[pairable], raters[pairable]
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(labels)
    pairs /= (raters - 1)[:, :, None]
    times = _times(times, len(pairable))[..., pairable]
    coincidences = (times @ pairs.reshape(len(pairs), labels**2)).reshape(*times.shape[:-1], labels, labels)
    totals = coincidences.sum(axis=-1)
    distances = _squared_distances(level, values, totals)
    observed = (coincidences * distances).sum(axis=(-2, -1))
    expected = (totals[..., :, None] * totals[..., None, :] * distances).sum(axis=(-2, -1))
    return 1 - ratio(observed * (totals.sum(axis=-1) - 1), expected)


def _squared_distances(level: Level, values: Floats, totals: Floats) -> Floats:
    """Krippendorff's squared difference (..., q, q) of labels used `totals` (..., q) times."""
    if level == "nominal":
        return 1 - np.eye(len(values))
    scores = np.cumsum(totals, axis=-1) - totals / 2 if level == "ordinal" else values
    difference = scores[..., :, None] - scores[..., None, :]
    if level == "ratio":
        difference = np.nan_to_num(ratio(difference, np.add.outer(scores, scores)))  # 0 and 0 are equal
    return np.asarray(difference**2)


def _label_shares(counts: Floats, times: NDArray[np.number] | None) -> Floats:
    """Share of each label (..., q): the mean over rated items of the share of the item's ratings."""
    raters = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, raters, out=np.zeros_like(counts), where=raters > 0)
    times = _times(times, len(counts))
    return ratio(times @ shares, (times @ (raters > 0)))


def _indicators(codes: Codes, labels: int) -> Floats:
    """1.0 where a rating is the label, along a new last axis; all 0 for a missing rating."""
    return np.asarray(codes[..., None] == np.arange(labels), dtype=float)


def _times(times: NDArray[np.number] | None, items: int) -> Floats:
    return np.ones(items) if times is None else np.asarray(times, dtype=float)


def _beyond_chance(observed: Floats, expected: Floats) -> Floats:
    return ratio(observed - expected, 1 - expected)


def ratio(numerator: Floats, denominator: NDArray[np.number]) -> Floats:
    """numerator / denominator, NaN where the denominator is 0 or either is NaN."""
    numerator, divisor = np.broadcast_arrays(numerator, np.asarray(denominator, dtype=float))
    out = np.full(numerator.shape, np.nan)
    np.divide(numerator, divisor, out=out, where=np.abs(divisor) > _ZERO)
    return out
