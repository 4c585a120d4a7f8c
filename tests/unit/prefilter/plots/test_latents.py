"""The figures of stage explore_latents where rows are few, or none."""

import pandas as pd
import pytest

from radsieve import files
from radsieve.prefilter.plots.latents import plot_components, plot_correlations, plot_embedding, plot_valid_rates
from radsieve.prefilter.tables import COMPONENTS, EMBEDDING, MIXING

GROUPS, SCORES = ("a", "b"), ("valid", "score_shape")


def texts(figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in [*axes.texts, axes.title]]


def embedded(*of: tuple[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two points and the areas of each group and score: in the plane beyond chance for group a alone."""
    points = [(group, score, row, row, row / 2, 0.5) for group, score in of for row in (0, 1)]
    areas = [
        (group, score, 2, space, classifier, 0.75 if group == "a" else 0.5, 0.5, 0.5625, 0.01)
        for group, score in of
        for space in ("plane", "latent")
        for classifier in ("neighbours", "linear")
    ]
    return pd.DataFrame(points, columns=list(EMBEDDING.columns)), pd.DataFrame(areas, columns=list(MIXING.columns))


def test_areas_are_shown_by_group_and_what_is_beyond_chance_is_bold():
    figure = plot_embedding(*embedded(("a", "valid"), ("b", "valid")))
    assert figure.get_figwidth() <= 6
    for axes in figure.axes[:2]:
        assert [(text.get_text(), text.get_fontweight()) for text in axes.texts] == [
            ("0.75", "bold"),
            ("0.50", "normal"),
        ]
    assert [axes.get_title() for axes in figure.axes[2:4]] == ["a", "b"]


def test_a_score_without_rows_has_no_area():
    figure = plot_embedding(*embedded(("a", "valid"), ("b", "valid"), ("b", "score_shape")))
    assert [text.get_text() for text in figure.axes[0].texts] == ["0.75", "–", "0.50", "0.50"]


def test_no_rows_at_all(tmp_path):
    figure = plot_embedding(*embedded())
    assert "no group has enough rows" in [text.get_text() for text in figure.texts]
    files.write_figure(tmp_path / "embedding.png", figure)


@pytest.mark.parametrize(("level", "beyond"), [(0.25, "1 of 3"), (0.125, "2 of 3"), (None, "0 of 3")])
def test_components_beyond_chance_are_counted(tmp_path, level, beyond):
    values = [None] * 3 if level is None else [0.1, -0.2, 0.3]
    chance = [None if level is None else 0.01 if abs(value) > level else 0.5 for value in values]
    rows = [
        ("a", "valid", place, 0.0, 1.0, 1.0, value, level, p)
        for place, (value, p) in enumerate(zip(values, chance, strict=True))
    ]
    components = pd.DataFrame(rows, columns=list(COMPONENTS.columns))
    components = components.astype(dict.fromkeys(components.columns[3:], float))
    figure = plot_components(components, 0.95)
    assert beyond in texts(figure)
    files.write_figure(tmp_path / "components.png", figure)


def test_a_source_of_one_group_is_shown_by_its_name():
    sources = [("twin", "all"), ("twin", "a"), ("twin", "b"), ("screened", "c")]
    rows = [(*of, score, 1.0, 0.5) for of in sources for score in SCORES]
    figure = plot_correlations(pd.DataFrame(rows, columns=["source", "group", "score", *SCORES]))
    assert [axes.get_title() for axes in figure.axes] == ["twin: all groups", "screened: c"]


def test_no_valid_row():
    rows = [("twin", group, score, 10, 0, 0.0, 0.0, 0.25) for group in GROUPS for score in SCORES]
    columns = ["source", "group", "score", "rows", "passed", "share", "lower", "upper"]
    assert texts(plot_valid_rates(pd.DataFrame(rows, columns=columns))).count("0.0%  (0 of 10)") == 2
