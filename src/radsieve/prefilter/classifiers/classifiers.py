"""Every model of the prefilter by its name, and their cross-validation on one group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import torch
from threadpoolctl import threadpool_limits

from radsieve.errors import InputError
from radsieve.prefilter.classifiers import logistic_variants, nearest, perceptrons, score_models, support_vectors, trees
from radsieve.prefilter.classifiers.joint_logistic import fit_groups
from radsieve.prefilter.classifiers.perceptrons import PerceptronSettings
from radsieve.prefilter.classifiers.split import Family, Flags, Floats, FoldData, Latents
from radsieve.prefilter.latents.latent_table import VALID, LatentTable
from radsieve.prefilter.settings import CompareClassifiers
from radsieve.prefilter.tables import CLASSIFIER_PREDICTIONS
from radsieve.progress import track
from radsieve.screening.tables import SCORES
from radsieve.settings import LatentSettings
from radsieve.stats.folds import folds as folds_of

POOLED, POOLED_SLOPES = "Pooled", "Pooled_slopes"  # one model for all groups
_C, _C_OWN = 0.1, 0.01  # inverse strengths of the penalties of the slope that groups share, and of a group's own

# The families in the order in which tables and figures show them. Published models have their published names.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "nearest neighbours": tuple(nearest.NEIGHBOURS),
    "support vectors": support_vectors.NAMES,
    "logistic regression": logistic_variants.PUBLISHED,
    "trees": trees.NAMES,
    "perceptrons": tuple(perceptrons.LAYERS),
    "beyond: logistic": logistic_variants.BEYOND,
    "beyond: boosting": (trees.BOOSTING,),
    "beyond: from scores": score_models.NAMES,
    "beyond: all groups": (POOLED, POOLED_SLOPES),
}
MODELS = tuple(name for names in FAMILIES.values() for name in names)
FAMILY_OF = {name: family for family, names in FAMILIES.items() for name in names}


def chosen_models(names: Sequence[str]) -> tuple[str, ...]:
    """Return those of MODELS that `names` names, in the order of MODELS; all of them for no names.

    Raises InputError for an unknown name.
    """
    if unknown := [name for name in names if name not in MODELS]:
        raise InputError(
            f"compare_classifiers.models: no model is called {', '.join(map(repr, unknown))}; "
            f"there are {', '.join(MODELS)}"
        )
    return tuple(name for name in MODELS if not names or name in names)


def needs_all_groups(models: Sequence[str]) -> bool:
    """Whether one of `models` learns from other groups too."""
    return any(name in models for name in (POOLED, POOLED_SLOPES))


def has_probability(model: str) -> bool:
    """Whether the scores of `model` are probabilities; else 0 is the threshold, as in scikit-learn."""
    return model not in support_vectors.NAMES


@dataclass(frozen=True)
class HeldOutScores:
    """Held-out scores of a group: a row for each model and row of the group (CLASSIFIER_PREDICTIONS), or why none."""

    predictions: pd.DataFrame
    reason: str


def cross_validate_targets(
    table: LatentTable,
    group: str,
    options: CompareClassifiers,
    latents: LatentSettings,
    device: torch.device,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the predictions of all `targets` (see `cross_validate`), and by target why there are none, or "".

    `options` and `latents` are the sections of these names; perceptrons are trained on `device`.
    """
    models = chosen_models(options.models)
    training = PerceptronSettings(options.mlp_steps, options.mlp_batch, options.mlp_learning_rate, device)
    scored = {
        target: cross_validate(table, group, target, models, latents.folds, latents.seed, training)
        for target in options.targets
    }
    learnt = [found.predictions for found in scored.values() if not found.reason]
    predictions = pd.concat(learnt) if learnt else _none_predicted()
    return predictions, {target: found.reason for target, found in scored.items()}


def cross_validate(
    table: LatentTable,
    group: str,
    target: str,
    models: Sequence[str],
    folds: int,
    seed: int,
    training: PerceptronSettings,
) -> HeldOutScores:
    """Score the rows of `group` by each of `models` fitted to the other folds.

    `table` has the group, and all others if a model needs them; `target` is `valid` or the name of a score. A target
    with a class of fewer rows than folds cannot be learnt: then the reason takes the place of predictions.
    """
    own = table.of(group)
    truth = own.target(target)
    try:
        fold_of_row = folds_of(truth, folds, seed)
    except InputError as error:
        return HeldOutScores(
            pd.DataFrame(columns=list(CLASSIFIER_PREDICTIONS.columns)), f"group {group}, {target}: {error}"
        )
    others = _other_groups(table, group, target, folds, seed) if needs_all_groups(models) else []
    scores = own.scores if target == VALID else own.scores[:, [SCORES.index(target)]]
    families = _families(training)
    found = {model: np.empty(len(own)) for model in models}
    work = [(fold, family) for fold in range(folds) for family in FAMILIES]
    for fold, family in track(work, f"{group}, {target}", unit="family"):
        names = tuple(name for name in FAMILIES[family] if name in models)
        if not names:
            continue
        known, held_out = fold_of_row != fold, fold_of_row == fold
        split = FoldData(own.latents[known], truth[known], scores[known], own.latents[held_out], seed)
        with threadpool_limits(1):  # so that the last digits do not depend on the number of threads
            evaluated = families[family](split, names) if family in families else _pooled(split, names, others, fold)
        for name, values in evaluated.items():
            found[name][held_out] = values
    rows = np.arange(len(own))
    parts = [
        pd.DataFrame(
            {"row": rows, "target": target, "model": model, "fold": fold_of_row + 1, "truth": truth, "score": score}
        )
        for model, score in found.items()
    ]
    return HeldOutScores(pd.concat(parts, ignore_index=True).astype({"score": "float32", "truth": "int64"}), "")


def _none_predicted() -> pd.DataFrame:
    return pd.DataFrame(columns=list(CLASSIFIER_PREDICTIONS.columns))


def _families(training: PerceptronSettings) -> dict[str, Family]:
    return {
        "nearest neighbours": nearest.nearest_scores,
        "support vectors": support_vectors.support_vector_scores,
        "logistic regression": logistic_variants.logistic_scores,
        "trees": trees.tree_scores,
        "perceptrons": partial(perceptrons.perceptron_scores, training=training),
        "beyond: logistic": logistic_variants.logistic_scores,
        "beyond: boosting": trees.tree_scores,
        "beyond: from scores": score_models.score_model_scores,
    }


@dataclass(frozen=True)
class _Group:
    """Another group: its latents, its target, and the fold of each row, -1 where it cannot be split into folds."""

    latents: Latents
    target: Flags
    fold: np.ndarray[tuple[int], np.dtype[np.int64]]


def _other_groups(table: LatentTable, group: str, target: str, folds: int, seed: int) -> list[_Group]:
    found = []
    for name in table.groups:
        if name == group:
            continue
        rows = table.of(name)
        truth = rows.target(target)
        try:
            fold = folds_of(truth, folds, seed)
        except InputError:
            fold = np.full(len(truth), -1)
        found.append(_Group(rows.latents, truth, fold))
    return found


def _pooled(split: FoldData, names: tuple[str, ...], others: Sequence[_Group], fold: int) -> dict[str, Floats]:
    """Scores (m,) by models of all groups, fitted to the same folds of each."""
    rows = [(split.latents, split.target)]
    rows += [(other.latents[other.fold != fold], other.target[other.fold != fold]) for other in others]
    own = {POOLED: None, POOLED_SLOPES: _C_OWN}
    return {name: fit_groups(rows, _C, own[name])[0].probability(split.held_out) for name in names}
