"""The section on the five scores: their scaling, who passes, and how they answer to alterations."""

from typing import Any

import pandas as pd

from radsieve import screening_tables as tables
from radsieve.reports.inputs import Inputs
from radsieve.reports.page import ShownEstimate, Table, estimates, show, table
from radsieve.reports.wording import brief

STAGE = "score_images"
SCORED, SCALING, PASS_RATES, STATISTICS, REACTIONS = (
    f"{STAGE}/{name}.csv" for name in ("scores", "scaling", "pass_rates", "statistics", "reactions")
)
LATENTS = f"{STAGE}/scores.parquet"
HARMLESS = ("mirrored", "darker", "brighter")  # alterations of alter_films that leave a film a true one
HARMFUL = "painted"  # what the names of those have in common that must not pass
GENERATED, TRUE_FILMS = "all generated", "true films"  # groups of tables.PASS_RATES


def scores(inputs: Inputs, pass_share: float) -> dict[str, Any]:
    """Tables and pictures of the five scores; `pass_share` is the share of true films that each was set to let pass."""
    scored = inputs.table(tables.SCORED_FILMS, SCORED)
    scaling = inputs.table(tables.SCALING, SCALING)
    rates = inputs.table(tables.PASS_RATES, PASS_RATES)
    reactions = inputs.table(tables.REACTIONS, REACTIONS)
    reactions["alteration"] = reactions["alteration"].str.replace("_", " ")
    return {
        "films": len(scored),
        "valid": int(scored["valid"].sum()),
        "valid_share": _valid_share(rates, GENERATED),
        "true_share": _valid_share(rates, TRUE_FILMS),
        "points": _points(scaling, reactions, pass_share),
        "scaling": table(
            scaling.assign(
                score=scaling["score"].str.removeprefix("score_"),
                quantity=scaling["quantity"].str.replace("_", " "),
                share=estimates(scaling, "share"),
            ).drop(columns=["lower", "upper"]),
            "Where each score lets pass, and the share of true films that pass",
            SCALING,
        ),
        "pass_rates": by_score(
            rates.assign(share=estimates(rates, "share")),
            "group",
            "share",
            "Share of films that pass, by group",
            PASS_RATES,
        ),
        "changes": by_score(
            reactions[reactions["score"] != "valid"].assign(
                change=lambda rows: estimates(rows, "median_change", "change_lower", "change_upper")
            ),
            "alteration",
            "change",
            "Median change of each score by an alteration of the film",
            REACTIONS,
        ),
        "survivors": by_score(
            reactions.assign(share=estimates(reactions, "share_after", "share_lower", "share_upper")),
            "alteration",
            "share",
            "Share of the altered films that still pass",
            REACTIONS,
        ),
        "latents": inputs.known(LATENTS),
        "table": table(brief(scored), "The scores of each generated film", SCORED),
        "distributions": inputs.figure(
            f"{STAGE}/scores.png",
            "Distribution of the scores",
            "Histograms of the five scores of true and generated films; a film passes right of 0",
            SCORED,
        ),
        "reaction_picture": inputs.figure(
            f"{STAGE}/reactions.png",
            "How the scores answer to alterations of true films",
            "Share of the altered films that pass each score; the tables below say the same in numbers",
            REACTIONS,
        ),
        "accepted": inputs.figure(
            f"{STAGE}/accepted.png", "Accepted films", "Generated films that pass all five scores", SCORED, films=True
        ),
        "rejected": inputs.figure(
            f"{STAGE}/rejected.png",
            "Rejected films",
            "Generated films that fail, with the scores that they fail",
            SCORED,
            films=True,
        ),
    }


def _valid_share(rates: pd.DataFrame, group: str) -> ShownEstimate:
    """The share of the films of `group` that pass all scores."""
    row = rates[(rates["group"] == group) & (rates["score"] == "valid")]
    found: ShownEstimate = estimates(row, "share").iloc[0]
    return found


def _points(scaling: pd.DataFrame, reactions: pd.DataFrame, pass_share: float) -> list[str]:
    """What of the scores a reviewer should look at."""
    held = scaling[
        (scaling["part"] == tables.Split.TEST) & (scaling["score"] != "valid") & (scaling["upper"] < pass_share)
    ]
    points = [
        f"{name} lets {show(share)} of the true films of part test pass, though it was set to let {pass_share:g} pass."
        for name, share in zip(held["score"].str.replace("_", " "), held["share"], strict=True)
    ]
    valid, single = (reactions[(reactions["score"] == "valid") == whole] for whole in (True, False))
    moved = single[single["alteration"].isin(HARMLESS) & (single["share_upper"] < pass_share)]
    points += [
        f"{name} lets {show(share)} of films pass that are only {alteration}."
        for name, share, alteration in zip(
            moved["score"].str.replace("_", " "), moved["share_after"], moved["alteration"], strict=True
        )
    ]
    unseen = valid[valid["alteration"].str.contains(HARMFUL) & (valid["share_after"] >= valid["share_before"])]
    if len(unseen):
        points.append(f"No fewer films pass all scores after this alteration: {', '.join(unseen['alteration'])}.")
    return points


def by_score(frame: pd.DataFrame, rows: str, values: str, title: str, source: str) -> Table:
    """One row per group or alteration with its films, one column per score."""
    wide = frame.pivot_table(index=[rows, "films"], columns="score", values=values, aggfunc="first", sort=False)
    return table(brief(wide.reset_index()), title, source)
