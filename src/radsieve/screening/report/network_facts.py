"""What the page says of every network: how it was built and trained, by its card, and its results by subgroup."""

from typing import Any

import numpy as np
import pandas as pd

from radsieve.reporting.page import Table, count_of, estimates, table
from radsieve.reporting.wording import listed
from radsieve.screening.subgroups import FEW


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
        measure=subgroups["measure"].str.replace("_", " "),
    )
    columns = ["attribute", "subgroup", "images", "patients", "measure", "counted", "estimate", "from_others"]
    names = {"estimate": "value", "from_others": "difference from the others"}
    return table(shown[columns].rename(columns=names), title, source)


def small_subgroups(subgroups: pd.DataFrame, of_label: bool = False) -> str:
    """In words, the subgroups that are too small to tell; empty if there is none."""
    once = subgroups.drop_duplicates(["attribute", "subgroup"])
    fewest = once[["positive_units", "negative_units"]].min(axis=1) if of_label else once["negative_units"]
    few = once[fewest < FEW]
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
