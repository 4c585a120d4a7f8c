"""The figures of stage measure_agreement."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from radsieve.curation.agreement import agreement_tables as made
from radsieve.curation.agreement import ratings
from radsieve.curation.plots import agreement
from radsieve.figures import grids


def cross_check(*labels: tuple[str, str]) -> pd.DataFrame:
    rows = [(f"image {place}", *pair) for place, pair in enumerate(labels)]
    return pd.DataFrame(rows, columns=["file_id", "A", "B"])


@pytest.fixture
def plotted(monkeypatch):
    """What is plotted: rows and title of each grid."""
    shown = []

    def image_grid(rows, title):
        shown.append((rows, title))
        return grids.image_grid(rows, title)

    monkeypatch.setattr(agreement, "image_grid", image_grid)
    return shown


def test_every_kind_of_disagreement_is_shown_before_more_of_one_kind(tmp_path, plotted):
    Image.fromarray(np.arange(600, dtype=np.uint8).reshape(20, 30)).save(tmp_path / "image.png")
    disputed = cross_check(("0", "1"), ("0", "1"), ("0", "1"), ("2", "0"))
    images = dict.fromkeys(disputed["file_id"], tmp_path / "image.png")
    agreement.plot_disagreements(disputed, images, ["A", "B"], limit=3)
    [(rows, title)] = plotted
    assert title == "4 items on which raters disagree, 3 of them shown"
    assert [heading for heading, _ in rows] == ["3 images\nA: 0\nB: 1", "1 image\nA: 2\nB: 0"]
    captions = [[tile.caption for tile in tiles] for _, tiles in rows]
    assert captions == [["image 0\nA: 0\nB: 1", "image 1\nA: 0\nB: 1"], ["image 3\nA: 2\nB: 0"]]
    assert all(tile.image.shape == (20, 30) for _, tiles in rows for tile in tiles)


def test_ratings_without_images_say_so(plotted):
    agreement.plot_disagreements(cross_check(("0", "1")), {}, ["A", "B"], limit=3)
    agreement.plot_disagreements(cross_check(), {}, ["A", "B"], limit=3)
    assert plotted[0][1] == "1 item on which raters disagree: from a table of ratings, without images to show"
    assert plotted[1] == ([], "0 items on which raters disagree")


@pytest.mark.parametrize("raters", [0, 1, 2, 3, 8, made.PAIRED + 1])
def test_figure_for_any_number_of_raters(raters):
    labels = np.random.default_rng(1).integers(0, 3, size=(30, max(raters, 1))).astype(str)
    rows = [(f"image {i}", "", f"R{r}", labels[i, r]) for i in range(30) for r in range(raters)]
    readings = pd.DataFrame(rows, columns=ratings.READING)
    rated = ratings.collect(readings, ratings.grades_scale(["0", "1", "2"]), [f"R{r}" for r in range(raters)])
    contingency = made.contingency(rated)
    coefficients = made.coefficients(rated, "ordinal", 100, 0.95, 1)
    findings = made.finding_coefficients(rated, "ordinal", 100, 0.95, 1)
    confusion = made.consensus(rated, 100, 0.95, 1)[1]
    figure = agreement.plot_agreement(contingency, coefficients, findings, confusion, rated.scale.shown, "made up")
    figure.draw_without_rendering()
    titles = [axes.get_title() for part in [figure, *figure.subfigs] for axes in part.axes]
    assert ("30 items by the labels of both raters" in titles) == (raters == 2)
    assert ("Cohen's kappa of every two raters" in titles) == (raters in (1, 3, 8))
    assert {f"R{r}" for r in range(min(raters, 30))} <= set(titles)
    assert f"R{made.PAIRED}" not in titles
