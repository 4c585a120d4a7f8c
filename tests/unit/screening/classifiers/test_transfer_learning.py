"""The linear unit: its fit, the choice of C, calibration, and what keeps patients apart."""

import numpy as np
import pandas as pd
import pytest
from defaults import settings
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from radsieve.errors import InputError
from radsieve.screening.classifiers.ablation import ablation_metrics, compare_views
from radsieve.screening.classifiers.fitting import recalibration
from radsieve.screening.classifiers.shortcut import shortcut_metrics, shortcut_table
from radsieve.screening.classifiers.transfer_learning import (
    LinearUnit,
    choose_strength,
    fit_linear,
    platt_sigmoid,
    unit_folds,
    with_copies,
)

OPTIONS = settings("train_sex", bootstrap=200)


def data(images: int = 60, views: int = 2) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    labels = np.arange(images) % 2
    features = random.normal(3, 2, (images, views, 5))
    features[:, :, 0] += 3 * labels[:, None]
    return features, labels


def test_the_standardisation_is_folded_into_the_unit() -> None:
    features, labels = data(views=1)
    scaler = StandardScaler().fit(features[:, 0])
    model = LogisticRegression(C=0.1, class_weight="balanced").fit(scaler.transform(features[:, 0]), labels)
    expected = model.decision_function(scaler.transform(features[:, 0]))
    np.testing.assert_allclose(fit_linear(features, labels, 0.1).logits(features), expected, atol=1e-3)


def test_the_logit_of_an_image_is_the_mean_of_its_views() -> None:
    linear = LinearUnit(np.array([1.0, -2.0]), 0.5)
    assert linear.logits(np.array([[[1.0, 0.0], [3.0, 1.0]]])) == pytest.approx([(1.5 + 1.5) / 2])


def test_classes_weigh_alike_however_many_images_they_have() -> None:
    features, labels = data()
    few = np.concatenate([np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)[:6]])
    probability = expit(fit_linear(features[few], labels[few], 1.0).logits(features))
    assert np.mean(probability >= 0.5) == pytest.approx(0.5, abs=0.12)


def test_no_patient_is_in_two_splits_of_a_fold() -> None:
    labels, patients = np.arange(40) % 2, np.arange(40) // 4
    for train, held_out in unit_folds(labels, patients, 3, 1):
        assert not set(patients[train]) & set(patients[held_out])


def test_too_few_patients_for_the_folds_are_named() -> None:
    with pytest.raises(InputError, match="images of 2 units, too few for 3 folds"):
        unit_folds(np.array([0, 0, 0, 1, 1, 1]), np.array([1, 2, 3, 4, 5, 5]), 3, 1)


def test_the_strength_with_the_greatest_area_on_held_out_patients_is_chosen() -> None:
    features, labels = data()
    found = choose_strength(features, labels, np.arange(60), [0.01, 1.0], 3, 1)
    means = found.path.groupby("c")["validation_auc"].mean()
    assert len(found.path) == 6
    assert means[found.strength] == means.max()
    folds = unit_folds(labels, np.arange(60), 3, 1)
    for train, held_out in folds:  # every image by a unit that was fitted without it
        alone = fit_linear(features[train], labels[train], found.strength)
        np.testing.assert_allclose(found.logits[held_out], alone.logits(features[held_out]))


def test_copies_of_held_out_images_take_no_part() -> None:
    assert with_copies(np.array([0, 2]), 3, 9).tolist() == [0, 2, 3, 5, 6, 8]
    features, labels = data()
    alone = choose_strength(features, labels, np.arange(60), [0.1], 3, 1).path
    twice = choose_strength(np.concatenate([features, features]), labels, np.arange(60), [0.05], 3, 1).path
    # the same images twice at half the C are the same problem, and the same images are scored
    np.testing.assert_allclose(alone[["train_auc", "validation_auc"]], twice[["train_auc", "validation_auc"]])


