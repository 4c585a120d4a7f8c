"""Probabilities for images from elsewhere, where classes are more or less frequent and images look different.

Neither method looks at the labels from there. `adapted` estimates how frequent the classes are, from the probabilities
alone (Saerens, Latinne and Decaestecker 2002, doi:10.1162/089976602753284446): right if images of a class look the same
in both places. `aligned` gives the features the mean and spread that those learnt from would have at these frequencies
(adaptation of batch statistics, Li et al. 2018, doi:10.1016/j.patcog.2018.03.005, for the features of a frozen
network): right if all images look different in the same way.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_STEPS, _NEAR = 1000, 1e-8
_ROUNDS = 20
_LEAST = 1e-3  # share of a class: none is taken for absent


@dataclass(frozen=True)
class Adapted:
    """The estimated share (classes,) of each class, and the probability (n, classes) that follows."""

    shares: Floats
    probability: Floats


def adapted(probability: Floats, learnt: Floats) -> Adapted:
    """Adapt `probability` (n, classes), learnt where classes have the shares `learnt` (classes,), by EM.

    >>> import numpy as np
    >>> sure = np.repeat([[0.999, 0.001], [0.001, 0.999]], [20, 80], axis=0)
    >>> adapted(sure, np.array([0.5, 0.5])).shares.round(2)
    array([0.2, 0.8])
    """
    shares = learnt.copy()
    found = probability
    for _ in range(_STEPS):
        found = reweighted(probability, learnt, shares)
        fresh = np.maximum(found.mean(axis=0), _LEAST)
        fresh = fresh / fresh.sum()
        if np.abs(fresh - shares).max() < _NEAR:
            break
        shares = fresh
    return Adapted(shares, found)


def reweighted(probability: Floats, learnt: Floats, shares: Floats) -> Floats:
    """The probability (n, classes) where classes have these `shares` (classes,) in place of those `learnt` (Bayes)."""
    found = probability * (shares / learnt)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def aligned(features: Floats, learnt: Floats, truth: Integers, predict: Callable[[Floats], Floats]) -> Adapted:
    """Align `features` (n, f) with those learnt from, (m, f) of classes `truth` (m,), and count the classes, in turns.

    `predict` gives the probability (n, classes) of features. In each round the features get the mean and the standard
    deviation that those learnt from would have if their classes had the shares counted last, which are those of what
    is called if all classes count alike: shares by EM can run away where images differ in more than their shares.
    """
    classes = int(truth.max()) + 1
    frequent = np.bincount(truth, minlength=classes) / len(truth)
    means = np.stack([learnt[truth == one].mean(axis=0) for one in range(classes)])
    squares = np.stack([(learnt[truth == one] ** 2).mean(axis=0) for one in range(classes)])
    own_mean, own_spread = features.mean(axis=0), features.std(axis=0)
    own_spread = np.where(own_spread > 0, own_spread, 1.0)
    equal = np.full(classes, 1 / classes)
    shares, found = frequent, np.empty((len(features), classes))
    for _ in range(_ROUNDS):
        mean = shares @ means
        spread = np.sqrt(np.maximum(shares @ squares - mean**2, 0))
        found = predict((features - own_mean) / own_spread * spread + mean)
        called = reweighted(found, frequent, equal).argmax(axis=1)
        counted = np.maximum(np.bincount(called, minlength=classes) / len(called), _LEAST)
        fresh = (shares + counted / counted.sum()) / 2  # half a step: whole ones can swing
        if np.abs(fresh - shares).max() < _NEAR:
            break
        shares = fresh
    return Adapted(shares, reweighted(found, frequent, shares))
