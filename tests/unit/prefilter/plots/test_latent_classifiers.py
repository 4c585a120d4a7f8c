"""The figures of stage compare_classifiers: every model is in them, in a width that can be read."""

import pandas as pd

from radsieve.prefilter.plots.latent_classifiers import plot_classifier_curves, plot_confusion

MODELS = {
    "kNN1": ("nearest neighbours", 0.5),
    "kNN3": ("nearest neighbours", 0.75),
    "Boosting": ("beyond: boosting", 0.9),
}
FOLDS = pd.DataFrame(
    [
        {
            "target": "valid",
            "model": model,
            "family": family,
            "fold": 1,
            "rows": 10,
            "good": 2,
            "roc_auc": area,
            "pr_auc": 0.25,
        }
        for model, (family, area) in MODELS.items()
    ]
)


def test_the_best_of_each_family_is_named_and_all_are_drawn():
    curves = pd.DataFrame(
        [
            {"target": "valid", "model": model, "curve": curve, "x": x, "value": x}
            for model in MODELS
            for curve in ("roc", "precision_recall")
            for x in (0.0, 1.0)
        ]
    )
    figure = plot_classifier_curves(curves, FOLDS, "a")
    assert figure.get_figwidth() <= 6
    assert [len(axes.get_lines()) for axes in figure.axes] == [4, 4]  # chance, and each model
    (legend,) = (legend for part in figure.subfigs for legend in part.legends)
    assert [text.get_text() for text in legend.get_texts()] == [
        "nearest neighbours: kNN3, 0.750, 0.250",
        "beyond the publication: Boosting, 0.900, 0.250",
    ]


def test_every_model_has_its_four_counts():
    counts = {"kNN1": (5, 3, 2, 0), "Boosting": (8, 0, 1, 1)}
    rows = [
        {"target": "valid", "model": model, "good": good, "accepted": kept, "rows": cells[2 * good + kept]}
        for model, cells in counts.items()
        for good in (0, 1)
        for kept in (0, 1)
    ]
    (axes,) = plot_confusion(pd.DataFrame(rows), FOLDS, "a").axes
    assert [text.get_text() for text in axes.texts] == list("53208011")
    assert [label.get_text() for label in axes.get_yticklabels()] == list(counts)


def test_nothing_to_learn(tmp_path):
    empty = FOLDS.head(0)
    for figure in (plot_classifier_curves(empty, empty, "a"), plot_confusion(empty, empty, "a")):
        assert "no target can be learnt" in figure.texts[0].get_text()
