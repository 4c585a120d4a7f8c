"""Are two kinds of points mixed? Areas under the curve of cross-validated classifiers, compared with permuted labels.

Both classifiers weight the labels of the points from which they learn, with weights that do not depend on any label. So
a fold is one matrix of weights, and all permutations of the labels are evaluated by one product.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.stats import mannwhitneyu

from radsieve.prefilter.tables import MixingClassifier
from radsieve.progress import working
from radsieve.stats.permutations import p_value, shuffled

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.integer]

COLUMNS = ("space", "classifier", "roc_auc", "chance", "chance_upper", "p_value")


@working("permutations of best and worst")
def measure_mixing(
    spaces: Mapping[str, Floats], labels: Flags, fold: Flags, neighbors: int, permutations: int, confidence: float,
    seed: int,
) -> pd.DataFrame:  # fmt: skip
    """Measure how well two kinds of points are told apart in each space; columns COLUMNS.

    spaces: coordinates (n, d) of the same points, by name; labels (n,): 0 or 1; fold (n,): the fold that holds each
    point out. `roc_auc` is the mean over the folds: 0.5 if the kinds are mixed, 1 if they lie apart. `chance` is the
    mean and `chance_upper` the quantile `confidence` of the same with permuted labels; `p_value` is one-sided.

    The classifiers: `neighbours`, the share of label 1 among the `neighbors` nearest points; `linear`, least squares on
    standardized coordinates with an L2 penalty of d, which is a linear discriminant.
    """
    draws = np.concatenate([labels[None], shuffled(labels, fold, permutations, seed)])
    rows = []
    for space, points in spaces.items():
        for classifier in MixingClassifier:
            area, *by_chance = np.mean(list(_areas(points, draws, fold, classifier, neighbors)), axis=0)
            chance = np.array(by_chance)
            rows.append(
                (space, classifier, area, chance.mean(), np.quantile(chance, confidence), float(p_value(area, chance)))
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def neighbour_weights(train: Floats, held_out: Floats, neighbors: int) -> Floats:
    """Weights (held out, train): 1 for the nearest points of `train`, at most `neighbors`, and 0 for the others."""
    count = min(neighbors, len(train))
    nearest = np.argsort(cdist(held_out, train), axis=1, kind="stable")[:, :count]
    weights = np.zeros((len(held_out), len(train)))
    np.put_along_axis(weights, nearest, 1, axis=1)
    return weights


def linear_weights(train: Floats, held_out: Floats) -> Floats:
    """Weights (held out, train) of ridge regression: predictions, apart from their mean, by the labels of `train`."""
    middle, spread = train.mean(axis=0), train.std(axis=0)
    learnt, evaluated = ((points - middle) / np.where(spread > 0, spread, 1) for points in (train, held_out))
    penalty = np.eye(train.shape[1]) * train.shape[1]
    found: Floats = evaluated @ np.linalg.solve(learnt.T @ learnt + penalty, learnt.T)
    return found


def _areas(points: Floats, draws: Flags, fold: Flags, classifier: str, neighbors: int) -> Iterator[Floats]:
    """The area of each row of labels `draws` (b, n), fold by fold, in which all rows have as many of each label."""
    for number in np.unique(fold):
        here = fold == number
        train, held_out = points[~here], points[here]
        near = classifier == MixingClassifier.NEIGHBOURS
        weights = neighbour_weights(train, held_out, neighbors) if near else linear_weights(train, held_out)
        found, positive = draws[:, ~here] @ weights.T, draws[:, here] == 1
        above, below = (found[rows].reshape(len(draws), -1) for rows in (positive, ~positive))
        statistic = mannwhitneyu(above, below, axis=1, method="asymptotic").statistic  # its p-value is not used
        yield statistic / (above.shape[1] * below.shape[1])
