"""The models ranked over all groups, and compared with a reference model by paired tests (stage rank_classifiers)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa

from radsieve.errors import InputError
from radsieve.prefilter.tables import CLASSIFIER_PAIRED, CLASSIFIER_SUMMARY, Verdict
from radsieve.progress import working
from radsieve.stats.binary_metrics import newcombe_area
from radsieve.stats.paired_tests import Areas, Tested, areas, corrected_t, holm, mean_areas, normal_test
from radsieve.stats.resampling import wilson

METRICS = ("precision", "recall", "accuracy", "roc_auc", "pr_auc", "brier")
ALL = "all groups"
_NO_WIDTH = 1e-9  # of an interval: nothing but rounding


@dataclass(frozen=True)
class Compared:
    """The results of the models of one target in every group in which it could be learnt.

    models: their names; folds: CLASSIFIER_FOLDS by group; areas: the mean areas of each group's folds.
    """

    target: str
    models: tuple[str, ...]
    folds: Mapping[str, pd.DataFrame]
    areas: Mapping[str, Areas]

    def values(self, group: str, metric: str) -> npt.NDArray[np.float64]:
        """The metric (models, folds) in `group`, or (models, groups, folds) in all."""
        if group == ALL:
            return np.stack([self.values(name, metric) for name in self.folds], axis=1)
        table = self.folds[group].pivot_table(index="model", columns="fold", values=metric, dropna=False, sort=False)
        return table.reindex(self.models).to_numpy(float)

    def mean_areas(self, group: str) -> Areas:
        """The mean areas of `group`, or of all."""
        return mean_areas(list(self.areas.values())) if group == ALL else self.areas[group]

    @property
    def groups(self) -> list[str]:
        """The groups, and all of them if there are several."""
        return [*self.folds, *([ALL] if len(self.folds) > 1 else [])]


def compared(target: str, folds: Mapping[str, pd.DataFrame], predictions: Mapping[str, pd.DataFrame]) -> Compared:
    """Gather what stage compare_classifiers wrote for `target`: CLASSIFIER_FOLDS and _PREDICTIONS by group.

    Groups in which it could not be learnt have no rows and are left out. Raises InputError if groups have other models.
    """
    of_target = {group: table[table["target"] == target] for group, table in folds.items()}
    learnt = {group: table for group, table in of_target.items() if len(table)}
    models = {group: tuple(dict.fromkeys(table["model"])) for group, table in learnt.items()}
    if len(set(models.values())) > 1:
        raise InputError(f"compare_classifiers: {target} has other models in some groups; run it again for all groups")
    names = next(iter(models.values()), ())
    found = {}
    for group in learnt:
        rows = predictions[group][predictions[group]["target"] == target]
        parts = []
        for _, fold in rows.groupby("fold"):
            scores = fold.pivot_table(index="row", columns="model", values="score", sort=False)[list(names)]
            truth = fold.drop_duplicates("row").set_index("row")["truth"].reindex(scores.index)
            parts.append(areas(truth.to_numpy(), scores.to_numpy(float)))
        found[group] = mean_areas(parts)
    return Compared(target, names, learnt, found)


@working("summarizing the models")
def summarize(targets: Sequence[Compared], confidence: float) -> pd.DataFrame:
    """Each metric of each model by target and group: CLASSIFIER_SUMMARY.

    `mean` is over the folds where the metric is defined; `spread` the standard deviation over folds. The interval is
    DeLong's for roc_auc (other rows, the same models), else that of the corrected t-test (other training rows too).
    Where all folds have the same value, as of a model that predicts one class, these have no width: it is then
    Newcombe's of an area, Wilson's of a share of so many rows, and none of what is neither.
    """
    return _joined([_summary(found, confidence) for found in targets], CLASSIFIER_SUMMARY)


def _summary(found: Compared, confidence: float) -> pd.DataFrame:
    rows = []
    tables = found.folds.values()
    family_of = {model: family for table in tables for model, family in table[["model", "family"]].to_numpy()}
    for group in found.groups:
        of_areas = found.mean_areas(group)
        for metric in METRICS:
            values = found.values(group, metric)
            for place, model in enumerate(found.models):
                own = np.atleast_2d(values[place])
                tested = corrected_t(own, confidence)
                if metric == "roc_auc":
                    variance = float(of_areas.covariance[place, place])
                    tested = normal_test(float(of_areas.means[place]), variance, confidence)
                with np.errstate(invalid="ignore"):
                    bounds = tuple(np.clip([tested.lower, tested.upper], 0, 1).tolist())
                if tested.upper - tested.lower < _NO_WIDTH:
                    bounds = _without_spread(found, group, place, metric, confidence)
                row = {"target": found.target, "group": group, "model": model, "family": family_of[model]}
                row |= {"metric": metric, "mean": _mean(own), "spread": _spread(own)}
                rows.append(row | {"lower": bounds[0], "upper": bounds[1]})
    return pd.DataFrame(rows, columns=list(CLASSIFIER_SUMMARY.columns))


def _without_spread(found: Compared, group: str, place: int, metric: str, confidence: float) -> tuple[float, float]:
    """Bounds of a metric that all folds have alike; the rows that the model accepts follow from recall and accuracy."""
    names = ("rows", "good", "recall", "accuracy", metric)
    rows, good, recall, accuracy, value = (np.atleast_2d(found.values(group, name)[place]) for name in names)
    total, goods = round(rows.sum()), round(good.sum())
    if metric == "roc_auc":
        return newcombe_area(_mean(value), goods, total - goods, confidence)
    hits, right = round((recall * good).sum()), round((accuracy * rows).sum())
    among = {"recall": goods, "accuracy": total, "precision": total - goods - right + 2 * hits}
    if metric not in among:
        return np.nan, np.nan
    return wilson(round(_mean(value) * among[metric]), among[metric], confidence)


@working("paired tests of the models")
def pair_tests(targets: Sequence[Compared], reference: str, confidence: float) -> pd.DataFrame:
    """Compare the ROC-AUC of every model with that of `reference`: CLASSIFIER_PAIRED.

    Two tests, each adjusted by Holm over the models: DeLong's, of whether other rows would show the same of these
    fitted models, and the corrected t-test, of whether other training rows would as well. `verdict` is better or worse
    if both say so.

    Raises InputError if `reference` is not among the models.
    """
    for found in targets:
        if found.models and reference not in found.models:
            names = ", ".join(found.models)
            raise InputError(f"rank_classifiers.reference: {reference!r} was not compared; there are {names}")
    return _joined([_paired(found, reference, confidence) for found in targets], CLASSIFIER_PAIRED)


def _paired(found: Compared, reference: str, confidence: float) -> pd.DataFrame:
    tables = []
    for group in found.groups:
        of_areas, values = found.mean_areas(group), found.values(group, "roc_auc")
        base = found.models.index(reference)
        rows = []
        for place, model in enumerate(found.models):
            if model == reference:
                continue
            contrast = np.zeros(len(found.models))
            contrast[[place, base]] = 1, -1
            difference = float(of_areas.means @ contrast)
            tested = normal_test(difference, float(contrast @ of_areas.covariance @ contrast), confidence)
            trained = corrected_t(np.atleast_2d(values[place] - values[base]), confidence)
            row = {"target": found.target, "group": group, "model": model, "difference": difference}
            rows.append(row | _columns("delong", tested) | _columns("corrected_t", trained))
        table = pd.DataFrame(rows, columns=[name for name in CLASSIFIER_PAIRED.columns if not name.endswith("holm")])
        for test in ("delong", "corrected_t"):
            table[f"{test}_holm"] = holm(table[f"{test}_p"])
        sure = (table[["delong_holm", "corrected_t_holm"]] < 1 - confidence).all(axis=1)
        sign = np.where(table["difference"] > 0, Verdict.BETTER, Verdict.WORSE)
        tables.append(table.assign(verdict=np.where(sure, sign, Verdict.UNDECIDED)))
    return _joined(tables, CLASSIFIER_PAIRED)


def ranking_metrics(summary: pd.DataFrame, paired: pd.DataFrame, reference: str) -> dict[str, Any]:
    """For each target the reference's mean ROC-AUC, the best model's, and which models beat the reference."""
    content: dict[str, Any] = {}
    areas_of = summary[summary["metric"] == "roc_auc"]
    for target, table in areas_of.groupby("target", sort=False):
        last = table[table["group"] == table["group"].iloc[-1]].set_index("model")["mean"]
        pairs = paired[(paired["target"] == target) & (paired["group"] == table["group"].iloc[-1])]
        content[str(target)] = {
            "groups": [name for name in dict.fromkeys(table["group"]) if name != ALL],
            "reference": reference,
            "reference_roc_auc": float(last[reference]),
            "best": str(last.idxmax()),
            "best_roc_auc": float(last.max()),
            "better_than_reference": pairs.loc[pairs["verdict"] == Verdict.BETTER, "model"].tolist(),
            "worse_than_reference": int((pairs["verdict"] == Verdict.WORSE).sum()),
        }
    return content


def _joined(tables: Sequence[pd.DataFrame], schema: pa.DataFrameSchema) -> pd.DataFrame:
    columns = list(schema.columns)
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True)[columns] if filled else pd.DataFrame(columns=columns)


def _mean(values: npt.NDArray[np.float64]) -> float:
    """The mean over groups of the mean over folds, of those that are defined."""
    return float(pd.DataFrame(values).mean(axis=1).mean())


def _spread(values: npt.NDArray[np.float64]) -> float:
    return float(np.sqrt(pd.DataFrame(values).var(axis=1).mean()))


def _columns(test: str, tested: Tested) -> dict[str, float]:
    """A difference without any spread, as of two models that rank nothing, has no interval."""
    spread = tested.upper - tested.lower >= _NO_WIDTH
    lower, upper = (tested.lower, tested.upper) if spread else (np.nan, np.nan)
    return {f"{test}_lower": lower, f"{test}_upper": upper, f"{test}_p": tested.p_value}


def targets_of(folds: Sequence[pd.DataFrame]) -> list[str]:
    """The targets of CLASSIFIER_FOLDS of all groups, in order of appearance."""
    return list(dict.fromkeys(target for table in folds for target in table["target"]))
