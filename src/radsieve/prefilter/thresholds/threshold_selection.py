"""Choose thresholds for the groups of a table of latents, evaluate them on other rows, and store sieves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from radsieve.generators.distributions import LatentDistribution
from radsieve.prefilter.classifiers.logistic import LogisticModel, fit_logistic
from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.settings import SelectThresholds
from radsieve.prefilter.sieve.sieve import Sieve
from radsieve.prefilter.thresholds.acceptance import SAMPLED, Acceptance
from radsieve.prefilter.thresholds.composite import compare_composite
from radsieve.prefilter.thresholds.confusion_measures import Accepted, acceptance_measures, confusion_counts, evaluated
from radsieve.prefilter.thresholds.nested_selection import Floats, NestedSettings, outer_scores
from radsieve.prefilter.thresholds.sieve_fitting import Fitted, Validated, cross_validate, fitted_sieve
from radsieve.prefilter.thresholds.tables import Evaluation
from radsieve.prefilter.thresholds.threshold_rules import ACCEPT_ALL, RULES, Choice, operating_points
from radsieve.progress import working
from radsieve.settings import LatentSettings
from radsieve.stats import diversity
from radsieve.tables.images import Split

_DECIDING = ("accepted_share", "precision", "base_rate", "saving", "seconds_per_good")  # measures that readers need
_CURVE_POINTS = 200  # of a group
_MIN_ON_CURVE = 20  # rows accepted: precision of fewer is noise


@dataclass(frozen=True)
class Selection:
    """The tables of `radsieve.prefilter.thresholds.tables` for one group, by the names of their files, and its
    sieve."""

    tables: dict[str, pd.DataFrame]
    sieve: Sieve


@working("choosing model and threshold")
def select(table: LatentTable, options: SelectThresholds, latents: LatentSettings) -> Selection:
    """Choose and evaluate the thresholds of the one group of `table` by every rule, and fit its sieve.

    `options` and `latents` are those sections of params.yaml. A group on which no model can be cross-validated gets a
    sieve that accepts everything, and tables that say why.
    """
    with threadpool_limits(1):  # so that the last digits do not depend on the number of threads
        return _select(table, options, NestedSettings.of(options, latents))


def _select(table: LatentTable, options: SelectThresholds, settings: NestedSettings) -> Selection:
    validated = cross_validate(table, settings, RULES)
    nested = _nested(table.valid, validated, settings)
    diverse = _diversity(table, validated.accepted, options.subsets, settings)
    pooled = nested[nested["fold"] == "pooled"].set_index("rule")
    fitted = fitted_sieve(table, settings, options.rule)
    decided = _decisions(pooled, diverse, _thresholds(validated, fitted.sieve.model, settings.distribution))
    found = {
        "nested": nested,
        "diversity": diverse,
        "decisions": pd.concat([decided, _stored(table, fitted, options.subsets, settings)], ignore_index=True),
        "rules": pd.DataFrame(),
        "composite": pd.DataFrame(),
        "curves": pd.DataFrame(),
    }
    if not validated.reason:
        found["rules"] = _published_split(table, options, settings)
        found["composite"] = compare_composite(table, validated.folds, settings)
        found["curves"] = _curves(table.valid, outer_scores(validated.folds), settings)
    return Selection({name: rows.assign(group=table.groups[0]) for name, rows in found.items()}, fitted.sieve)


def published_splits(rows: int, test_rows: int, validation_share: float, seed: int) -> dict[str, npt.NDArray[np.int64]]:
    """Split row numbers at random as published: `test` (fewer if that left less than half), `validation`, `train`."""
    order = np.random.default_rng(seed).permutation(rows)
    test = min(test_rows, rows // 2)
    validation = test + round(validation_share * (rows - test))
    return {Split.TEST: order[:test], Split.VALIDATION: order[test:validation], Split.TRAIN: order[validation:]}


def _published_split(table: LatentTable, options: SelectThresholds, settings: NestedSettings) -> pd.DataFrame:
    """Thresholds chosen on the validation set of the published split, evaluated there and on the test set."""
    valid = table.valid
    splits = published_splits(len(valid), options.test_rows, options.validation_share, settings.seed)
    train, validation = splits[Split.TRAIN], splits[Split.VALIDATION]
    model = fit_logistic(settings.model, table.latents[train], valid[train])
    scores = {split: model.probability(table.latents[splits[split]]) for split in (Split.VALIDATION, Split.TEST)}
    points = operating_points(valid[validation], scores[Split.VALIDATION], table.latents[validation])
    rows = []
    for rule in RULES:
        choice = settings.choose(rule, points)
        for split, found in scores.items():
            counts = confusion_counts(valid[splits[split]], found >= choice.threshold)
            by = {"rule": rule, "split": split, "threshold": choice.threshold, "reason": choice.reason}
            rows.append(by | evaluated(counts, settings.evaluation))
    return pd.DataFrame(rows)


def _nested(valid: npt.NDArray[np.integer], validated: Validated, settings: NestedSettings) -> pd.DataFrame:
    """Results of each rule on the rows of each outer fold, and on all of them (`pooled`)."""
    rows = []
    for rule, kept in validated.accepted.items():
        choices = validated.choices[rule]
        for number, (fold, choice) in enumerate(zip(validated.folds, choices, strict=True), 1):
            counts = confusion_counts(valid[fold.evaluated_on], kept[fold.evaluated_on])
            by = {"rule": rule, "fold": str(number), "threshold": choice.threshold, "reason": choice.reason}
            rows.append(by | evaluated(counts, settings.evaluation))
        reason = _reason([*choices, validated.final[rule]])
        by = {"rule": rule, "fold": "pooled", "threshold": np.nan, "reason": reason}
        rows.append(by | evaluated(confusion_counts(valid, kept), settings.evaluation))
    return pd.DataFrame(rows)


def _reason(choices: list[Choice]) -> str:
    """Why everything is accepted, and in which fold if not in all; the last of `choices` is that of all rows."""
    names = [*(f"fold {number}" for number in range(1, len(choices))), "all rows"]
    found = [(name, choice.reason) for name, choice in zip(names, choices, strict=True) if choice.reason]
    if len(found) == len(choices) and len({reason for _, reason in found}) == 1:
        return found[0][1]
    return "; ".join(f"{name}: {reason}" for name, reason in found)


def _diversity(
    table: LatentTable, accepted: Mapping[str, Accepted], subsets: int, settings: NestedSettings
) -> pd.DataFrame:
    """How diverse the good latents are that each rule keeps, against as many good ones picked at random."""
    good = table.valid == 1
    evaluation = settings.evaluation
    return pd.concat(
        [
            diversity.against_chance(
                table.latents[good], kept[good], subsets, evaluation.confidence, evaluation.seed
            ).assign(rule=rule, good=int(good.sum()), kept=int(kept[good].sum()))
            for rule, kept in accepted.items()
        ],
        ignore_index=True,
    )


def _thresholds(validated: Validated, model: LogisticModel, distribution: LatentDistribution) -> dict[str, float]:
    """By rule, the threshold from which `model`, fitted to all rows, accepts as large a share as was chosen."""
    if validated.reason:
        return dict.fromkeys(validated.final, ACCEPT_ALL)
    scores, acceptance = outer_scores(validated.folds), Acceptance.of(model, SAMPLED, distribution)
    return {
        rule: ACCEPT_ALL if choice.reason else acceptance.threshold(float((scores >= choice.threshold).mean()))
        for rule, choice in validated.final.items()
    }


def _decisions(pooled: pd.DataFrame, diverse: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """One row per rule: the figures to decide by, from rows on which the threshold was not chosen."""
    return pd.DataFrame(
        {"rule": rule, "estimate": Evaluation.NESTED, "stored": 0, "threshold": threshold}
        | _deciding(pooled.loc[rule].to_dict(), diverse[diverse["rule"] == rule])
        | {"reason": pooled.loc[rule, "reason"]}
        for rule, threshold in thresholds.items()
    )


def _stored(table: LatentTable, fitted: Fitted, subsets: int, settings: NestedSettings) -> pd.DataFrame:
    """The row of the stored sieve: the figures of its card, and the diversity of what they are of, mean of the
    repetitions."""
    card = fitted.sieve.card
    repetitions = {str(number): kept for number, kept in enumerate(fitted.accepted)}
    diverse = _diversity(table, repetitions, subsets, settings)
    known = {"rule": card["rule"], "estimate": Evaluation.CARD, "stored": 1, "threshold": card["threshold"]}
    return pd.DataFrame([known | _deciding(fitted.expected, diverse) | {"reason": card["reason"] or ""}])


def _deciding(found: Mapping[Any, Any], diverse: pd.DataFrame) -> dict[str, Any]:
    """The figures to decide by, of a row of `evaluated` and rows of DIVERSITY, of which the mean counts."""
    measured = diverse.groupby("measure")[["value", "chance"]].mean()
    spread, coverage = (measured.loc[name] for name in ("mean_distance", "coverage"))
    return {
        "good_images_lost": 1 - found["tpr"],
        "spread_kept": spread["value"] / spread["chance"],
        "coverage": coverage["value"],
        "coverage_by_chance": coverage["chance"],
        **{name: found[name] for name in found if str(name).startswith(_DECIDING)},
    }


def _curves(valid: npt.NDArray[np.integer], scores: Floats, settings: NestedSettings) -> pd.DataFrame:
    """Results of thresholds from the strictest to the most lenient on held-out rows, at most 200 of them."""
    points = operating_points(valid, scores, np.empty((len(valid), 0), dtype=np.float32))
    accepted = points.tp + points.fp
    wanted = np.geomspace(min(_MIN_ON_CURVE, len(valid)), len(valid), _CURVE_POINTS)
    places = np.unique(np.searchsorted(accepted, wanted.round().astype(int)))
    tp, fp = points.tp[places], points.fp[places]
    counts = np.stack([points.bad - fp, fp, points.good - tp, tp], axis=1)
    return pd.DataFrame(
        {"threshold": points.thresholds[places], **acceptance_measures(counts, settings.evaluation.costs)}
    )


def selection_metrics(cards: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The main figures of each group's card, and the groups whose sieve accepts everything, with the reason."""
    return {
        "groups": {
            group: {"valid_rate": card["data"]["valid_rate"], "threshold": card["threshold"]}
            | {
                name: card["expected"][name]["value"]
                for name in ("roc_auc", "acceptance_rate", "tpr", "precision", "saving")
            }
            for group, card in cards.items()
        },
        "without_sieve": {group: card["reason"] for group, card in cards.items() if card["reason"]},
    }
