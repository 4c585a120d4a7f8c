"""The figures of stage compare_classifiers: curves of the best model of each family, and confusion counts.

They are at most 6 inches wide, so that they can be read on a telephone and on a printed page.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's colours, which colour-blind readers can distinguish
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#7f7f7f")
_MUTED, _OTHER = "#999999", "#dcdfe3"
_WIDTH = 6.0  # inches
_CELLS = {(0, 0): "bad\nrejected", (0, 1): "bad\naccepted", (1, 0): "good\nrejected", (1, 1): "good\naccepted"}
_DARK = 0.6  # share of its class from which on a number is white


def plot_classifier_curves(curves: pd.DataFrame, folds: pd.DataFrame, group: str) -> Figure:
    """Plot CLASSIFIER_CURVES: for each target the ROC, and precision by recall, of the best model of each family.

    The best has the highest mean area under the ROC in CLASSIFIER_FOLDS; the other models are grey. The legend has both
    mean areas; a dotted line is the level of chance.
    """
    targets = list(dict.fromkeys(folds["target"]))
    if not targets:
        return _nothing(group)
    figure = Figure(figsize=(_WIDTH, 4.6 * len(targets) + 0.4), layout="constrained")
    figure.suptitle(f"Group {group}: held-out rows, mean of the curves of {folds['fold'].max()} folds", fontsize=10)
    for part, target in zip(np.ravel(figure.subfigures(len(targets), 1, squeeze=False)), targets, strict=True):
        of_target, chosen = folds[folds["target"] == target], curves[curves["target"] == target]
        rate = of_target["good"].sum() / of_target["rows"].sum()
        means = of_target.groupby("model")[["roc_auc", "pr_auc"]].mean()
        best = {model: family for family, model in _best(of_target, means["roc_auc"]).items()}
        receiver, precision = part.subplots(1, 2)
        receiver.plot([0, 1], [0, 1], color=_MUTED, linestyle=":", linewidth=1)
        precision.axhline(rate, color=_MUTED, linestyle=":", linewidth=1)
        for axes, name in ((receiver, "roc"), (precision, "precision_recall")):
            _lines(axes, chosen[chosen["curve"] == name], list(best))
        receiver.set(xlabel="bad images accepted (FPR)", ylabel="good images accepted (recall)", ylim=(-0.02, 1.02))
        precision.set(xlabel="good images accepted (recall)", ylabel="good among accepted (precision)")
        precision.set_ylim(0, min(1, 8 * rate))
        names = [
            f"{family}: {model}, {means.loc[model, 'roc_auc']:.3f}, {means.loc[model, 'pr_auc']:.3f}"
            for model, family in best.items()
        ]
        part.legend(
            receiver.get_lines()[-len(best) :],
            names,
            loc="outside lower center",
            fontsize=8,
            frameon=False,
            title=f"{target.replace('_', ' ')}: best of each family on these rows, ROC-AUC, PR-AUC",
            title_fontsize=8,
        )
    return figure


def plot_confusion(confusion: pd.DataFrame, folds: pd.DataFrame, group: str) -> Figure:
    """Plot CLASSIFIER_CONFUSION: a row for each model, its four counts shaded by the share of their class."""
    targets = list(dict.fromkeys(confusion["target"]))
    if not targets:
        return _nothing(group)
    heights = [confusion.loc[confusion["target"] == target, "model"].nunique() + 3 for target in targets]
    figure = Figure(figsize=(_WIDTH, 0.22 * sum(heights) + 0.6), layout="constrained")
    figure.suptitle(
        f"Group {group}: held-out rows in {folds['fold'].max()} folds,\naccepted above a probability of 0.5 (SVC: 0)",
        fontsize=10,
    )
    panels = figure.subplots(len(targets), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, target in zip(panels, targets, strict=True):
        counts = _counts(confusion[confusion["target"] == target])
        numbers = counts.to_numpy(float)
        classes = np.repeat(numbers.reshape(-1, 2, 2).sum(axis=2), 2, axis=1)
        share = numbers / np.maximum(classes, 1)
        axes.imshow(share, cmap="Blues", vmin=0, vmax=1.15, aspect="auto")
        for (y, x), number in np.ndenumerate(numbers):
            colour = "white" if share[y, x] > _DARK else "black"
            axes.text(x, y, f"{number:,.0f}", ha="center", va="center", fontsize=8.5, color=colour)
        axes.set_xticks(range(len(_CELLS)), list(_CELLS.values()), fontsize=8.5)
        axes.set_yticks(range(len(counts)), list(counts.index), fontsize=8.5)
        axes.axvline(1.5, color="white", linewidth=4)
        axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
        axes.spines[:].set_visible(False)
        if len(targets) > 1:
            axes.set_ylabel(target.replace("_", " "), fontsize=9)
    return figure


def _counts(confusion: pd.DataFrame) -> pd.DataFrame:
    """The four counts (columns, in the order of _CELLS) of each model (rows, in the order of the table)."""
    wide = confusion.pivot_table(
        index="model", columns=["good", "accepted"], values="rows", aggfunc="first", sort=False, fill_value=0
    )
    return wide.reindex(columns=pd.MultiIndex.from_tuples(list(_CELLS)), fill_value=0)


def _lines(axes: Axes, curves: pd.DataFrame, best: list[str]) -> None:
    """The curves of all models in grey, and those of `best` in colours above them, in their order and last."""
    for model, points in curves.groupby("model", sort=False):
        if model not in best:
            axes.plot(points["x"], points["value"], color=_OTHER, linewidth=0.8)
    for place, model in enumerate(best):
        points = curves[curves["model"] == model]
        axes.plot(points["x"], points["value"], color=_COLOURS[place % len(_COLOURS)], linewidth=1.6)
    axes.set_xlim(-0.02, 1.02)
    axes.set_box_aspect(1)
    axes.grid(color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8.5)
    axes.xaxis.label.set_fontsize(9)
    axes.yaxis.label.set_fontsize(9)
    axes.spines[["top", "right"]].set_visible(False)


def _best(folds: pd.DataFrame, areas: pd.Series) -> dict[str, str]:
    """The model of each family with the highest area; families that are not in the publication count as one."""
    found: dict[str, str] = {}
    for family, model in dict.fromkeys(zip(folds["family"], folds["model"], strict=True)):
        title = "beyond the publication" if family.startswith("beyond") else family
        if title not in found or areas[model] > areas[found[title]]:
            found[title] = model
    return found


def _nothing(group: str) -> Figure:
    figure = Figure(figsize=(_WIDTH, 1.6), layout="constrained")
    figure.text(0.5, 0.5, f"Group {group}: no target can be learnt; metrics.json says why.", ha="center", va="center")
    return figure
