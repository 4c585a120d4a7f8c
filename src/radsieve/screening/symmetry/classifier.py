"""Tell good images from bad ones by their symmetry, evaluated by nested cross-validation of groups (Sinyavsky, term
paper, part 1).

The settings of a model are chosen within the training set of each fold, and everything that is fitted, including the
scaler and the choice of the best feature, is fitted there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from radsieve.errors import InputError
from radsieve.progress import track
from radsieve.screening.settings import TrainSymmetry
from radsieve.screening.tables import FEATURES

Splits = list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]

LOGISTIC, TREE = "logistic_regression", "decision_tree"
ALWAYS, SINGLE = "always_accept", "best_single_feature"
SAVED = (LOGISTIC, TREE)  # the others are reference rows
_NO_PENALTY = 1e6  # a single slope needs none


@dataclass(frozen=True)
class CrossValidated:
    """The result of cross-validation: `predictions` has the columns model, image, group, fold, label, probability,
    accepted; `settings` those chosen for each model and fold, None where there is nothing to choose.
    """

    predictions: pd.DataFrame
    settings: dict[str, list[dict[str, Any]] | None]


def cross_validate_models(images: pd.DataFrame, options: TrainSymmetry) -> CrossValidated:
    """Evaluate every model on images of groups that it has not seen.

    `images` has the columns image, group, label and FEATURES; `options` is section train_symmetry of params.yaml.

    Raises InputError if there is one class only, or fewer groups than folds.
    """
    features, labels, groups = _arrays(images)
    outer = _splits(labels, groups, options.folds, options.seed, "folds")
    inner = [
        _splits(labels[train], groups[train], options.inner_folds, options.seed, "inner_folds") for train, _ in outer
    ]
    models = _models(options)
    settings: dict[str, list[dict[str, Any]] | None] = {name: [] for name in models}
    predictions = []
    work = [(name, fold) for name in models for fold in range(len(outer))]
    for name, fold in track(work, "cross-validating", unit="fit"):
        train, held_out = outer[fold]
        with threadpool_limits(1):  # threads that wait for each other cost more than they gain on so few images
            model = models[name](inner[fold]).fit(features[train], labels[train])
            probability = model.predict_proba(features[held_out])[:, 1]
        chosen = getattr(model, "best_params_", None)
        settings[name] = None if chosen is None else [*(settings[name] or []), chosen]
        predictions.append(
            images.iloc[held_out][["image", "group", "label"]].assign(
                model=name, fold=fold + 1, probability=probability, row=held_out
            )
        )
    table = pd.concat(predictions, ignore_index=True)
    table["accepted"] = (table["probability"] >= options.accept_at).astype(int)
    order = {name: place for place, name in enumerate(models)}
    table = table.sort_values(["model", "row"], key=lambda part: part.map(order) if part.name == "model" else part)
    return CrossValidated(table.drop(columns="row").reset_index(drop=True), settings)


def refit(images: pd.DataFrame, name: str, options: TrainSymmetry) -> tuple[Any, dict[str, Any]]:
    """Fit the model `name` (one of SAVED) on all images; return it with its settings, chosen by cross-validation.

    Raises InputError as `cross_validate_models`.
    """
    features, labels, groups = _arrays(images)
    splits = _splits(labels, groups, options.folds, options.seed, "folds")
    search = _models(options)[name](splits).fit(features, labels)
    return search.best_estimator_, search.best_params_


def negative_brier(model: Any, features: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]) -> float:
    """Minus the mean squared error of the probability of being good, by which settings are chosen."""
    return -float(np.mean((model.predict_proba(features)[:, 1] - labels) ** 2))


def separation(features: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """How well each feature (n, k) alone predicts the labels (n,): distance of its ROC-AUC from chance (k,)."""
    return np.array([abs(roc_auc_score(labels, column) - 0.5) for column in features.T])


def _models(options: TrainSymmetry) -> dict[str, Callable[[Splits], Any]]:
    """A function of the inner splits that makes each unfitted model."""
    seed = options.seed

    def search(model: Pipeline, grid: Mapping[str, Any]) -> Callable[[Splits], Any]:
        return lambda splits: GridSearchCV(model, grid, scoring=negative_brier, cv=splits, error_score="raise")

    logistic = Pipeline([("scaler", StandardScaler()), ("model", LogisticRegression(max_iter=1000))])
    tree = Pipeline([("model", DecisionTreeClassifier(random_state=seed))])
    ranks = QuantileTransformer(n_quantiles=20, output_distribution="normal")  # one skewed feature by itself
    boosting = HistGradientBoostingClassifier(
        max_iter=100, max_leaf_nodes=8, learning_rate=0.05, early_stopping=False, random_state=seed
    )
    return {
        ALWAYS: lambda _: DummyClassifier(strategy="constant", constant=1),
        SINGLE: lambda _: make_pipeline(SelectKBest(separation, k=1), ranks, LogisticRegression(C=_NO_PENALTY)),
        LOGISTIC: search(logistic, {"model__C": options.logistic_c}),
        TREE: search(
            tree, {"model__max_depth": options.tree_depth, "model__min_samples_leaf": options.tree_leaf_images}
        ),
        "gradient_boosting": lambda _: boosting,
    }


def _splits(labels: npt.NDArray[np.int64], groups: npt.NDArray[np.int64], folds: int, seed: int, key: str) -> Splits:
    """Split into `folds` folds; a group lies in one of them, and each has about the same share of good images."""
    where = f"train_symmetry.{key} = {folds}"
    if len(np.unique(labels)) < 2:
        only = ("bad", "good")[int(labels[0])] if len(labels) else "none"
        raise InputError(f"{where}: images of both classes are needed, but these {len(labels)} are all {only}")
    if (count := len(np.unique(groups))) < folds:
        raise InputError(f"{where}: more folds than the {count} groups; take fewer folds, or another grouped_by")
    folding = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    splits = list(folding.split(np.zeros((len(labels), 1)), labels, groups))
    if any(len(held_out) == 0 or len(np.unique(labels[train])) < 2 for train, held_out in splits):
        raise InputError(f"{where}: a fold would be empty or leave one class only to learn from; take fewer folds")
    return splits


def _arrays(
    images: pd.DataFrame,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    groups = pd.factorize(images["group"])[0].astype(np.int64)
    return images[list(FEATURES)].to_numpy(float), images["label"].to_numpy(np.int64), groups
