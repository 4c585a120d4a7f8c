"""What models that are fitted to synthetic rows are worth on real ones."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from radsieve.stats.resampling import Estimate
from radsieve.tasks.rows.areas import area, area_difference
from radsieve.tasks.rows.folds import fit, probability
from radsieve.tasks.rows.models import NONE, columns_of, pipeline
from radsieve.tasks.rows.protocols import VISIT
from radsieve.tasks.synthesis.frames import Floats, Frame
from radsieve.tasks.synthesis.settings import SynthesisSettings
from radsieve.tasks.synthesis.tables import USE
from radsieve.tasks.tables import Model

REAL = "real"
_MODELS = (Model.LOGISTIC, Model.BOOSTING)
_TREES = 10  # of forests, which have no part here


def use(
    train: Frame, unseen: Frame, others: Mapping[str, Frame], columns: pd.DataFrame, settings: SynthesisSettings
) -> pd.DataFrame:
    """USE: the ROC-AUC on `unseen` real rows of models fitted to `train`, and to each of `others` in place of it.

    The difference is paired, and its interval holds for the models as they were fitted.
    """
    names, rows = columns_of(columns, VISIT), []
    once, truth, units = np.zeros(len(unseen.rows), dtype=np.int64), unseen.truth, unseen.units
    for model in _MODELS:
        scores = {name: _score(frame, unseen, columns, names, model, settings) for name, frame in others.items()}
        reference = _score(train, unseen, columns, names, model, settings)
        for name, score in {REAL: reference, **scores}.items():
            if score is None or reference is None:
                rows.append((name, str(model), *[np.nan] * 6))
                continue
            found = area(truth, score, once, units, settings.confidence)
            apart = Estimate(np.nan)
            if name != REAL:
                tested = area_difference(truth, score, reference, once, units, settings.confidence)
                apart = Estimate(tested.difference, tested.lower, tested.upper)
            rows.append(
                (name, str(model), found.value, found.lower, found.upper, apart.value, apart.lower, apart.upper)
            )
    return pd.DataFrame(rows, columns=list(USE.columns))


def _score(
    frame: Frame, unseen: Frame, columns: pd.DataFrame, names: list[str], model: Model, settings: SynthesisSettings
) -> Floats | None:
    """The probability of each unseen row; None where the rows to fit to have one outcome alone."""
    if len(np.unique(frame.truth)) < 2:
        return None
    fitted = fit(pipeline(columns, names, model, NONE, _TREES, settings.seed), frame.rows[names], frame.truth)
    return probability(fitted, unseen.rows[names])
