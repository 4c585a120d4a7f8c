"""Rows of LEAKS: which have a difference, which of them the page counts, and what it compares in words."""

import numpy as np
import pandas as pd
import pytest

from radsieve.stats.resampling import Estimate
from radsieve.tasks.leaks import leak_row
from radsieve.tasks.plots.mistakes import plot_mistakes, with_honest_intervals
from radsieve.tasks.published import published_beside
from radsieve.tasks.report.mistakes import COUNTED, _as_called, _said, counted
from radsieve.tasks.report.part import Part
from radsieve.tasks.tables import LEAKS
from radsieve.tasks.texts.chunks import balanced_accuracy, balanced_difference

VALUE, APART = Estimate(0.875, 0.75, 1.0), Estimate(0.125, -0.0625, 0.25)


def table(rows, task="one"):
    return LEAKS.validate(pd.DataFrame(rows, columns=list(LEAKS.columns))).assign(task=task)


def row(protocol="by_image", metric="accuracy", units=(20, 20), honest=0.75, apart=APART, **beside):
    return leak_row(protocol, "m", metric, 40, VALUE, honest, apart, units, **beside)


def test_the_honest_protocol_has_no_difference_and_the_same_predictions_have_one_of_zero_without_an_interval():
    found = table([row("honest"), row(same=True), row()])
    assert np.isnan(found["difference"][0])
    assert table([row("honest", same=True)])["same"].item() == 0, "it is compared with nothing"
    assert found["difference"][1] == 0
    assert np.isnan(found["difference_lower"][1])
    assert found.loc[2, ["difference", "difference_lower", "difference_upper"]].tolist() == [0.125, -0.0625, 0.25]


def test_counted_is_the_first_metric_that_was_measured_on_both_sides_in_five_units():
    unmeasured = row(honest=np.nan, apart=Estimate(np.nan), units=(20, 0), chance=0.5)
    rows = [
        row(), row(same=True), row(units=(5, 5)), row(units=(4, 20)), row(units=(20, 4)), unmeasured,
        row(apart=Estimate(0.125)), row(metric="roc_auc"),
    ]  # fmt: skip
    found = counted(table(rows))
    assert found[found == COUNTED].index.tolist() == [0, 1, 2]
    assert found[3] == found[4] != found[5] != found[6] != found[7]
    described = counted(table([row("missing_as_zero", "share_present"), row("exploded", "share_present")]))
    assert (described != COUNTED).all(), "neither higher nor lower is better"


def said_of(rows):
    made = table(rows)
    made = made.assign(counted=counted(made))
    sure = made[made["counted"] == COUNTED]
    return _said(sure, sure[sure["difference_lower"] > 0], len(made))


def test_the_summary_tells_none_repeated_from_none_counted_and_says_always_that_nothing_is_adjusted():
    assert said_of([]) == "No mistake was repeated."
    few = said_of([row(units=(4, 4))])
    assert "0 cases" in few and "of 1 row" in few
    lowered = said_of([row(apart=Estimate(-0.25, -0.5, -0.125))])
    assert "In 0 the interval of the difference is above 0." in lowered
    assert "In 1 it is below 0" in lowered and lowered.endswith("not adjusted for their number.")


def test_an_honest_interval_is_that_of_the_same_task_metric_and_value():
    both = pd.concat([
        table([leak_row("honest", "m", "accuracy", 40, Estimate(0.75, 0.5, 1.0), 0.75, APART, (9, 9)), row()]),
        table([leak_row("honest", "m", "accuracy", 40, Estimate(0.75, 0.625, 0.875), 0.75, APART, (9, 9)),
               row(), row(honest=0.7)], "two"),
    ])  # fmt: skip
    found = with_honest_intervals(both)
    assert found["honest_lower"].tolist()[:4] == [0.5, 0.5, 0.625, 0.625]
    assert np.isnan(found["honest_lower"].iloc[4])
    assert len(found) == len(both)


def test_an_honest_interval_is_that_of_the_same_model_where_two_have_the_same_value():
    models = {"m": Estimate(0.75, 0.5, 1.0), "n": Estimate(0.75, 0.625, 0.875)}
    rows = [leak_row("honest", name, "accuracy", 40, one, 0.75, APART, (9, 9)) for name, one in models.items()]
    rows += [leak_row("by_image", name, "accuracy", 40, VALUE, 0.75, APART, (9, 9)) for name in ("n", "m", "best")]
    found = with_honest_intervals(table(rows))
    assert found["honest_lower"].tolist() == [0.5, 0.625, 0.625, 0.5, 0.5]


def test_a_figure_has_a_panel_for_each_metric_with_its_own_label():
    rows = with_honest_intervals(table([row(), row(metric="roc_auc"), row("by_slice")]))
    published = pd.DataFrame({"task": ["one"], "protocol": ["by_slice"], "metric": ["accuracy"], "value": [0.5]})
    figure = plot_mistakes(rows, published, {"accuracy": "Accuracy", "roc_auc": "Area"})
    assert [axes.get_xlabel() for axes in figure.axes] == ["Accuracy", "Area"]
    assert [len(axes.get_yticks()) for axes in figure.axes] == [2, 1]


def test_a_published_value_stands_beside_the_same_task_protocol_and_metric_whichever_metric_it_is():
    rows = with_honest_intervals(table([row(), row(metric="roc_auc"), row("by_slice", "roc_auc")]))
    values = pd.DataFrame([("one", "by_image", "roc_auc", 0.52), ("two", "by_image", "accuracy", 0.9),
                           ("one", "by_image", "roc_auc", 0.25)],
                          columns=["task", "protocol", "metric", "value"])  # fmt: skip
    assert published_beside(rows, values) == [(), (0.52, 0.25), ()]
    panels = plot_mistakes(rows, values, {"accuracy": "Accuracy", "roc_auc": "Area"}).axes
    stars = [[line for line in axes.lines if line.get_marker() == "*"] for axes in panels]
    assert [len(one) for one in stars] == [0, 1]
    assert stars[1][0].get_xydata().tolist() == [[0.52, 0], [0.25, 0]]


def test_a_published_value_of_an_author_is_of_the_writer_whom_the_page_names():
    """Synthetic rows of a table and the models of it have results in folders of one name."""
    of = (("classify_rows/deaths", "deaths"), ("synthesize_tables/deaths", "synthesis of deaths"),
          ("train_writer/Chekhov", "writer of Chekhov"))  # fmt: skip
    parts = [Part("a", "A", "a.html", {}, leaks=f"{folder}/leaks.csv", task=task) for folder, task in of]
    found = _as_called(pd.DataFrame({"task": ["deaths", "Chekhov", "Mayakovsky"], "value": [0.5, 0.25, 0.75]}), parts)
    assert found["task"].tolist() == ["deaths", "writer of Chekhov", "Mayakovsky"]
    assert found["value"].tolist() == [0.5, 0.25, 0.75]


def test_the_paired_difference_of_balanced_accuracy_is_narrower_than_that_of_independent_chunks():
    random = np.random.default_rng(4)
    truth = np.repeat(np.array(["a", "b"], dtype=object), 100)
    units = np.arange(200) // 2
    before = np.where(random.random(200) < 0.3, np.where(truth == "a", "b", "a"), truth)
    called = before.copy()
    called[:4] = truth[:4]  # one author gains at most four chunks
    found = balanced_difference(truth, called, before, units, 0.95)
    first, second = (balanced_accuracy(truth, one, units, 0.95) for one in (called, before))
    assert found.value == pytest.approx(first.value - second.value)
    assert found.upper - found.lower < 0.5 * np.hypot(first.upper - first.lower, second.upper - second.lower)
