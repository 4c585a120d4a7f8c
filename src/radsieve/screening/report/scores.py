"""The section on the five scores: their scaling, which images pass, and how they respond to alterations."""

from typing import Any

import pandas as pd

from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import ShownEstimate, Table, count_of, estimates, records, show, table
from radsieve.reporting.wording import brief, in_words, listed
from radsieve.screening import tables as screening_tables
from radsieve.tables.images import Split

STAGE = "score_images"
SCORED, SCALING, PASS_RATES, STATISTICS, REACTIONS = (
    f"{STAGE}/{name}.csv" for name in ("scores", "scaling", "pass_rates", "statistics", "reactions")
)
LATENTS, SCALER = f"{STAGE}/scores.parquet", f"{STAGE}/scaler.json"
HARMLESS = ("mirrored", "darker", "brighter")  # alterations after which an image still shows a true chest
HARMFUL = "painted"  # what the names of the alterations that must not pass have in common
GENERATED, TRUE_IMAGES = "all generated", "true images"  # groups of tables.PASS_RATES


def scores(inputs: Inputs, pass_share: float) -> dict[str, Any]:
    """Tables and figures of the five scores; `pass_share` is the share of true images that each shall let pass."""
    scored = inputs.table(screening_tables.SCORED_IMAGES, SCORED)
    scaling = inputs.table(screening_tables.SCALING, SCALING)
    rates = inputs.table(screening_tables.PASS_RATES, PASS_RATES)
    reactions = inputs.table(screening_tables.REACTIONS, REACTIONS)
    reactions["alteration"] = reactions["alteration"].str.replace("_", " ")
    return {
        "images": len(scored),
        "valid": int(scored["valid"].sum()),
        "valid_share": _valid_share(rates, GENERATED),
        "true_share": _valid_share(rates, TRUE_IMAGES),
        "points": _points(scaling, reactions, pass_share),
        "scaling": table(
            scaling.assign(
                score=scaling["score"].str.removeprefix("score_"),
                quantity=scaling["quantity"].str.replace("_", " "),
                share=estimates(scaling, "share"),
            ).drop(columns=["lower", "upper"]),
            "Threshold of each score, and the share of true images that pass",
            SCALING,
        ),
        "pass_rates": by_score(
            rates.assign(share=estimates(rates, "share")),
            "group",
            "share",
            "Share of images that pass, by group",
            PASS_RATES,
        ),
        "changes": by_score(
            reactions[reactions["score"] != "valid"].assign(
                change=lambda rows: estimates(rows, "median_change", "change_lower", "change_upper")
            ),
            "alteration",
            "change",
            "Median change of each score by an alteration of the image",
            REACTIONS,
        ),
        "survivors": by_score(
            reactions.assign(share=estimates(reactions, "share_after", "share_lower", "share_upper")),
            "alteration",
            "share",
            "Share of the altered images that still pass",
            REACTIONS,
        ),
        "latents": inputs.known(LATENTS),
        "scaler": inputs.known(SCALER),
        "table": table(brief(scored), "The scores of each generated image", SCORED),
        "distributions": inputs.figure(
            f"{STAGE}/scores.png",
            "Distribution of the scores",
            "Histograms of the five scores of true and generated images; an image passes right of 0",
            SCORED,
        ),
        "reaction_picture": inputs.figure(
            f"{STAGE}/reactions.png",
            "How the scores respond to alterations of true images",
            "Share of the altered images that pass each score; the tables below say the same in numbers",
            REACTIONS,
        ),
        "accepted": inputs.figure(
            f"{STAGE}/accepted.png",
            "Accepted images",
            "Generated images that pass all five scores",
            SCORED,
            images=True,
        ),
        "rejected": inputs.figure(
            f"{STAGE}/rejected.png",
            "Rejected images",
            "Generated images that fail, with the scores that they fail",
            SCORED,
            images=True,
        ),
    }


def _valid_share(rates: pd.DataFrame, group: str) -> ShownEstimate:
    """The share of the images of `group` that pass all scores."""
    row = rates[(rates["group"] == group) & (rates["score"] == "valid")]
    found: ShownEstimate = estimates(row, "share").iloc[0]
    return found


def _points(scaling: pd.DataFrame, reactions: pd.DataFrame, pass_share: float) -> list[str]:
    """What a reviewer should look at among the scores."""
    held = scaling[(scaling["split"] == Split.TEST) & (scaling["score"] != "valid") & (scaling["upper"] < pass_share)]
    points = [
        f"The {row['score'].replace('_', ' ')} lets {in_words(row['share'])} of the {row['images']:,} true images"
        f" of the test split pass, though it was scaled to let {pass_share:g} pass."
        for row in records(held.assign(share=estimates(held, "share")))
    ]
    valid, single = (reactions[(reactions["score"] == "valid") == whole] for whole in (True, False))
    fewer = (single["share_upper"] < pass_share) & (single["share_after"] < single["share_before"])
    for alteration, rows in single[single["alteration"].isin(HARMLESS) & fewer].groupby("alteration", sort=False):
        shares = [
            f"{row['score'].replace('_', ' ')} {show(row['share_after'])} instead of {show(row['share_before'])}"
            for row in records(rows)
        ]
        points.append(
            f"Of {count_of(int(rows['images'].iloc[0]), 'image')} that were merely {alteration} fewer pass than before:"
            f" {listed(shares)}."
        )
    unseen = valid[valid["alteration"].str.contains(HARMFUL) & (valid["share_after"] >= valid["share_before"])]
    if len(unseen):
        points.append(f"No fewer images pass all scores after this alteration: {', '.join(unseen['alteration'])}.")
    return points


def by_score(frame: pd.DataFrame, rows: str, values: str, title: str, source: str) -> Table:
    """One row per group or alteration with its images, one column per score."""
    wide = frame.pivot_table(index=[rows, "images"], columns="score", values=values, aggfunc="first", sort=False)
    return table(brief(wide.reset_index()), title, source)
