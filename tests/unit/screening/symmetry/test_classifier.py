"""Nested cross-validation: nothing of a fold is seen before it is evaluated, and labels without sense give chance."""

import numpy as np
import pandas as pd
import pytest
from defaults import changed, settings

from radsieve.errors import InputError
from radsieve.screening.symmetry import classifier
from radsieve.screening.symmetry.classifier import LOGISTIC, SAVED, TREE, cross_validate_models, refit
from radsieve.screening.symmetry.evaluation import evaluate_models, symmetry_metrics
from radsieve.screening.tables import FEATURES

OPTIONS = settings("train_symmetry", inner_folds=2, logistic_c=[0.1, 10], tree_depth=[2], bootstrap=100)


def plot_images(images=240, groups=12, telling=True, seed=0):
    rng = np.random.default_rng(seed)
    features = rng.random((images, len(FEATURES)))
    truth = features[:, 0] > 0.7 if telling else rng.random(images) < 0.3
    return pd.DataFrame(features, columns=list(FEATURES)).assign(
        image=[f"{number:03}.png" for number in range(images)],
        group=[f"G{number % groups}" for number in range(images)],
        unit=[f"{number:03}.png" for number in range(images)],
        truth=truth.astype(float),
        label=truth.astype(int),
    )


@pytest.fixture(scope="module")
def images():
    return plot_images()


@pytest.fixture(scope="module")
def evaluated(images):
    return cross_validate_models(images, OPTIONS)


def test_every_model_evaluates_every_image_once_in_a_fold_of_its_group(images, evaluated):
    by_model = evaluated.predictions.groupby("model", sort=False)
    assert list(by_model.groups) == [
        "always_accept",
        "best_single_feature",
        "logistic_regression",
        "decision_tree",
        "gradient_boosting",
    ]
    for _, found in by_model:
        assert found["image"].tolist() == images["image"].tolist()
        assert found.groupby("group")["fold"].nunique().max() == 1
    assert (evaluated.predictions["accepted"] == (evaluated.predictions["probability"] >= 0.5)).all()


def test_a_feature_that_tells_is_found_and_used(images, evaluated):
    evaluation = evaluate_models(evaluated, images, OPTIONS)
    auc = evaluation.comparison.query("metric == 'roc_auc' and evaluated_by == 'truth'").set_index("model")["value"]
    assert auc["always_accept"] == 0.5
    assert auc.drop("always_accept").min() > 0.97
    metrics = symmetry_metrics(evaluation, evaluated, images, {})
    assert metrics["models"]["decision_tree"]["bad_per_good_after"] < 0.1
    assert metrics["labels_off_the_truth"] == 0
    assert len(metrics["settings_of_folds"]["decision_tree"]) == 3
    assert set(metrics["settings_of_folds"]) == set(SAVED)


@pytest.mark.filterwarnings("error")
def test_labels_that_nothing_tells_give_chance():
    images = plot_images(telling=False, seed=2)
    evaluation = evaluate_models(cross_validate_models(images, OPTIONS), images.assign(truth=np.nan), OPTIONS)
    found = evaluation.comparison[evaluation.comparison["metric"] == "roc_auc"].set_index("model")
    assert (found["lower"] <= 0.5).all()
    assert (found["value"] < 0.65).all()
    assert set(evaluation.comparison["evaluated_by"]) == {"labels"}


def test_the_best_feature_and_the_scaler_are_fitted_within_the_fold(images, monkeypatch):
    seen = []
    original = classifier.separation
    monkeypatch.setattr(
        classifier,
        "separation",
        lambda features, labels: seen.append(len(labels)) or original(features, labels),
    )
    cross_validate_models(images, OPTIONS)
    assert seen == [160, 160, 160]


def test_refitting_takes_all_images(images):
    tree, settings = refit(images, TREE, OPTIONS)
    assert tree[-1].tree_.n_node_samples[0] == len(images)
    assert FEATURES[tree[-1].tree_.feature[0]] == "iou"
    assert set(settings) == {"model__max_depth", "model__min_samples_leaf"}
    logistic, settings = refit(images, LOGISTIC, OPTIONS)
    assert settings == {"model__C": 10}
    assert np.argmax(np.abs(logistic[-1].coef_)) == 0


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({"label": 1}, {}, "folds = 3: images of both classes are needed, but these 240 are all good"),
        ({"label": 0}, {}, "these 240 are all bad"),
        ({"group": "G"}, {}, "folds = 3: more folds than the 1 groups"),
        ({}, {"folds": 13}, "folds = 13: more folds than the 12 groups"),
        ({}, {"inner_folds": 9}, "inner_folds = 9: more folds than the 8 groups"),
    ],
)
def test_images_that_cannot_be_split(images, changes, options, message):
    with pytest.raises(InputError, match=message):
        cross_validate_models(images.assign(**changes), changed(OPTIONS, **options))


def test_one_group_with_all_good_images_leaves_nothing_to_learn(images):
    with pytest.raises(InputError, match="leave one class only to learn from"):
        cross_validate_models(images.assign(label=(images["group"] == "G1").astype(int)), OPTIONS)
