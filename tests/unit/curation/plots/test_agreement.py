"""The figures of stage measure_agreement."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from radsieve.curation.agreement import agreement_tables as made
from radsieve.curation.agreement import ratings
from radsieve.curation.plots import agreement
from radsieve.reporting import sheet


def cross_check(*labels: tuple[str, str]) -> pd.DataFrame:
    rows = [(f"film {place}", *pair) for place, pair in enumerate(labels)]
    return pd.DataFrame(rows, columns=["file_id", "A", "B"])


@pytest.fixture
def sheets(monkeypatch):
    """What is drawn: rows and title of each sheet."""
    drawn = []

    def film_sheet(rows, title):
        drawn.append((rows, title))
        return sheet.film_sheet(rows, title)

    monkeypatch.setattr(agreement, "film_sheet", film_sheet)
    return drawn


def test_every_kind_of_disagreement_is_shown_before_more_of_one_kind(tmp_path, sheets):
    Image.fromarray(np.arange(600, dtype=np.uint8).reshape(20, 30)).save(tmp_path / "film.png")
    disputed = cross_check(("0", "1"), ("0", "1"), ("0", "1"), ("2", "0"))
    films = dict.fromkeys(disputed["file_id"], tmp_path / "film.png")
    agreement.draw_disagreements(disputed, films, ["A", "B"], limit=3)
    [(rows, title)] = sheets
    assert title == "4 items on which raters disagree, 3 of them shown"
    assert [heading for heading, _ in rows] == ["3 films\nA: 0\nB: 1", "1 film\nA: 2\nB: 0"]
    captions = [[tile.caption for tile in tiles] for _, tiles in rows]
    assert captions == [["film 0\nA: 0\nB: 1", "film 1\nA: 0\nB: 1"], ["film 3\nA: 2\nB: 0"]]
    assert all(tile.image.shape == (20, 30) for _, tiles in rows for tile in tiles)


def test_ratings_without_films_say_so(sheets):
    agreement.draw_disagreements(cross_check(("0", "1")), {}, ["A", "B"], limit=3)
    agreement.draw_disagreements(cross_check(), {}, ["A", "B"], limit=3)
    assert sheets[0][1] == "1 items on which raters disagree: from a table of ratings, without films to show"
    assert sheets[1] == ([], "0 items on which raters disagree")


@pytest.mark.parametrize("raters", [0, 1, 2, 3, 8])
def test_figure_for_any_number_of_raters(raters):
    labels = np.random.default_rng(1).integers(0, 3, size=(30, max(raters, 1))).astype(str)
    rows = [(f"film {i}", "", f"R{r}", labels[i, r]) for i in range(30) for r in range(raters)]
    readings = pd.DataFrame(rows, columns=ratings.READING)
    rated = ratings.collect(readings, ratings.grades_scale(["0", "1", "2"]), [f"R{r}" for r in range(raters)])
    contingency = made.contingency(rated)
    coefficients = made.coefficients(rated, "ordinal", 100, 0.95, 1)
    findings = made.finding_coefficients(rated, "ordinal", 100, 0.95, 1)
    confusion = made.consensus(rated, 100, 0.95, 1)[1]
    figure = agreement.draw_agreement(contingency, coefficients, findings, confusion, rated.scale.shown, "made up")
    figure.draw_without_rendering()
    titles = [axes.get_title() for part in [figure, *figure.subfigs] for axes in part.axes]
    assert ("30 items by the labels of both raters" in titles) == (raters == 2)
    assert ("Cohen's kappa of every two raters" in titles) == (raters not in (0, 2))
    assert {f"R{r}" for r in range(raters)} <= set(titles)
