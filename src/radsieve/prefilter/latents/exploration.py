"""Everything that stage explore_latents measures within each group, as its tables."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandera.pandas import DataFrameSchema
from threadpoolctl import threadpool_limits

from radsieve.errors import InputError
from radsieve.numbers import or_none
from radsieve.prefilter.latents.components import relate_components
from radsieve.prefilter.latents.embedding import embed
from radsieve.prefilter.latents.extremes import extremes
from radsieve.prefilter.latents.latent_table import TARGETS, VALID, LatentTable
from radsieve.prefilter.latents.mixing import measure_mixing
from radsieve.prefilter.latents.neighbours import evaluate_neighbours
from radsieve.prefilter.settings import ExploreLatents
from radsieve.prefilter.tables import COMPONENTS, EMBEDDING, MIXING, NEIGHBOURS, MixingClassifier, MixingSpace
from radsieve.progress import track
from radsieve.screening.tables import SCORES
from radsieve.settings import LatentSettings
from radsieve.stats.folds import folds

MINIMUM = 20  # rows of a kind that a map in the plane, and a measure of mixing, need
_DIGITS = 4  # of a coordinate in the plane: what is measured is what the file says


@dataclass(frozen=True)
class Explored:
    """COMPONENTS, EMBEDDING, MIXING and NEIGHBOURS of `radsieve.prefilter.tables`, of every group."""

    components: pd.DataFrame
    embedding: pd.DataFrame
    mixing: pd.DataFrame
    neighbours: pd.DataFrame

    @property
    def tables(self) -> tuple[tuple[DataFrameSchema, pd.DataFrame], ...]:
        """The tables with their schemas."""
        return (
            (COMPONENTS, self.components),
            (EMBEDDING, self.embedding),
            (MIXING, self.mixing),
            (NEIGHBOURS, self.neighbours),
        )


def explore(table: LatentTable, evaluation: LatentSettings, options: ExploreLatents) -> Explored:
    """Measure each group of `table`; `evaluation` and `options` are the sections latents and explore_latents.

    A group and score with fewer than MINIMUM best, or worst, rows is neither embedded nor measured for mixing.

    Raises InputError if a group has fewer rows than 2 MINIMUM.
    """
    components, neighbours, embedding, mixing = [], [], [], []
    with threadpool_limits(1):  # sums of several threads differ in their last digits
        for name in track(table.groups, "looking for structure", unit="group"):
            group = table.of(name)
            if len(group) < 2 * MINIMUM:
                raise InputError(f"latents.groups: {name} has {len(group)} rows; to be explored it needs {2 * MINIMUM}")
            scores = pd.DataFrame(group.scores, columns=list(SCORES)).assign(valid=group.valid)[list(TARGETS)]
            chance = options.permutations, evaluation.confidence, options.seed
            components.append(relate_components(group.latents, scores, *chance).assign(group=name))
            neighbours.append(evaluate_neighbours(group, *chance).assign(group=name))
        for name, score in track(
            [(name, score) for name in table.groups for score in TARGETS], "embedding", unit="map"
        ):
            if ends := _ends(table.of(name), score, evaluation, options):
                embedding.append(ends[0].assign(group=name, score=score))
                mixing.append(ends[1].assign(group=name, score=score))
    return Explored(
        components=_table(components, COMPONENTS),
        embedding=_table(embedding, EMBEDDING),
        mixing=_table(mixing, MIXING),
        neighbours=_table(neighbours, NEIGHBOURS),
    )


def exploration_metrics(table: LatentTable, found: Explored, confidence: float) -> dict[str, Any]:
    """Count the tests that chance does not explain (p at most 1 - `confidence`), with the figures that matter.

    Median areas are None where nothing was embedded.
    """
    shown = found.embedding.groupby(["group", "score"]).size().index
    mixing = found.mixing
    valid = found.neighbours[found.neighbours["score"] == VALID]
    return {
        "rows": len(table),
        "groups": len(table.groups),
        "maps": len(shown),
        "too_few_rows_for_a_map": len(table.groups) * len(TARGETS) - len(shown),
        "components": {
            **_beyond_chance(found.components["rank_p_value"], confidence),
            "largest_rank_correlation": or_none(found.components["rank_correlation"].abs().max()),
        },
        "mixing": {
            space: {
                classifier: {
                    **_beyond_chance(rows["p_value"], confidence),
                    "median_roc_auc": or_none(rows["roc_auc"].median()),
                }
                for classifier in MixingClassifier
                for rows in (mixing[(mixing["space"] == space) & (mixing["classifier"] == classifier)],)
            }
            for space in MixingSpace
        },
        "neighbours": {
            **_beyond_chance(found.neighbours["p_value"], confidence),
            "times_chance_valid": {
                group: or_none(share / chance) if chance else None  # a single good row: no pair is possible
                for group, share, chance in valid[["group", "share", "chance"]].itertuples(index=False)
            },
        },
    }


def exploration_summary(metrics: dict[str, Any]) -> str:
    """Return what `exploration_metrics` found, in one line."""
    plane, all_components = metrics["mixing"][MixingSpace.PLANE], metrics["mixing"][MixingSpace.LATENT]
    areas = (
        plane[MixingClassifier.NEIGHBOURS]["median_roc_auc"],
        all_components[MixingClassifier.LINEAR]["median_roc_auc"],
    )
    neighbours = metrics["neighbours"]
    return (
        f"{metrics['rows']:,} rows; the best told from the worst with a median ROC-AUC of {_shown(areas[0])} in the"
        f" plane, {_shown(areas[1])} by all components; good latents have a good neighbour more often than chance"
        f" in {neighbours['beyond_chance']} of {neighbours['tests']} tests"
    )


def _shown(area: float | None) -> str:
    return "none (too few rows)" if area is None else f"{area:.2f}"


def _beyond_chance(p: pd.Series, confidence: float) -> dict[str, int]:
    return {"tests": int(p.notna().sum()), "beyond_chance": int((p <= 1 - confidence).sum())}


def _ends(
    group: LatentTable, score: str, evaluation: LatentSettings, options: ExploreLatents
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The best and worst rows of a group in the plane, and how mixed they are; None if they are too few."""
    best, worst = extremes(group, score, options.extremes, options.seed)
    if min(len(best), len(worst)) < MINIMUM:
        return None
    rows = np.concatenate([best, worst])
    labels = np.repeat([1, 0], [len(best), len(worst)])
    latents = group.latents[rows]
    plane = embed(latents, options.neighbors, options.min_distance, options.seed).round(_DIGITS)
    mixed = measure_mixing(
        {MixingSpace.PLANE: plane, MixingSpace.LATENT: latents.astype(float)},
        labels,
        folds(labels, evaluation.folds, evaluation.seed),
        options.neighbors,
        options.permutations,
        evaluation.confidence,
        options.seed,
    )
    points = pd.DataFrame({"row": rows, "best": labels, "x": plane[:, 0], "y": plane[:, 1]})
    return points, mixed.assign(rows=len(rows))


def _table(parts: list[pd.DataFrame], schema: DataFrameSchema) -> pd.DataFrame:
    columns = list(schema.columns)
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
