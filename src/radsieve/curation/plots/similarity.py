"""The figure of how alike the compared images are: histograms on both sides of the limit for near-duplicates."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from radsieve.curation.tables import DuplicateKind
from radsieve.numbers import count_of

_BIN = 0.01
_TIED, _MISSED = "#1f4e79", "#c98a1b"


def plot_similarity(pairs: pd.DataFrame, borderline: pd.DataFrame, limit: float) -> Figure:
    """Plot the similarity of DUPLICATE_PAIRS of the kind near and of BORDERLINE_PAIRS, and the `limit` between them."""
    tied = pairs.loc[pairs["kind"] == DuplicateKind.NEAR, "similarity"]
    missed = borderline["similarity"]
    figure = Figure(figsize=(8.5, 3.2), layout="constrained")
    axes = figure.add_subplot()
    low = np.floor(min([limit - 0.02, *missed]) / _BIN) * _BIN
    below = limit - _BIN * np.arange(np.ceil((limit - low) / _BIN), -1, -1)
    above = np.append(np.arange(limit, 1, _BIN), 1.0)
    axes.hist(missed, below.tolist(), color=_MISSED, label=f"borderline: {count_of(len(missed), 'pair')}, not tied")
    axes.hist(tied, above.tolist(), color=_TIED, label=f"near-duplicates: {count_of(len(tied), 'pair')}")
    axes.axvline(limit, color="black", linewidth=1.2)
    axes.annotate(
        f"limit {limit:g}", (limit, 1), xycoords=("data", "axes fraction"), xytext=(4, -12), textcoords="offset points"
    )
    axes.set(xlabel="correlation of the details of the two aligned images", ylabel="pairs", xlim=(below[0], 1))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, 1.18), ncols=2)
    return figure
