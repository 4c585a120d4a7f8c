"""The sections on the latents: where they come from, the twin beside the published tables, and their structure."""

from pathlib import Path
from typing import Any

import pandas as pd

from radsieve.generators.distributions import LatentDistribution
from radsieve.numbers import show_permuted_p
from radsieve.prefilter import tables as prefilter_tables
from radsieve.prefilter.tables import LatentSource, MixingClassifier, MixingSpace
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Table, estimates, show, table
from radsieve.reporting.wording import brief, plain

PREPARED, EXPLORED = "prepare_latents", "explore_latents"
GROUPS, TWIN, LATENTS = (f"{PREPARED}/{name}" for name in ("groups.csv", "twin.csv", "latents.parquet"))
STATISTICS, CORRELATIONS, RATES, COMPONENTS, EMBEDDING, MIXING, NEIGHBOURS = (
    f"{EXPLORED}/{name}.csv"
    for name in ("statistics", "correlations", "valid_rates", "components", "embedding", "mixing", "neighbours")
)
PUBLISHED_STATISTICS, PUBLISHED_RATES, PUBLISHED_PRECISION = (
    "score_statistics.csv", "valid_rate_by_group.csv", "valid_precision_by_model.csv"
)  # fmt: skip
SOURCES = {
    LatentSource.TWIN: "simulated twin of the published table",
    LatentSource.SCREENED: "images of a generator, scored by stage score_images",
    LatentSource.GENERATED: "images of the generators of stage train_gan, scored by stage score_samples",
    LatentSource.TABLE: "table of the user's",
}
_UNLIKE = 0.1  # of the mean square; less is of no consequence
_ERRORS = 5  # standard errors of a mean square, which chance hardly exceeds
WITHIN = {True: "within", False: "out of tolerance"}


def data(inputs: Inputs, distribution: LatentDistribution) -> dict[str, Any]:
    """The groups with their source, and the twin beside what it is to reproduce.

    `unlike` names the groups whose components are not spread as those of `distribution`.
    """
    groups = inputs.table(prefilter_tables.LATENT_GROUPS, GROUPS)
    twin = inputs.table(prefilter_tables.TWIN, TWIN)
    shown = groups.assign(source=groups["source"].map(SOURCES), valid_rate=estimates(groups, "valid_rate"))
    return {
        "groups_of": {source: groups.loc[groups["source"] == source, "group"].tolist() for source in SOURCES},
        "components": int(groups["components"].iloc[0]),
        "unlike": _unlike(groups, distribution),
        "rows": int(groups["rows"].sum()),
        "table": inputs.known(LATENTS),
        "ends": shown.sort_values("valid", key=lambda _: groups["valid_rate"]).iloc[[0, -1]].drop_duplicates("group"),
        "groups": table(shown.drop(columns=["lower", "upper"]), "Rows and valid rows of each group", GROUPS),
        "twin": table(
            twin.assign(quantity=plain(twin["quantity"]), within=twin["within"].map(WITHIN)),
            "The twin beside the published tables",
            TWIN,
        ),
        "compared": len(twin),
        "out_of_tolerance": plain(twin.loc[~twin["within"], "quantity"] + " of " + twin.loc[~twin["within"], "of"]),
    }


def _unlike(groups: pd.DataFrame, distribution: LatentDistribution) -> list[str]:
    """A sentence for each group whose components are spread otherwise than those of `distribution`, beyond chance."""
    expected = distribution.mean_square
    away = (groups["mean_square"] - expected).abs()
    by_chance = _ERRORS * (distribution.square_variance / (groups["rows"] * groups["components"])) ** 0.5
    named = groups[away > by_chance.clip(lower=_UNLIKE * expected)]
    return [
        f"The components of {group} have a mean square of {show(found)}, but that of latents that are"
        f" {distribution.words} is {show(expected)} (latents.distribution). Sieves draw new latents from that, and what"
        " they accept of these is not what they would accept of latents such as those of the table."
        for group, found in zip(named["group"], named["mean_square"], strict=True)
    ]


