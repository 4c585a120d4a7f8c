"""How far apart images of two domains are, such as real and synthetic ones, in the features of a network."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radsieve.errors import InputError
from radsieve.progress import working
from radsieve.stats import resampling
from radsieve.stats.binary_metrics import newcombe_area, roc_auc
from radsieve.stats.distances import kernel_distance

COLUMNS = ["features", "measure", "value", "lower", "upper"]

_STRENGTH = 0.01  # inverse, of the L2 penalty: there are hundreds of features and about as many images
_ITERATIONS = 3000

Floats = NDArray[np.floating]
Units = NDArray[np.integer]


@working("telling the domains apart")
def domain_gap(
    one: Floats,
    other: Floats,
    units: tuple[Units, Units],
    folds: int,
    resamples: int,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Return how far the features `one` (n, k) and `other` (m, k) of images are apart: measure, value, lower, upper.

    roc_auc: of a logistic regression that tells the domains apart; 1/2 if it cannot, 1 if it always can. It is
    cross-validated in `folds` in which no unit (such as a patient; numbered for the images of each domain by itself) is
    in two, the scaling fitted within the fold, and the mean over the folds is taken; bounds from a bootstrap of the
    units, without refitting the models, or Newcombe's by units where no resample can differ. kid: the unbiased squared
    maximum mean discrepancy (KID; 0 for equal distributions, may be negative), with a jackknife interval of images.

    Raises InputError if a domain has fewer units than there are folds.
    """
    if (fewest := min(len(set(part.tolist())) for part in units)) < folds:
        raise InputError(f"{fewest} units of one domain, too few for {folds} folds; lower the number of folds")
    features = np.concatenate([one, other])
    domain = np.repeat([0, 1], [len(one), len(other)])
    unit = np.unique(np.column_stack([domain, np.concatenate(units)]), axis=0, return_inverse=True)[1].ravel()
    model = make_pipeline(
        StandardScaler(), LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=_ITERATIONS)
    )
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    held_out = [rows for _, rows in splitter.split(features, domain, unit)]
    probability = cross_val_predict(model, features, domain, groups=unit, cv=splitter, method="predict_proba")[:, 1]
    patterns = resampling.patterns(np.arange(len(domain))[:, None], unit)
    value = _mean_area(domain, probability, held_out, np.ones((1, len(domain))))
    blocks = [
        _mean_area(domain, probability, held_out, weights[:, patterns.of_item])
        for weights in patterns.resamples(resamples, seed)
    ]
    bounds = resampling.interval(np.concatenate(blocks), confidence)
    if bounds[0] == bounds[1]:  # no image is on the wrong side, so that no resample can differ
        first, second = (len(set(part.tolist())) for part in units)
        bounds = newcombe_area(float(value[0]), first, second, confidence)
    rows = [
        ("roc_auc", float(value[0]), *bounds),
        ("kid", *kernel_distance(one, other, confidence)),
    ]
    return pd.DataFrame(rows, columns=["measure", "value", "lower", "upper"])


@working("measuring the gap between domains")
def gaps(
    pairs: Mapping[str, tuple[Floats, Floats]],
    units: tuple[Units, Units],
    folds: int,
    resamples: int,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Return the `domain_gap` of each of the `pairs` of features of the same images, by name: columns COLUMNS.

    For an adaptation these are the features before and after. To be fair, the images must not be those that the
    adaptation has seen.
    """
    found = [
        domain_gap(one, other, units, folds, resamples, confidence, seed).assign(features=name)
        for name, (one, other) in pairs.items()
    ]
    return pd.concat(found, ignore_index=True)[COLUMNS]


def _mean_area(
    domain: Units, probability: NDArray[np.float64], folds: list[Units], weights: NDArray[np.float64]
) -> Floats:
    """The mean of the folds' areas (resamples,) for how often each image counts, weights (resamples, images).

    Images of two folds are not compared: each fold's model has an offset of its own, which falls where there are fewer
    images of a domain to learn from, so that an area over all folds together is too small.
    """
    areas = [roc_auc(domain[rows], probability[rows], weights[:, rows]) for rows in folds]
    return np.asarray(np.mean(areas, axis=0))
