"""The models that predict an outcome from the columns of a row, each with the preparation that it needs.

Everything that is learnt from rows (medians, scales, levels, resampling) is a step of the model, so that it is fitted
within the fold.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from radsieve.tasks.tables import Model, modelled

NONE, WEIGHTS, SMOTED = "none", "weights", "smote"
_LEAF = 5  # rows in a leaf of a forest at least
_STEPS = 2000  # of logistic regression at most
_LEVELS = 50  # of a code that have a column of their own, at most: one for each of thousands would fill the memory
NEIGHBOURS = 5  # between which SMOTE puts new rows


def columns_of(columns: pd.DataFrame, known: Sequence[str]) -> list[str]:
    """The names of those of COLUMNS that are known at one of the times `known`, in their order, without lists and
    texts.
    """
    taken = modelled(columns)
    return taken.loc[taken["known"].isin(known), "column"].tolist()


def preparation(columns: pd.DataFrame, names: Sequence[str]) -> ColumnTransformer:
    """What makes numbers of the columns `names` of COLUMNS, none missing.

    A missing number becomes the median, with a column that says so; numbers have mean 0 and standard deviation 1. A
    code becomes a column for each of its levels, of which an empty code is one; of more than 50 levels the rarest share
    a column. `get_feature_names_out` names what is made of a column by that column (`numbers__Age`,
    `numbers__missingindicator_Age`, `codes__SEX`).
    """
    kind = dict(zip(columns["column"], columns["kind"], strict=True))
    numbers = [name for name in names if kind[name] == "number"]
    codes = [name for name in names if kind[name] == "code"]
    filled = SimpleImputer(strategy="median", add_indicator=True)
    steps: list[tuple[str, Any, list[str]]] = []
    if numbers:
        steps.append(("numbers", make_pipeline(filled, StandardScaler()), numbers))
    if codes:
        levels = OneHotEncoder(
            handle_unknown="infrequent_if_exist",
            max_categories=_LEVELS,
            sparse_output=False,
            feature_name_combiner=_of_column,
        )
        steps.append(("codes", levels, codes))
    return ColumnTransformer(steps, verbose_feature_names_out=True)


def _of_column(column: str, level: object) -> str:
    """The name of what is made of a level: that of its column, which no name of a level can be taken for."""
    return column


def classifier(model: Model | str, trees: int, seed: int, balanced: bool = False) -> Any:
    """An unfitted classifier of prepared rows; `balanced` weighs classes so that they count alike, where it can."""
    weights = "balanced" if balanced else None
    forest = {"n_estimators": trees, "min_samples_leaf": _LEAF, "class_weight": weights, "random_state": seed}
    makers: dict[str, Any] = {
        Model.MAJORITY: lambda: DummyClassifier(strategy="prior"),
        Model.BEST_COLUMN: lambda: make_pipeline(SelectKBest(k=1), LogisticRegression()),
        Model.LOGISTIC: lambda: LogisticRegression(max_iter=_STEPS, class_weight=weights),
        Model.FOREST: lambda: RandomForestClassifier(**forest),
        Model.EXTRA_TREES: lambda: ExtraTreesClassifier(**forest),
        Model.BOOSTING: lambda: HistGradientBoostingClassifier(
            class_weight=weights, early_stopping=False, random_state=seed
        ),
    }
    return makers[Model(model)]()


def pipeline(
    columns: pd.DataFrame, names: Sequence[str], model: Model | str, resampling: str, trees: int, seed: int
) -> Pipeline:
    """An unfitted model of packed rows, with its preparation, and SMOTE between both where `resampling` says so."""
    prepared = last_steps(model, resampling, trees, seed)
    return Pipeline([("prepare", preparation(columns, names)), *prepared.steps])


def last_steps(model: Model | str, resampling: str, trees: int, seed: int) -> Pipeline:
    """An unfitted model of prepared rows, with SMOTE (Chawla and others 2002, doi:10.1613/jair.953) before it where
    `resampling` says so.
    """
    smote = SMOTE(k_neighbors=NEIGHBOURS, random_state=seed)
    steps: list[tuple[str, Any]] = [("resample", smote)] if resampling == SMOTED else []
    return Pipeline([*steps, ("classify", classifier(model, trees, seed, balanced=resampling == WEIGHTS))])