def twin_rows(inputs: Inputs) -> dict[str, int]:
    """How many rows each group of the twin has."""
    groups = inputs.table(prefilter_tables.LATENT_GROUPS, GROUPS)
    twin = groups[groups["source"] == LatentSource.TWIN]
    return {str(group): int(rows) for group, rows in zip(twin["group"], twin["rows"], strict=True)}


def exploration(inputs: Inputs, folder: Path, confidence: float, permutations: int) -> dict[str, Any]:
    """Tables and figures of stage explore_latents; `confidence` and `permutations` are those of its levels of chance.

    `folder` holds the published tables.
    """
    neighbours = inputs.table(prefilter_tables.NEIGHBOURS, NEIGHBOURS)
    return {
        "metrics": inputs.metrics(EXPLORED),
        "statistics": _statistics(inputs, folder),
        "rates": inputs.figure(
            f"{EXPLORED}/valid_rates.png",
            "Shares of rows that pass, by group",
            "Share of valid rows of each group with its interval, and the share that passes each score",
            RATES,
        ),
        "correlations": inputs.figure(
            f"{EXPLORED}/correlations.png",
            "Correlation of the scores",
            "Heat maps of the correlation of valid and the five scores, by source",
            CORRELATIONS,
        ),
        "components": _components(inputs, confidence),
        "components_picture": inputs.figure(
            f"{EXPLORED}/components.png",
            "Each score with each component",
            "Rank correlation of each score with each of the components, and the level of chance",
            COMPONENTS,
        ),
        "embedding": inputs.figure(
            f"{EXPLORED}/embedding.png",
            "The best and the worst latents",
            "Heat maps of the ROC-AUC of the best against the worst latents, groups by scores, in the plane of UMAP"
            " and by all components; below, valid and other latents of each group in the plane",
            EMBEDDING,
        ),
        "mixing": _mixing(inputs, permutations),
        "neighbours": _neighbours(neighbours, permutations),
        "neighbours_of_valid": _neighbours_of_valid(neighbours, confidence),
        **_conjecture(inputs, folder, neighbours, permutations),
    }


def _statistics(inputs: Inputs, folder: Path) -> Table:
    """Statistics of each source as a whole, after those that the study prints."""
    statistics = inputs.table(prefilter_tables.LATENT_STATISTICS, STATISTICS)
    printed, known = inputs.published(folder, PUBLISHED_STATISTICS)
    whole = statistics.groupby("source", sort=False)["group"].transform("first")
    ours = statistics[statistics["group"] == whole].drop(columns="group")
    both = pd.concat([printed.assign(source="published"), ours], ignore_index=True)
    order = {name: place for place, name in enumerate(printed["statistic"])}
    rows_of = both[both["statistic"] == "count"].set_index("source")["valid"]
    both["source"] = both["source"].map(lambda source: f"{source} ({rows_of[source]:,.0f} rows)")
    both = both[both["statistic"] != "count"].sort_values(
        "statistic", key=lambda names: names.map(order), kind="stable"
    )
    return table(
        brief(both[["statistic", "source", *printed.columns[1:]]]),
        "Statistics of the scores, published and of each source",
        f"{known} + {STATISTICS}",
    )


def _components(inputs: Inputs, confidence: float) -> Table:
    """How many components exceed the level of chance, one row per group, one column per score."""
    components = inputs.table(prefilter_tables.COMPONENTS, COMPONENTS)
    components["beyond"] = (components["rank_p_value"] <= 1 - confidence).astype(int)
    counts = components.pivot_table(index="group", columns="score", values="beyond", aggfunc="sum", sort=False)
    return table(
        brief(counts.reset_index()),
        "Components whose rank correlation with a score exceeds the level of chance",
        COMPONENTS,
    )


