"""The section on the films that were drawn to learn from: how many pass each score, and what they look like."""

from collections.abc import Sequence
from typing import Any

from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import count_of, estimated, estimates, table
from radsieve.reporting.wording import brief, listed
from radsieve.screening import tables as screening_tables
from radsieve.screening.report.scores import by_score

DRAWN, SCORED = "draw_images", "score_drawn"
SCORES, RATES, LATENTS = (f"{SCORED}/{name}" for name in ("scores.csv", "pass_rates.csv", "scores.parquet"))


def films(inputs: Inputs, groups: Sequence[str]) -> dict[str, Any]:
    """Tables and pictures of stages draw_images and score_drawn, and the share of good films of each group."""
    scored = inputs.table(screening_tables.SCORED_FILMS, SCORES)
    rates = inputs.table(screening_tables.PASS_RATES, RATES)
    rates["share"] = estimates(rates, "share")
    valid = rates[(rates["score"] == "valid")].set_index("group")["share"]
    whole_first = rates.sort_values("score", key=lambda names: names != "valid", kind="stable")
    good = scored.groupby("group", sort=False)["valid"].sum()
    return {
        "films": len(scored),
        "good": int(scored["valid"].sum()),
        "shares": {group: valid[group] for group in groups},
        "numbers": [estimated(valid[group], f"share of good films as drawn in {group}", RATES) for group in groups],
        "points": _points({group: int(good.get(group, 0)) for group in groups}),
        "rates": by_score(whole_first, "group", "share", "Share of drawn films that pass, by group", RATES),
        "table": table(brief(scored), "The scores of each drawn film", SCORES),
        "latents": inputs.known(LATENTS),
        "accepted": inputs.figure(
            f"{SCORED}/accepted.png", "Good films", "Drawn films that are good, with their scores", SCORES, films=True
        ),
        "rejected": inputs.figure(
            f"{SCORED}/rejected.png",
            "Rejected films",
            "Drawn films that fail, with the scores that they fail",
            SCORES,
            films=True,
        ),
        "groups": [_group(inputs, group) for group in groups],
    }


def good_of(groups: Sequence[str], diseased: Sequence[str]) -> str:
    """What makes a film good, in words, for healthy `groups` and for `diseased` ones."""
    said = []
    if healthy := [group for group in groups if group not in diseased]:
        said.append(f"A film of {listed(healthy)} is good if all five scores are above 0.")
    if ill := [group for group in groups if group in diseased]:
        said.append(
            f"A film of {listed(ill)} is good if it passes the scores of shape and of left to right and looks"
            " diseased: its score of abnormality is turned over. The other two ask for a healthy chest, and are 1."
        )
    return " ".join(said)


def _points(good: dict[str, int]) -> list[str]:
    without = [group for group, count in good.items() if not count]
    return [f"No good film among those drawn: {listed(without)}."] if without else []


def _group(inputs: Inputs, group: str) -> dict[str, Any]:
    name = f"{DRAWN}/{group}/films.csv"
    count = len(inputs.table(screening_tables.GENERATED_FILMS, name))
    return {
        "name": group,
        "films": count_of(count, "film"),
        "source": name,
        "sheet": inputs.figure(
            f"{DRAWN}/{group}/sheet.png", f"{group}: the first films, as drawn", f"Films of {group}", name, films=True
        ),
    }
