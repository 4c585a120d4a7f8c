"""The section on the images that were generated to learn from: how many pass each score, and what they look like."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Table, count_of, estimated, estimates, table
from radsieve.reporting.wording import brief, listed
from radsieve.screening import tables as screening_tables

GENERATED, SCORED = "generate_samples", "score_samples"
SCORES, RATES, LATENTS = (f"{SCORED}/{name}" for name in ("scores.csv", "pass_rates.csv", "scores.parquet"))


def images(inputs: Inputs, groups: Sequence[str], diseased: Sequence[str]) -> dict[str, Any]:
    """Tables and figures of stages generate_samples and score_samples, and the share of good images of each group.

    Rates of healthy and `diseased` groups, which are good for opposite reasons, are not pooled.
    """
    scored = inputs.table(screening_tables.SCORED_IMAGES, SCORES)
    rates = inputs.table(screening_tables.PASS_RATES, RATES)
    rates["share"] = estimates(rates, "share")
    valid = rates[(rates["score"] == "valid")].set_index("group")["share"]
    whole_first = rates.sort_values("score", key=lambda names: names != "valid", kind="stable")
    good = scored.groupby("group", sort=False)["valid"].sum()
    return {
        "images": len(scored),
        "good": int(scored["valid"].sum()),
        "shares": {group: valid[group] for group in groups},
        "numbers": [
            estimated(valid[group], f"share of good images as generated in {group}", RATES) for group in groups
        ],
        "points": _points({group: int(good.get(group, 0)) for group in groups}),
        "rates": _rates(whole_first, pooled=len(set(groups) & set(diseased)) in (0, len(groups))),
        "table": table(brief(scored), "The scores of each generated image", SCORES),
        "latents": inputs.known(LATENTS),
        "accepted": inputs.figure(
            f"{SCORED}/accepted.png",
            "Good images",
            "Generated images that are good, with their scores",
            SCORES,
            images=True,
        ),
        "rejected": inputs.figure(
            f"{SCORED}/rejected.png",
            "Rejected images",
            "Generated images that fail, with the scores that they fail",
            SCORES,
            images=True,
        ),
        "groups": [_group(inputs, group) for group in groups],
    }


def _rates(rates: pd.DataFrame, pooled: bool) -> Table:
    """One row per group with its images, and one of all if they are `pooled`, one column per score; scores that are set
    by definition have no rate.
    """
    rates = rates if pooled else rates[rates["group"] != screening_tables.ALL_GENERATED]
    wide = rates.pivot_table(index="group", columns="score", values="share", aggfunc="first", sort=False)
    images = rates[rates["score"] == "valid"].set_index("group")["images"]
    wide.insert(0, "images", images[wide.index])
    return table(brief(wide.reset_index()), "Share of generated images that pass, by group", RATES)


def good_of(groups: Sequence[str], diseased: Sequence[str]) -> str:
    """What makes an image good, in words, for healthy `groups` and for `diseased` ones."""
    said = []
    if healthy := [group for group in groups if group not in diseased]:
        said.append(f"An image of {listed(healthy)} is good if all five scores are above 0.")
    if ill := [group for group in groups if group in diseased]:
        said.append(
            f"An image of {listed(ill)} is good if it passes the scores of shape and of left to right and looks"
            " diseased: its score of abnormality has the opposite sign. Maxheat and symmetry ask for a healthy chest;"
            " they are set to 1 here, so that there is nothing to measure: their rates are n/a (a dash)."
        )
    if len(said) > 1:
        said.append("What is good in one is bad in the other, so that no rate is given of all generated images.")
    return " ".join(said)


def _points(good: dict[str, int]) -> list[str]:
    without = [group for group, count in good.items() if not count]
    return [f"No good image among those generated: {listed(without)}."] if without else []


def _group(inputs: Inputs, group: str) -> dict[str, Any]:
    name = f"{GENERATED}/{group}/images.csv"
    count = len(inputs.table(screening_tables.GENERATED_IMAGES, name))
    return {
        "name": group,
        "images": count_of(count, "image"),
        "source": name,
        "grid": inputs.figure(
            f"{GENERATED}/{group}/grid.png",
            f"{group}: the first images, as generated",
            f"Images of {group}",
            name,
            images=True,
        ),
    }
