"""The figures of stage compare_training: results of the arms, labels preserved by augmentation, and the domain gap."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from radsieve.figures.axes import tidy
from radsieve.generation.tables import AugmentationUse, TrainingArm
from radsieve.numbers import three_digits, with_minus

_REAL, _SYNTHETIC = TrainingArm.REAL, TrainingArm.SYNTHETIC
_COLOURS = {
    _REAL: "#222222",
    _SYNTHETIC: "#8a93a3",
    "real + synthetic": "#e69f00",
    "real + screened synthetic": "#0072b2",
    "real + augmentation": "#009e73",
}
_EVALUATORS = {AugmentationUse.WITHOUT: "#d55e00", AugmentationUse.WITH: "#0072b2"}
_REFERENCE, _FOUND = "#5a6372", "#0072b2"
_MARGIN = "#f1f2f4"
_APART = 0.17  # of the marks of two evaluators from the middle of their row
_GAP_PANELS = (("roc_auc", "ROC-AUC of telling the two sets apart", 0.5), ("kid", "KID (0: alike)", 0.0))


def plot_comparison(found: pd.DataFrame, seeds: int, confidence: float) -> Figure:
    """Plot TRAINING_COMPARISON: ROC-AUC by the number of real images, and the gains over real images alone."""
    figure = Figure(figsize=(12, 5.6), layout="constrained")
    arms = [arm for arm in _COLOURS if arm in set(found["arm"])]
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.05))
    count = int(found["synthetic_images"].max())
    figure.suptitle(
        f"What a classifier learns from real and from {count:,} synthetic images, evaluated on held-out real images\n"
        f"mean of {seeds} draws, {confidence:.0%} intervals of units and draws"
    )
    _areas(left, found, arms)
    _gains(right, found, 1 - confidence)
    handles = [Line2D([], [], color=_COLOURS[arm], marker="o", linewidth=2, label=arm) for arm in arms]
    handles += [_dot(True, "beyond chance (Holm)"), _dot(False, "not beyond chance")]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
    return figure


def plot_preservation(found: pd.DataFrame, margin: float) -> Figure:
    """Plot LABEL_PRESERVATION: by how much two classifiers agree less with the labels of changed images."""
    names = found[["augmentation", "setting"]].drop_duplicates().to_numpy().tolist()
    figure = Figure(figsize=(10, 2.4 + 0.42 * len(names)), layout="constrained")
    figure.suptitle(
        f"Does an augmentation preserve the label? {found['images'].iloc[0]:,} held-out real images, changed"
    )
    axes = figure.subplots()
    lowest, highest = found["difference_lower"].min(), found["difference_upper"].max()
    axes.set_xlim(min(lowest, -margin) * 1.1, max(highest * 1.1, 0.03))
    axes.axvspan(axes.get_xlim()[0], -margin, color=_MARGIN, linewidth=0)
    axes.axvline(0, color="black", linewidth=1)
    handles = []
    for number, (evaluator, colour) in enumerate(_EVALUATORS.items()):
        rows = found[found["classifier"] == evaluator].to_dict("records")
        for place, row in enumerate(rows):
            estimate = (row["difference"], row["difference_lower"], row["difference_upper"])
            _estimate(axes, *estimate, place + (2 * number - 1) * _APART, colour, row["preserved"] == 1)
        label = f"classifier {evaluator} augmentation: right on {rows[0]['agree_before']:.0%} of the unchanged images"
        handles.append(Line2D([], [], color=colour, marker="o", linewidth=2, label=label))
    _rows(axes, [_name(*row) for row in names])
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:+.3g}%" if round(value, 6) else "0%")
    axes.set_xlabel("change of the share of images that it gets right")
    handles += [_dot(True, f"shown to lose less than {margin:.0%}"), _dot(False, "not shown")]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
    return figure


def plot_gap(found: pd.DataFrame, confidence: float) -> Figure:
    """Plot TRAINING_GAP: a row for each normalisation, the classifier's ROC-AUC and KID side by side."""
    names = list(dict.fromkeys(found["features"]))
    figure = Figure(figsize=(12, 1.5 + 0.46 * len(names)), layout="constrained")
    count = int(found["images"].iloc[0])
    figure.suptitle(f"How far synthetic images are from real ones: {count:,} of each, {confidence:.0%} intervals")
    for number, (axes, (measure, title, none)) in enumerate(
        zip(figure.subplots(1, len(_GAP_PANELS)), _GAP_PANELS, strict=True)
    ):
        rows = found[found["measure"] == measure].set_index("features")
        axes.axvline(none, color="black", linewidth=1)
        for place, name in enumerate(names):
            value, lower, upper = rows.loc[name, ["value", "lower", "upper"]]
            _estimate(axes, value, lower, upper, place, _FOUND if place else _REFERENCE)
            text = f"{value:.2f}" if measure == "roc_auc" else with_minus(three_digits(value))
            axes.text(1.01, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=9.5)
        _rows(axes, names if number == 0 else [""] * len(names))
        axes.set_title(title, fontsize=11, loc="left")
    return figure


