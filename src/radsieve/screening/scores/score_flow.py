"""The flow of generated images through the five scores: which were scored, which were rejected, and by what."""

import pandas as pd

from radsieve.figures.flow_diagram import FlowKind, flow_table
from radsieve.screening.tables import SCORES


def score_flow(scored: pd.DataFrame) -> pd.DataFrame:
    """FLOW of generated images (SCORED_IMAGES): rejected by one score alone, by several, accepted."""
    fails = scored[list(SCORES)] <= 0
    number = fails.sum(axis=1)
    alone = "; ".join(f"{_short(name)}: {int((fails[name] & (number == 1)).sum()):,}" for name in SCORES)
    of_several = "; ".join(f"{_short(name)} among them: {int((fails[name] & (number > 1)).sum()):,}" for name in SCORES)
    groups = scored.groupby("group", sort=True)
    rows = [
        (FlowKind.REMAINING, "Generated and scored", len(scored), "images", _listed(groups.size())),
        (FlowKind.EXCLUDED, "Rejected by one score alone", int((number == 1).sum()), "images", alone),
        (FlowKind.EXCLUDED, "Rejected by several scores", int((number > 1).sum()), "images", of_several),
        (FlowKind.REMAINING, "Accepted", int(scored["valid"].sum()), "images", _listed(groups["valid"].sum())),
    ]
    return flow_table(rows)


def _listed(by_group: pd.Series) -> str:
    return "; ".join(f"group {group}: {int(number):,}" for group, number in by_group.items())


def _short(name: str) -> str:
    return name.removeprefix("score_")
