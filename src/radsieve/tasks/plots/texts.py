"""The figures of texts: bits per character by model, learning curves, confusion and the matrix of entropies."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_TRAIN, _VALIDATION = "#8a93a3", "#0072b2"


def plot_writer(entropy: pd.DataFrame, curves: pd.DataFrame) -> Figure:
    """Plot ENTROPY, bits per character with intervals, beside WRITER_CURVES."""
    figure = Figure(figsize=(9, 1.4 + 0.3 * max(len(entropy), 6)), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    places = np.arange(len(entropy))
    left.hlines(places, entropy["lower"], entropy["upper"], color=_VALIDATION, linewidth=3, alpha=0.5)
    left.plot(entropy["bits"], places, "o", color=_VALIDATION)
    left.set_yticks(places, entropy["model"])
    left.set_ylim(len(entropy) - 0.5, -0.5)
    left.set_xlabel("bits per character, unseen works")
    left.grid(axis="x", color="#e6e6e6")
    right.plot(curves["epoch"], curves["train_bits"], color=_TRAIN, label="train (with dropout)")
    right.plot(curves["epoch"], curves["validation_bits"], color=_VALIDATION, label="validation")
    right.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.set_xlabel("epoch")
    right.set_ylabel("bits per character")
    right.legend(frameon=False)
    for axes in (left, right):
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def plot_matrix(values: pd.DataFrame, row: str, column: str, value: str, label: str) -> Figure:
    """Plot a table with columns `row`, `column` and `value` as a matrix with its values written in."""
    rows, columns = (list(dict.fromkeys(values[name])) for name in (row, column))
    matrix = values.pivot_table(index=row, columns=column, values=value).loc[rows, columns]
    numbers = matrix.to_numpy(dtype=float)
    figure = Figure(figsize=(2.6 + 1.1 * len(matrix.columns), 1.6 + 0.7 * len(matrix)), layout="constrained")
    axes = figure.subplots()
    shown = axes.imshow(numbers, cmap="Blues")
    middle = (np.nanmin(numbers) + np.nanmax(numbers)) / 2
    for place, cell in np.ndenumerate(numbers):
        axes.text(place[1], place[0], f"{cell:.3g}", ha="center", va="center",
                  color="white" if cell > middle else "black")  # fmt: skip
    axes.set_xticks(range(len(matrix.columns)), matrix.columns, parse_math=False)
    axes.set_yticks(range(len(matrix)), matrix.index, parse_math=False)
    axes.set_xlabel(column)
    axes.set_ylabel(row)
    figure.colorbar(shown, ax=axes, label=label)
    return figure
