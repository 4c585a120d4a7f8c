"""Which columns move the predictions of a model of trees on rows that it has not seen: SHAP values, beside permutation.

SHAP values of trees are exact (Lundberg and others 2020, doi:10.1038/s42256-019-0138-9). Neither method tells what
causes the outcome: columns that go together share or hide their importance.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata, spearmanr
from sklearn.metrics import roc_auc_score

from radsieve.stats import resampling
from radsieve.tasks.rows.folds import FoldedRows, fit, probability
from radsieve.tasks.rows.models import NONE, columns_of, pipeline
from radsieve.tasks.rows.protocols import VISIT
from radsieve.tasks.rows.settings import RowsSettings
from radsieve.tasks.tables import EXPLANATIONS, Model

Floats = npt.NDArray[np.float64]

TREES = (Model.BOOSTING, Model.FOREST, Model.EXTRA_TREES)
_SHUFFLES = 3
_ROWS = (
    20_000  # that are predicted at once: each call prepares columns anew, which takes longer than a few hundred rows
)


@dataclass(frozen=True)
class Explained:
    """EXPLANATIONS, the rank correlation of SHAP and permutation, and that of SHAP between two folds."""

    table: pd.DataFrame
    agreement: float
    between_folds: float

    def metrics(self) -> dict[str, float | None]:
        """Both rank correlations; None where not defined."""
        found = {"shap_permutation_rank_correlation": self.agreement, "shap_fold_rank_correlation": self.between_folds}
        return {name: None if np.isnan(value) else round(value, 6) for name, value in found.items()}


def explain(data: FoldedRows, columns: pd.DataFrame, settings: RowsSettings, model: Model) -> Explained:
    """Explain the `model`, one of `TREES`, that was fitted to all folds but the first on rows of the first; another by
    the second.

    At most `settings.explained_rows` rows of a fold are explained, taken at random: a table may be in the order of its
    outcome. The bootstrap draws units.
    """
    names = columns_of(columns, VISIT)
    first, second = (_Fitted.of(data, columns, names, settings, model, number) for number in (0, 1))
    values = first.shap()
    importance = resampling.means(values, first.units, settings.resamples, settings.confidence, settings.seed)
    shap = np.array([estimate.value for estimate in importance])
    drop = first.permutation(settings.seed)
    table = pd.DataFrame(
        {
            "model": str(model),
            "column": names,
            "shap": shap,
            "shap_lower": [estimate.lower for estimate in importance],
            "shap_upper": [estimate.upper for estimate in importance],
            "shap_rank": _rank(shap),
            "permutation": drop,
            "permutation_rank": _rank(drop),
        }
    )[list(EXPLANATIONS.columns)].sort_values("shap_rank", kind="stable", ignore_index=True)
    return Explained(table, _correlation(shap, drop), _correlation(shap, second.shap().mean(axis=0)))


@dataclass(frozen=True)
class _Fitted:
    """A fitted pipeline, its columns, and the rows of the fold that it has not seen."""

    model: Any
    names: list[str]
    features: pd.DataFrame
    truth: npt.NDArray[np.int64]
    units: npt.NDArray[np.int64]

    @classmethod
    def of(
        cls,
        data: FoldedRows,
        columns: pd.DataFrame,
        names: list[str],
        settings: RowsSettings,
        kind: Model,
        fold: int,
    ) -> "_Fitted":
        """Fit to all folds but one; keep some rows of that one."""
        held_out = data.fold == fold
        model = pipeline(columns, names, kind, NONE, settings.trees, settings.seed)
        fitted = fit(model, data.rows.loc[~held_out, names], data.truth[~held_out])
        order = np.random.default_rng([settings.seed, fold]).permutation(np.flatnonzero(held_out))
        unseen = np.sort(order[: settings.explained_rows])
        return cls(fitted, names, data.rows[names].iloc[unseen], data.truth[unseen], data.units[unseen])

    def shap(self) -> Floats:
        """The absolute SHAP value, in log-odds of boosting or probability of a forest, of each column (rows, columns):
        the sum over the columns made of it.
        """
        import shap  # seconds of import that nothing else of the stage needs

        prepare = self.model.named_steps["prepare"]
        prepared = np.asarray(prepare.transform(self.features), dtype=float)
        values = np.asarray(shap.TreeExplainer(self.model.named_steps["classify"]).shap_values(prepared))
        values = values[..., 1] if values.ndim == 3 else values  # a forest has them for each outcome
        origins = [name.partition("__")[2] for name in prepare.get_feature_names_out()]
        origins = [one if one in self.names else one.removeprefix("missingindicator_") for one in origins]
        sums = [values[:, [one == name for one in origins]].sum(axis=1) for name in self.names]
        return np.asarray(np.abs(np.column_stack(sums)))

    def permutation(self, seed: int) -> Floats:
        """By how much the ROC-AUC falls, on average over some shuffles, if a column is shuffled (columns,)."""
        random = np.random.default_rng(seed)
        whole = self._area(probability(self.model, self.features))
        drops: list[float] = []
        at_once = max(_ROWS // (_SHUFFLES * len(self.features)), 1)
        for start in range(0, len(self.names), at_once):
            some = self.names[start : start + at_once]
            shuffled = [
                self.features.assign(**{name: random.permutation(self.features[name].to_numpy())})
                for name in some
                for _ in range(_SHUFFLES)
            ]
            scores = probability(self.model, pd.concat(shuffled, ignore_index=True))
            areas = [self._area(score) for score in scores.reshape(len(shuffled), -1)]
            drops += [whole - float(of.mean()) for of in np.array(areas).reshape(len(some), _SHUFFLES)]
        return np.array(drops)

    def _area(self, score: Floats) -> float:
        if len(np.unique(self.truth)) < 2:
            return float("nan")
        return float(roc_auc_score(self.truth, score))


def _rank(values: Floats) -> npt.NDArray[np.int64]:
    """Ranks from 1 for the greatest; ties in the order of the columns."""
    return np.asarray(rankdata(-np.nan_to_num(values), method="ordinal"), dtype=np.int64)


def _correlation(first: Floats, second: Floats) -> float:
    if len(first) < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(spearmanr(first, second).statistic)