def _areas(axes: Axes, found: pd.DataFrame, arms: Sequence[str]) -> None:
    """ROC-AUC with intervals; arms of one number of real images stand side by side."""
    sizes = sorted(set(found["real_images"]) - {0})
    alone = found[found["arm"] == _SYNTHETIC].iloc[0]
    axes.axhspan(alone["roc_auc_lower"], alone["roc_auc_upper"], color=_COLOURS[_SYNTHETIC], alpha=0.18, linewidth=0)
    axes.axhline(alone["roc_auc"], color=_COLOURS[_SYNTHETIC], linewidth=2)
    others = [arm for arm in arms if arm != _SYNTHETIC]
    for number, arm in enumerate(others):
        rows, colour = found[found["arm"] == arm].sort_values("real_images"), _COLOURS[arm]
        x = [sizes.index(size) + (number - (len(others) - 1) / 2) * 0.12 for size in rows["real_images"]]
        axes.vlines(x, rows["roc_auc_lower"], rows["roc_auc_upper"], color=colour, linewidth=2)
        axes.plot(x, rows["roc_auc"], "o-", color=colour, markersize=6, linewidth=1)
    axes.set_xticks(range(len(sizes)), [f"{size:,}" for size in sizes])
    axes.set_xlim(-0.5, len(sizes) - 0.5)
    axes.set_xlabel("real training images")
    axes.set_title("ROC-AUC", fontsize=11, loc="left")
    tidy(axes, grid="y")


def _gains(axes: Axes, found: pd.DataFrame, level: float) -> None:
    """The gain of each arm, in blocks of as many real images, those of synthetic images alone last."""
    tested = found[found["arm"] != _REAL]
    sizes = sorted(set(tested["real_images"]), key=lambda size: (size == 0, size))
    ticks, place = [], 0.0
    axes.axvline(0, color="black", linewidth=1)
    for size in sizes:
        rows = tested[tested["real_images"] == size].to_dict("records")
        ticks.append(place + (len(rows) - 1) / 2)
        for row in rows:
            estimate = (row["gain"], row["gain_lower"], row["gain_upper"])
            _estimate(axes, *estimate, place, _COLOURS[row["arm"]], row["holm"] < level)
            place += 1
        place += 0.8
    axes.set_yticks(ticks, [f"{size:,} real images" if size else "synthetic alone" for size in sizes])
    axes.set_ylim(place - 1.2, -0.6)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:+.3g}" if round(value, 6) else "0")
    axes.set_title(f"Gain over real images alone (synthetic alone: over {max(sizes):,})", fontsize=11, loc="left")
    _clean(axes)


def _dot(full: bool, label: str) -> Line2D:
    face = _REFERENCE if full else "white"
    return Line2D(
        [], [], color=_REFERENCE, marker="o", linestyle="", markerfacecolor=face, markeredgewidth=1.8, label=label
    )


def _estimate(
    axes: Axes, value: float, lower: float, upper: float, place: float, colour: str, full: bool = True
) -> None:
    if np.isfinite([lower, upper]).all():
        axes.hlines(place, lower, upper, color=colour, linewidth=2)
    face = colour if full else "white"
    axes.plot(value, place, "o", color=colour, markerfacecolor=face, markeredgewidth=1.8, markersize=6.5)


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.6)
    _clean(axes)


def _clean(axes: Axes) -> None:
    axes.tick_params(axis="y", length=0)
    tidy(axes, grid="x", left=False)


def _name(augmentation: str, setting: float) -> str:
    return f"{augmentation}, {extent(augmentation, setting)}" if np.isfinite(setting) else "all together"


def extent(augmentation: str, setting: float) -> str:
    """What the value `setting` of an `augmentation` does, in words with its unit.

    >>> extent("rotation", 7), extent("blur", 0.2), extent("zoom", 0.08)
    ('up to 7\N{DEGREE SIGN}', '20% of the images', 'a factor of up to 1.08')
    """
    if not np.isfinite(setting):
        return ""
    return _EXTENTS[augmentation](setting)


def _of_images(share: float) -> str:
    return f"{100 * share:g}% of the images"


def _of_side(share: float) -> str:
    return f"up to {100 * share:g}% of the side"


_EXTENTS: dict[str, Callable[[float], str]] = {
    "rotation": lambda degrees: f"up to {degrees:g}\N{DEGREE SIGN}",
    "shift": _of_side,
    "zoom": lambda logarithm: f"a factor of up to {np.exp(logarithm):.3g}",
    "mirror": _of_images,
    "contrast": lambda share: f"up to {100 * share:g}%",
    "blur": _of_images,
    "noise": lambda share: f"SD up to {100 * share:g}% of full scale",
    "elastic": _of_side,
    "invert": _of_images,
}
