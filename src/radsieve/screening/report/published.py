"""Published figures of the study of generated chest radiographs (Sinyavsky, term paper, Belarusian State University)
beside those of this run.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Table, estimates, table
from radsieve.reporting.wording import brief
from radsieve.screening import tables as screening_tables
from radsieve.screening.report.scores import PASS_RATES, STATISTICS

FIGURES, RATES, SCORE_STATISTICS = "screening_figures.csv", "valid_rate_by_group.csv", "score_statistics.csv"


def published(inputs: Inputs, folder: Path, ours: Mapping[str, tuple[str, str]], comparable: str) -> dict[str, Any]:
    """Tables of what the study prints, each beside this run's figure.

    `folder` holds the published tables; `ours` are the figures of this run in words, by their names in FIGURES, each
    with the file that it comes from; `comparable` says in words what images they are of.
    """
    return {
        "comparable": comparable,
        "figures": _figures(*inputs.published(folder, FIGURES), ours),
        "rates": _rates(inputs, *inputs.published(folder, RATES)),
        **_statistics(inputs, *inputs.published(folder, SCORE_STATISTICS)),
    }


def _figures(printed: pd.DataFrame, source: str, ours: Mapping[str, tuple[str, str]]) -> Table:
    """The figures of the study's text, with ours."""
    rows = [
        (quantity.replace("_", " "), f"{value:g}", *ours[quantity])
        for quantity, value in printed.itertuples(index=False, name=None)
    ]
    columns = ["quantity", "published", "ours", "ours_from"]
    return table(pd.DataFrame(rows, columns=columns), "Figures of the study's text", source)


def _rates(inputs: Inputs, printed: pd.DataFrame, source: str) -> Table:
    """Share of valid images by group; groups of either side alone have a dash on the other."""
    rates = inputs.table(screening_tables.PASS_RATES, PASS_RATES)
    valid = rates[rates["score"] == "valid"]
    mine = pd.DataFrame({"group": valid["group"], "ours": estimates(valid, "share")})
    both = printed.rename(columns={"valid_rate": "published"}).merge(mine, on="group", how="outer", sort=False)
    order = [*printed["group"], *(group for group in mine["group"] if group not in set(printed["group"]))]
    both = both.set_index("group").reindex(order).reset_index()
    return table(both, "Share of images that pass all five scores", f"{source} + {PASS_RATES}")


def _statistics(inputs: Inputs, printed: pd.DataFrame, source: str) -> dict[str, Any]:
    """Statistics of the scores, one row per statistic and side, and the number of images of each side."""
    sides = {"published": printed, "ours": inputs.table(screening_tables.SCORE_STATISTICS, STATISTICS)}
    rows = pd.concat([side.assign(of=name) for name, side in sides.items()], ignore_index=True)
    counts = rows[rows["statistic"] == "count"].set_index("of")["valid"]
    rows = rows[rows["statistic"] != "count"]
    order = {statistic: place for place, statistic in enumerate(printed["statistic"])}
    rows = rows.sort_values("statistic", key=lambda names: names.map(order), kind="stable")
    return {
        "counts": {name: int(counts[name]) for name in sides},
        "statistics": table(
            brief(rows[["statistic", "of", "valid", *screening_tables.SCORES]]),
            "Statistics of the scores of all generated images",
            f"{source} + {STATISTICS}",
        ),
    }
