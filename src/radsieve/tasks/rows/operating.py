"""What models say at thresholds that were chosen without the rows that they are evaluated on, and on rows that do not
repeat others.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.stats.resampling import clustered_share
from radsieve.tasks.rows import areas
from radsieve.tasks.rows.folds import FoldedRows
from radsieve.tasks.rows.subgroups import area_within
from radsieve.tasks.tables import OPERATING, SEEN_ROWS, Model, SeenRows

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def at_thresholds(
    data: FoldedRows, scores: Mapping[Model, Floats], thresholds: Mapping[Model, Floats], confidence: float
) -> pd.DataFrame:
    """OPERATING of the out-of-fold probabilities `scores` (n,) of each model at its `thresholds` (folds,), one for the
    rows of each fold. The majority, which gives all rows one probability, has none.

    Sensitivity and specificity have Wilson's interval, clustered by unit; that of balanced accuracy is put together
    from both.
    """
    truth, units, rows = data.truth, data.units, []
    for model, score in scores.items():
        if model is Model.MAJORITY:
            continue
        limits = thresholds[model]
        called = score >= limits[data.fold]
        right = called == (truth == 1)
        shares = (clustered_share(right[truth == label], units[truth == label], confidence) for label in (1, 0))
        estimates = [*shares, areas.balanced_accuracy(truth, called, units, confidence)]
        counts = [int((called & (truth == 1)).sum()), int((~called & (truth == 1)).sum())]
        counts += [int((~called & (truth == 0)).sum()), int((called & (truth == 0)).sum())]
        bounds = [value for one in estimates for value in (one.value, one.lower, one.upper)]
        rows.append((str(model), float(limits.min()), float(limits.max()), *counts, *bounds))
    return pd.DataFrame(rows, columns=list(OPERATING.columns))


def repeated(data: FoldedRows, names: Sequence[str]) -> Flags:
    """Whether the values of each row (n,) in the columns `names` occur in another fold, too: a model has seen them."""
    features = data.rows.groupby(list(names), dropna=False, sort=False).ngroup().to_numpy()
    folds = pd.DataFrame({"values": features, "fold": data.fold}).groupby("values")["fold"].nunique()
    return np.asarray(folds.to_numpy()[features] > 1)


def by_repetition(
    data: FoldedRows, names: Sequence[str], scores: Mapping[Model, Floats], confidence: float
) -> pd.DataFrame:
    """SEEN_ROWS: the ROC-AUC of the probabilities `scores` (n,) of each model, of the columns `names`, on all rows, on
    those whose values no row of another fold has, and on the others.

    See `area_within`, also for where there are too few.
    """
    again = repeated(data, names)
    rows = []
    for model, score in scores.items():
        for which, of in ((SeenRows.ALL, np.ones_like(again)), (SeenRows.NEW, ~again), (SeenRows.REPEATED, again)):
            found = area_within(data, score, of, confidence)
            counts = int(of.sum()), int(data.truth[of].sum())
            rows.append((str(model), str(which), *counts, found.value, found.lower, found.upper))
    return pd.DataFrame(rows, columns=list(SEEN_ROWS.columns))
