"""The share of good images of each generator, which three samples of its images give: side by side, tested and
pooled.
"""

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency

from radsieve.generation import tables as generation_tables
from radsieve.generation.report.images import SCORES
from radsieve.generation.report.loop import IMAGES
from radsieve.generation.report.sieving import METHODS
from radsieve.numbers import ShownEstimate, show_p
from radsieve.prefilter.tables import CHECKED_IMAGES, Arm
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Table, table
from radsieve.reporting.wording import listed
from radsieve.screening.tables import SCORED_IMAGES
from radsieve.stats.paired_tests import holm
from radsieve.stats.resampling import share

POOLED = "all samples"
TITLE = "The share of good images of each generator without a sieve, sample by sample"


def good_shares(inputs: Inputs, groups: Sequence[str], confidence: float) -> dict[str, Any]:
    """The `table` of shares with Wilson's intervals, and the `points` where samples differ more than by chance.

    The samples are new latents each time: those that were learnt from, those of the loop, and those on which methods
    were compared.
    """
    scored = inputs.table(SCORED_IMAGES, SCORES)
    loop = inputs.table(CHECKED_IMAGES, IMAGES)
    methods = inputs.table(generation_tables.SIEVING_METHODS, METHODS)
    unsieved = methods[methods["method"] == generation_tables.SievingMethod.UNSIEVED]
    parts = [
        scored[["group", "valid"]].assign(sample="learnt from", images=1),
        loop.loc[loop["arm"] == Arm.UNSIEVED, ["group", "valid"]].assign(sample="of the loop, unsieved", images=1),
        unsieved[["group", "good", "images"]]
        .rename(columns={"good": "valid"})
        .assign(sample="on which methods were compared"),
    ]
    every = pd.concat(parts)
    counts = {
        group: every[every["group"] == group].groupby("sample", sort=False)[["valid", "images"]].sum()
        for group in groups
    }
    p_values = dict(zip(groups, holm([heterogeneity(counts[group]) for group in groups]), strict=True))
    differing = [
        f"{group} (p after Holm {show_p(p_value)})" for group, p_value in p_values.items() if p_value < 1 - confidence
    ]
    points = (
        [f"The share of good images differs between samples of one generator: {listed(differing)}."]
        if differing
        else []
    )
    return {"table": _table(counts, p_values, confidence), "points": points}


def heterogeneity(counts: pd.DataFrame) -> float:
    """The p-value of a chi-square test that samples (rows; columns valid and images) have one share of good images.

    NaN if all images are good, or none.
    """
    good = counts["valid"].to_numpy(int)
    bad = counts["images"].to_numpy(int) - good
    if not good.sum() or not bad.sum():
        return nan
    return float(chi2_contingency(np.column_stack([good, bad])).pvalue)


def _table(counts: Mapping[str, pd.DataFrame], p_values: dict[str, float], confidence: float) -> Table:
    rows = []
    for group, p_value in p_values.items():
        pooled = pd.DataFrame([counts[group].sum()], index=[POOLED])
        for sample, row in pd.concat([counts[group], pooled]).iterrows():
            found = share(int(row["valid"]), int(row["images"]), confidence)
            rows.append(
                {
                    "group": group,
                    "sample": sample,
                    "images": int(row["images"]),
                    "good": int(row["valid"]),
                    "share": ShownEstimate(found.value, found.lower, found.upper),
                    "p after Holm": p_value if sample == POOLED else nan,
                }
            )
    return table(pd.DataFrame(rows), TITLE, f"{SCORES} + {IMAGES} + {METHODS}")