def test_calibration_brings_probabilities_to_shares() -> None:
    random = np.random.default_rng(2)
    logits = random.normal(size=4000)
    labels = (random.random(4000) < expit(0.5 * logits - 1)).astype(int)
    slope, offset = platt_sigmoid(logits, labels)
    assert slope == pytest.approx(0.5, abs=0.1)
    assert offset == pytest.approx(-1, abs=0.1)
    scaled = LinearUnit(np.array([2.0]), 1.0).scaled(slope, offset)
    assert scaled.logits(np.ones((1, 1, 1))) == pytest.approx([3 * slope + offset])


def test_a_classifier_worse_than_chance_is_not_turned_over() -> None:
    slope, _ = platt_sigmoid(np.arange(10.0), (np.arange(10) < 5).astype(int))
    assert 0 < slope < 1e-3


def test_too_few_patients_leave_probabilities_as_they_are() -> None:
    logits, labels = np.linspace(-3, 3, 40), (np.arange(40) >= 18).astype(int)
    patients = np.arange(40) // 2  # nine of the negative label
    assert recalibration(logits, labels, patients, 9)["done"]
    found = recalibration(logits, labels, patients, 10)
    assert found == {"done": False, "slope": 1.0, "offset": 0.0, "fewest_units": 9, "needed_units": 10}


def test_an_ablation_compares_on_the_same_resamples() -> None:
    truth = np.arange(40) % 2
    exact, blind = truth * 0.8 + 0.1, np.full(40, 0.6)
    table = compare_views(truth, np.arange(40) // 2, {(0.0, "whole"): blind, (0.2, "halves"): exact}, OPTIONS)
    gain = table[(table["views"] == "halves") & (table["metric"] == "roc_auc")].iloc[0]
    assert (gain["value"], gain["difference"]) == (1, 0.5)
    assert gain["lower"] < gain["upper"] == 1
    assert 0 < gain["difference_lower"] < 0.5 < gain["difference_upper"]
    assert table["difference"].isna().tolist() == [True, False]
    assert ablation_metrics(table)["halves, 20% of the top cropped"]["roc_auc"]["value"] == 1


def test_an_ablation_does_not_depend_on_where_probabilities_lie() -> None:
    """Probabilities all above a half rank as well as others; at 0.5 they would seem useless."""
    random = np.random.default_rng(3)
    truth = np.arange(60) % 2
    logits = 2 * truth + random.normal(size=60)
    seen = {(0.0, "whole"): expit(logits), (0.2, "whole"): expit(logits + 9)}
    table = compare_views(truth, np.arange(60) // 2, seen, OPTIONS)
    assert set(table["metric"]) == {"roc_auc"}
    assert table["value"][0] == table["value"][1]


def test_heat_inside_and_outside_of_the_lungs_is_shared_out() -> None:
    lungs = np.zeros((3, 4, 4), dtype=bool)
    lungs[:, :, :2] = True
    heat = np.zeros((3, 4, 4))
    heat[0, 0, 0], heat[0, 0, 3], heat[1, 2, 3] = 3, 1, 5
    images = pd.DataFrame(
        {
            "image": list("abc"),
            "patient": list("xyz"),
            "unit": list("xyz"),
            "group": ["1", "0", "0"],
            "truth": [1, 1, 0],
        }
    )
    table = shortcut_table(images.assign(probability=[0.9, 0.4, 0.2]), heat, lungs)
    assert table["heat_inside"].tolist()[:2] == [0.75, 0]
    assert table["heat_outside"].tolist()[:2] == [0.25, 1]
    assert np.isnan(table["heat_outside"][2])
    assert (table["lung_share"] == 0.5).all()
    found = shortcut_metrics(table, ("M", "F"), OPTIONS)
    assert found["F"]["heat_outside"]["value"] == 0.625
    assert found["F, group 1"]["heat_outside"] == {"value": 0.25, "lower": None, "upper": None}
    assert found["M"]["heat_outside"]["value"] is None
