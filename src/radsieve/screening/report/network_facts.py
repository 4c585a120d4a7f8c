"""What the page says of every network: how it was built and trained, by its card, and its results by subgroup."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from radsieve.numbers import p_is
from radsieve.reporting.headings import heading
from radsieve.reporting.page import Table, count_of, estimate_of, estimates, show, table
from radsieve.reporting.wording import in_words, listed
from radsieve.screening.subgroups import FEW
from radsieve.stats.paired_tests import holm, p_of_interval
from radsieve.stats.resampling import Estimate


def built(card: dict[str, Any], source: str, title: str) -> Table:
    """Architecture, initialisation, loss, optimiser, choice and size, as the card has them."""
    rows = [
        (name.replace("_", " "), " and ".join(value) if isinstance(value, list) else _worded(value))
        for name, value in card.get("training", {}).items()
    ]
    return table(
        pd.DataFrame(rows, columns=["what", "of this network"]), f"How it was built and trained: {title}", source
    )


def subgroups_table(subgroups: pd.DataFrame, title: str, source: str) -> Table:
    """One row for each subgroup, one column for each measure, with counts where it is a share."""
    if subgroups.empty:
        return table(pd.DataFrame(), title, source)
    shown = subgroups.assign(
        estimate=estimates(subgroups, "value"),
        from_others=estimates(subgroups, "difference", "difference_lower", "difference_upper"),
        counted=[
            "" if np.isnan(of) else f"{count:.0f} of {of:.0f}"
            for count, of in zip(subgroups["count"], subgroups["of"], strict=True)
        ],
        measure=subgroups["measure"].map(heading),
    )
    columns = ["attribute", "subgroup", "images", "patients", "measure", "counted", "estimate", "from_others"]
    names = {"estimate": "value", "from_others": "difference from the others"}
    return table(shown[columns].rename(columns=names), title, source)


def unequal(
    subgroups: pd.DataFrame, title: str, measures: Mapping[str, str], confidence: float, of_label: bool = False
) -> list[str]:
    """In words, where a subgroup differs from all other images in one of `measures` (their names by that in the table).

    Subgroups that are too small to tell are passed over, and the second value of an attribute that has only two, whose
    difference is that of the first. The p-values that go with the intervals are adjusted by Holm over all of the table
    that are compared.
    """
    if subgroups.empty:
        return []
    values = subgroups.groupby("attribute")["subgroup"].transform("nunique")
    first = subgroups.groupby("attribute")["subgroup"].transform("first")
    large = _fewest(subgroups, of_label) >= FEW
    compared = subgroups[
        subgroups["measure"].isin(list(measures)) & large & ((values != 2) | (subgroups["subgroup"] == first))
    ]
    tested = compared[compared["difference_lower"].notna()]
    gaps = tested[["difference", "difference_lower", "difference_upper"]].to_numpy(float).tolist()
    tested = tested.assign(p=holm([p_of_interval(Estimate(*gap), confidence) for gap in gaps]))
    told = tested[tested["p"] <= 1 - confidence]
    return [
        f"{measures[row['measure']]} of the {title} in {row['attribute']} {row['subgroup']}: {show(row['value'])},"
        " which differs from that of other images by"
        f" {in_words(estimate_of(row, 'difference'))}"
        f" (adjusted by Holm for {count_of(len(tested), 'comparison')}: {p_is(row['p'])})."
        for row in told.to_dict("records")
    ]


def _fewest(subgroups: pd.DataFrame, of_label: bool) -> pd.Series:
    """The units of each subgroup; of the rarer label, if labels are told apart."""
    return subgroups[["positive_units", "negative_units"]].min(axis=1) if of_label else subgroups["negative_units"]


def small_subgroups(subgroups: pd.DataFrame, of_label: bool = False) -> str:
    """In words, the subgroups that are too small to tell; empty if there is none."""
    once = subgroups.drop_duplicates(["attribute", "subgroup"])
    few = once[_fewest(once, of_label) < FEW]
    if few.empty:
        return ""
    names = listed([f"{row.attribute} {row.subgroup}" for row in few.itertuples()])
    of_each = " of each label" if of_label else ""
    return (
        f"Too small to tell, with fewer than {FEW} units{of_each}: {names}"
        f" ({len(few)} of {count_of(len(once), 'subgroup')})."
    )


def _worded(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