def _mixing(inputs: Inputs, permutations: int) -> Table:
    """ROC-AUC of the neighbours in the plane and of the linear classifier by all components, and those of chance."""
    mixing = _bounded(inputs.table(prefilter_tables.MIXING, MIXING), permutations)
    sides = []
    for space, classifier, name in (
        (MixingSpace.PLANE, MixingClassifier.NEIGHBOURS, "plane"),
        (MixingSpace.LATENT, MixingClassifier.LINEAR, "components"),
    ):
        side = mixing[(mixing["space"] == space) & (mixing["classifier"] == classifier)]
        side = side.set_index(["group", "score", "rows"])[["roc_auc", "chance_upper", "p_value"]]
        sides.append(side.set_axis([f"{name}: ROC-AUC", f"{name}: chance up to", f"{name}: p"], axis=1))
    both = pd.concat(sides, axis=1).reset_index()
    both["score"] = plain(both["score"])
    return table(both, "How well the best are told from the worst", MIXING)


def _bounded(tests: pd.DataFrame, permutations: int) -> pd.DataFrame:
    """`tests` with their `p_value` in words: what no permutation reached is at most as large as it says."""
    return tests.assign(p_value=[show_permuted_p(p, permutations) for p in tests["p_value"]])


def _neighbours(neighbours: pd.DataFrame, permutations: int) -> Table:
    shown = _bounded(neighbours, permutations).assign(
        score=plain(neighbours["score"]),
        times_chance=neighbours["share"] / neighbours["chance"],
        chance=estimates(neighbours, "chance", "chance_lower", "chance_upper"),
    )
    columns = [
        "group",
        "score",
        "good",
        "good_beside_good",
        "share",
        "chance",
        "times_chance",
        "p_value",
        "distance_ratio",
    ]
    return table(shown[columns], "Good rows whose nearest neighbour is good", NEIGHBOURS)


def _conjecture(inputs: Inputs, folder: Path, neighbours: pd.DataFrame, permutations: int) -> dict[str, Any]:
    """The study's figures on the nearest neighbour (precision of kNN1 over the valid rate) beside ours, by group.

    `above_rate` counts the groups of the study where the first is above the second.
    """
    precision, from_precision = inputs.published(folder, PUBLISHED_PRECISION)
    rates, from_rates = inputs.published(folder, PUBLISHED_RATES)
    valid = neighbours[neighbours["score"] == "valid"].set_index("group")
    printed = rates.set_index("group")["valid_rate"]
    found = pd.DataFrame(
        {
            "published valid rate": printed,
            "published precision of kNN1": precision.set_index("model").loc["kNN1"].astype(float),
        }
    ).reindex(printed.index)
    found["published, times chance"] = found["published precision of kNN1"] / found["published valid rate"]
    found["ours, times chance"] = valid["share"] / valid["chance"]
    found["p of ours"] = _bounded(valid, permutations)["p_value"]
    return {
        "above_rate": f"{int((found['published, times chance'] > 1).sum())} of {len(found)}",
        "conjecture": table(
            found.rename_axis("group").reset_index(),
            "Is the neighbour of a good latent good? The study's own figures, and ours",
            f"{from_precision} + {from_rates} + {NEIGHBOURS}",
        ),
    }


def _neighbours_of_valid(neighbours: pd.DataFrame, confidence: float) -> str:
    """What the table says of `valid`, in words."""
    valid = neighbours[(neighbours["score"] == "valid") & neighbours["p_value"].notna()]
    beyond = valid[valid["p_value"] <= 1 - confidence]
    if beyond.empty:
        return f"in none of {len(valid)} groups more often than chance"
    times = beyond["share"] / beyond["chance"]
    span = show(float(times.min())) if len(times) == 1 else f"{show(float(times.min()))} to {show(float(times.max()))}"
    return f"more often than chance in {len(beyond)} of {len(valid)} groups, {span} times as often"
