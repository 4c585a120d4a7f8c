"""generation/plots/training_use.py: axes tell small differences, too."""

import pandas as pd
import pytest

from radsieve.generation.plots.training_use import plot_comparison, plot_gap, plot_preservation

SPREAD = 0.012  # ticks come every 0.005 or every half of a per cent


def tick_labels(figure):
    figure.draw_without_rendering()
    return [[label.get_text() for label in axes.get_xticklabels()] for axes in figure.axes]


@pytest.fixture
def gains():
    rows = [("real", 20, 0, None, None, None), ("real + synthetic", 20, 60, 0.003, -SPREAD, SPREAD)]
    rows.append(("synthetic", 0, 60, -0.003, -SPREAD, SPREAD))
    table = pd.DataFrame(
        rows, columns=["arm", "real_images", "synthetic_images", "gain", "gain_lower", "gain_upper"]
    ).astype({"gain": float, "gain_lower": float, "gain_upper": float})
    return table.assign(roc_auc=0.75, roc_auc_lower=0.7, roc_auc_upper=0.8, holm=[None, 1.0, 1.0])


@pytest.fixture
def kept():
    rows = [(evaluator, "noise", 0.02, 40, 0.9, 0.9) for evaluator in ("trained without", "trained with")]
    table = pd.DataFrame(
        rows, columns=["classifier", "augmentation", "setting", "images", "agree_before", "agree_after"]
    )
    return table.assign(difference=0.003, difference_lower=-SPREAD, difference_upper=SPREAD, preserved=1)


def test_no_two_ticks_of_a_gain_read_alike(gains):
    labels = tick_labels(plot_comparison(gains, 3, 0.95))[1]
    assert len(set(labels)) == len(labels) > 3


def test_no_two_ticks_of_a_change_of_agreement_read_alike(kept):
    labels = tick_labels(plot_preservation(kept, SPREAD))[0]
    assert len(set(labels)) == len(labels) > 3


@pytest.mark.parametrize(("distance", "shown"), [(2690.4, "2,690"), (0.01234, "0.0123"), (-0.5, "\N{MINUS SIGN}0.5")])
def test_a_distance_is_written_without_a_power_of_ten(distance, shown):
    rows = [("none", "roc_auc", 0.75, 0.7, 0.8), ("none", "kid", distance, distance - 0.1, distance + 0.1)]
    table = pd.DataFrame(rows, columns=["features", "measure", "value", "lower", "upper"]).assign(images=20)
    assert [text.get_text() for axes in plot_gap(table, 0.95).axes for text in axes.texts] == ["0.75", shown]
