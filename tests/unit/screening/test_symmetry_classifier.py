"""Nested cross-validation: nothing of a fold is seen before it is judged, and labels without sense give chance."""

import numpy as np
import pandas as pd
import pytest

from radsieve.errors import InputError
from radsieve.screening import symmetry_classifier
from radsieve.screening.symmetry_classifier import LOGISTIC, SAVED, TREE, cross_validate_models, refit
from radsieve.screening.symmetry_judgement import evaluate_models, symmetry_metrics
from radsieve.screening_tables import FEATURES

OPTIONS = {
    "folds": 3,
    "inner_folds": 2,
    "accept_at": 0.5,
    "logistic_c": [0.1, 10],
    "tree_depth": [2],
    "tree_leaf_films": [5, 20],
    "bootstrap": 100,
    "confidence": 0.95,
    "seed": 1,
}


def draw_films(films=240, groups=12, telling=True, seed=0):
    rng = np.random.default_rng(seed)
    features = rng.random((films, len(FEATURES)))
    truth = features[:, 0] > 0.7 if telling else rng.random(films) < 0.3
    return pd.DataFrame(features, columns=list(FEATURES)).assign(
        film=[f"{number:03}.png" for number in range(films)],
        group=[f"G{number % groups}" for number in range(films)],
        unit=[f"{number:03}.png" for number in range(films)],
        truth=truth.astype(float),
        label=truth.astype(int),
    )


@pytest.fixture(scope="module")
def films():
    return draw_films()


@pytest.fixture(scope="module")
def judged(films):
    return cross_validate_models(films, OPTIONS)


def test_every_model_judges_every_film_once_in_a_fold_of_its_group(films, judged):
    by_model = judged.predictions.groupby("model", sort=False)
    assert list(by_model.groups) == [
        "always_accept",
        "best_single_feature",
        "logistic_regression",
        "decision_tree",
        "gradient_boosting",
    ]
    for _, found in by_model:
        assert found["film"].tolist() == films["film"].tolist()
        assert found.groupby("group")["fold"].nunique().max() == 1
    assert (judged.predictions["accepted"] == (judged.predictions["probability"] >= 0.5)).all()


def test_a_feature_that_tells_is_found_and_used(films, judged):
    judgement = evaluate_models(judged, films, OPTIONS)
    auc = judgement.comparison.query("metric == 'roc_auc' and judged_by == 'truth'").set_index("model")["value"]
    assert auc["always_accept"] == 0.5
    assert auc.drop("always_accept").min() > 0.97
    metrics = symmetry_metrics(judgement, judged, films, {})
    assert metrics["models"]["decision_tree"]["bad_per_good_after"] < 0.1
    assert metrics["labels_off_the_truth"] == 0
    assert len(metrics["settings_of_folds"]["decision_tree"]) == 3
    assert set(metrics["settings_of_folds"]) == set(SAVED)


@pytest.mark.filterwarnings("error")
def test_labels_that_nothing_tells_give_chance():
    films = draw_films(telling=False, seed=2)
    judgement = evaluate_models(cross_validate_models(films, OPTIONS), films.assign(truth=np.nan), OPTIONS)
    found = judgement.comparison[judgement.comparison["metric"] == "roc_auc"].set_index("model")
    assert (found["lower"] <= 0.5).all()
    assert (found["value"] < 0.65).all()
    assert set(judgement.comparison["judged_by"]) == {"labels"}


def test_the_best_feature_and_the_scaler_are_fitted_within_the_fold(films, monkeypatch):
    seen = []
    original = symmetry_classifier.separation
    monkeypatch.setattr(
        symmetry_classifier,
        "separation",
        lambda features, labels: seen.append(len(labels)) or original(features, labels),
    )
    cross_validate_models(films, OPTIONS)
    assert seen == [160, 160, 160]


def test_refitting_takes_all_films(films):
    tree, settings = refit(films, TREE, OPTIONS)
    assert tree[-1].tree_.n_node_samples[0] == len(films)
    assert FEATURES[tree[-1].tree_.feature[0]] == "iou"
    assert set(settings) == {"model__max_depth", "model__min_samples_leaf"}
    logistic, settings = refit(films, LOGISTIC, OPTIONS)
    assert settings == {"model__C": 10}
    assert np.argmax(np.abs(logistic[-1].coef_)) == 0


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({"label": 1}, {}, "folds = 3: films of both classes are needed, but these 240 are all good"),
        ({"label": 0}, {}, "these 240 are all bad"),
        ({"group": "G"}, {}, "folds = 3: more folds than the 1 groups"),
        ({}, {"folds": 13}, "folds = 13: more folds than the 12 groups"),
        ({}, {"inner_folds": 9}, "inner_folds = 9: more folds than the 8 groups"),
    ],
)
def test_films_that_cannot_be_split(films, changes, options, message):
    with pytest.raises(InputError, match=message):
        cross_validate_models(films.assign(**changes), OPTIONS | options)


def test_one_group_with_all_good_films_leaves_nothing_to_learn(films):
    with pytest.raises(InputError, match="leave one class only to learn from"):
        cross_validate_models(films.assign(label=(films["group"] == "G1").astype(int)), OPTIONS)
