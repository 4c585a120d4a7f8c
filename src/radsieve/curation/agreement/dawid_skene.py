"""The consensus of raters of unequal skill: the EM algorithm of Dawid and Skene.

Model: an item's true label is j with probability `prevalence[j]`; rater k then says l with probability
`confusion[k, j, l]`, independently of the other raters. Neither true labels nor probabilities are known; EM
climbs from the majority vote to a local maximum of the likelihood. The model needs three raters or more: with two the
result depends on the starting point, and the label it gives to a disagreement is no evidence.

The likelihood has degenerate maxima: a label that one rater alone gave, once, becomes true with a probability of almost
1, since whoever gave it is then never wrong about it. `smoothing` adds so many ratings to each cell of each rater's
confusion matrix (a Dirichlet prior; Paun et al. 2018, doi:10.1162/tacl_a_00040), which ends that.

Source: A. P. Dawid and A. M. Skene, Maximum likelihood estimation of observer error-rates using the EM
algorithm, Applied Statistics 28 (1979), 20-28.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]

TOLERANCE = 1e-9
MAX_ITERATIONS = 2000


@dataclass(frozen=True)
class DawidSkene:
    """What EM found for n items, r raters, q labels and b sets of item counts.

    posterior: (n, b, q) probability of each label; prevalence: (b, q);
    confusion: (b, r, q true, q said), NaN (with smoothing 1 / q) where a rater has no rating of an item that may have
    that label;
    accuracy: (b, r) expected share of a rater's ratings that are the true label, NaN without ratings;
    log_likelihood: (iterations, b), with the logarithm of the prior where there is smoothing, never falling;
    converged: (b,) whether the fit converged.
    """

    posterior: Floats
    prevalence: Floats
    confusion: Floats
    accuracy: Floats
    log_likelihood: Floats
    converged: NDArray[np.bool_]


def votes(codes: NDArray[np.integer], labels: int) -> sparse.csr_array:
    """Codes (n, r), negative ones missing, as votes (n, r * q): 1 in column rater * q + label."""
    items, raters = np.nonzero(codes >= 0)
    columns = raters * labels + codes[items, raters]
    shape = (codes.shape[0], codes.shape[1] * labels)
    return sparse.csr_array(sparse.coo_array((np.ones(len(items)), (items, columns)), shape=shape))


def majority(ballots: sparse.csr_array, labels: int) -> Floats:
    """Share of an item's votes (n, q) that each label has; equal shares for an item without votes."""
    raters = ballots.shape[1] // labels
    counts = np.asarray(ballots @ np.tile(np.eye(labels), (raters, 1)))
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.full_like(counts, 1 / labels)
    np.divide(counts, totals, out=shares, where=totals > 0)
    return shares


def fit(
    ballots: sparse.csr_array,
    labels: int,
    times: NDArray[np.number] | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
    smoothing: float = 0.0,
) -> DawidSkene:
    """Fit the model to `ballots` (n, r * q): how often a rater gave an item a label (2 if asked twice).

    `times` (b, n): how often each item counts, for b fits at once; once each by default. `smoothing`: ratings added to
    each cell of a confusion matrix, at least 0. EM starts at the majority vote and stops when no log-likelihood grows
    by more than `tolerance` of itself, or after `max_iterations`.

    >>> import numpy as np
    >>> from radsieve.curation.agreement.dawid_skene import fit, votes
    >>> codes = np.array([[0, 0, 0], [1, 1, 1], [0, 0, 1], [1, 1, 0], [0, 0, 1], [1, 1, -1]])  # the third errs
    >>> model = fit(votes(codes, labels=2), labels=2)
    >>> model.posterior[:, 0].argmax(axis=1)
    array([0, 1, 0, 1, 0, 1])
    """
    weights = np.ones((1, ballots.shape[0])) if times is None else np.asarray(times, dtype=float)
    posterior = np.repeat(majority(ballots, labels)[:, None, :], len(weights), axis=1)
    transposed = sparse.csr_array(ballots.T)
    history: list[Floats] = []
    for _ in range(max_iterations):
        prevalence, confusion = _maximize(transposed, posterior, weights, smoothing)
        posterior, log_likelihood = _expect(ballots, prevalence, confusion, weights)
        prior = smoothing * np.log(confusion).sum(axis=(1, 2, 3)) if smoothing else 0.0
        history.append(log_likelihood + prior)
        converged = _at_rest(history, tolerance)
        if converged.all():
            break
    accuracy = _accuracy(_said(transposed, posterior, weights))
    return DawidSkene(posterior, prevalence, confusion, accuracy, np.array(history), converged)


def _said(transposed: sparse.csr_array, posterior: Floats, weights: Floats) -> Floats:
    """Expected number of times (b, r, q true, q said) that a rater says l of an item that is truly j."""
    items, fits, labels = posterior.shape
    expected = (posterior * weights.T[:, :, None]).reshape(items, fits * labels)
    return np.asarray(transposed @ expected).reshape(-1, labels, fits, labels).transpose(2, 0, 3, 1)


def _maximize(
    transposed: sparse.csr_array, posterior: Floats, weights: Floats, smoothing: float
) -> tuple[Floats, Floats]:
    """M step, equations 2.3 and 2.4: prevalence (b, q) and confusion (b, r, q true, q said)."""
    prevalence = np.einsum("nbj,bn->bj", posterior, weights) / np.maximum(weights.sum(axis=1), 1)[:, None]
    said = _said(transposed, posterior, weights) + smoothing
    return prevalence, _share(said, said.sum(axis=-1, keepdims=True))


def _expect(ballots: sparse.csr_array, prevalence: Floats, confusion: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """E step, equation 2.5: the posterior (n, b, q) and the log-likelihood (b,) of equation 2.7."""
    fits, raters, labels, _ = confusion.shape
    with np.errstate(divide="ignore"):
        log_prevalence = np.log(prevalence)
        log_confusion = np.log(np.nan_to_num(confusion))
    columns = log_confusion.transpose(1, 3, 0, 2).reshape(raters * labels, fits * labels)
    joint = np.asarray(ballots @ columns).reshape(-1, fits, labels) + log_prevalence
    peak = joint.max(axis=-1, keepdims=True)
    peak = np.where(np.isfinite(peak), peak, 0)  # an item of weight 0 may be impossible under every label
    likelihood = np.exp(joint - peak)
    evidence = likelihood.sum(axis=-1, keepdims=True)
    possible = evidence > 0
    posterior = np.divide(likelihood, evidence, out=np.full_like(likelihood, 1 / labels), where=possible)
    log_evidence = np.log(evidence, out=np.zeros_like(evidence), where=possible) + peak
    return posterior, np.einsum("nb,bn->b", log_evidence[:, :, 0], weights)


def _at_rest(history: list[Floats], tolerance: float) -> NDArray[np.bool_]:
    if len(history) < 2:
        return np.zeros(len(history[-1]), dtype=bool)
    return np.asarray(history[-1] - history[-2] <= tolerance * np.maximum(np.abs(history[-1]), 1))


def _accuracy(said: Floats) -> Floats:
    return _share(np.einsum("brll->br", said), said.sum(axis=(-2, -1)))


def _share(part: Floats, whole: Floats) -> Floats:
    """part / whole, NaN where there is nothing."""
    share = np.full(part.shape, np.nan)
    np.divide(part, whole, out=share, where=np.broadcast_to(whole > 0, part.shape))
    return share
