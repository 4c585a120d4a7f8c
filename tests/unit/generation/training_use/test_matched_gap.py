"""The domain gap before and after matching: a scanner that gives 0.4 x + 100 for x, and a small random network."""

import numpy as np
import pytest
import torch

from radsieve.generation.training_use.adaptation import (
    AS_IT_COMES,
    OWN_STATISTICS,
    REAL_STATISTICS,
    REAL_TO_REAL,
    domains,
    matched_gaps,
)
from radsieve.generation.training_use.images import LabelledSet
from radsieve.networks.classifier import Classifier, Network, Preprocessing, pooled_features
from radsieve.networks.device import Device

CPU = Device(torch.device("cpu"), torch.float32)


def pictures(count, seed, gain=1.0, offset=0.0):
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (count, 1, 12, 12)) * random.random((count, 1, 1, 1)) * gain + offset
    return LabelledSet(images.astype(np.uint8), np.arange(count) % 2, np.arange(count) // 2)


class Backbone(torch.nn.Sequential):
    channels = 8


@pytest.fixture
def classifier():
    torch.manual_seed(1)
    layers = [
        torch.nn.Conv2d(1, 8, 3, bias=False), torch.nn.BatchNorm2d(8), torch.nn.ReLU(),
        torch.nn.Conv2d(8, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.ReLU(),
    ]  # fmt: skip
    network = Network(Backbone(*layers), grid=1).eval()
    return Classifier(network, Preprocessing(12, 0.0, "whole", 0.0), CPU, {})


def look(classifier, images):
    prepared = classifier.preprocessing.prepare(torch.from_numpy(images))
    return pooled_features(classifier.network, classifier.preprocessing, CPU, prepared).numpy()


def test_matching_closes_the_gap_that_a_scanner_makes(classifier):
    real, synthetic = domains(pictures(80, 1), pictures(80, 2), pictures(160, 3, 0.4, 100), seed=1)
    settings = {"batch": 16, "folds": 4, "resamples": 100, "confidence": 0.95, "seed": 1}
    found = matched_gaps(classifier, look, real, synthetic, **settings)
    assert found["features"].drop_duplicates().tolist() == [REAL_TO_REAL, AS_IT_COMES, REAL_STATISTICS, OWN_STATISTICS]
    assert set(found["images"]) == {80}
    rows = found.set_index(["measure", "features"])
    areas, distances = rows.loc["roc_auc"], rows.loc["kid"]
    assert areas.loc[REAL_TO_REAL, "lower"] < 0.55
    assert areas.loc[[AS_IT_COMES, REAL_STATISTICS], "value"].min() > 0.95
    assert areas.loc[OWN_STATISTICS, "lower"] < 0.6
    assert distances.loc[REAL_STATISTICS, "value"] > 10 * abs(distances.loc[OWN_STATISTICS, "value"])


def test_domains_have_as_many_images_of_each_label_and_none_twice():
    train, test = pictures(30, 1), pictures(50, 2)
    generated = pictures(44, 3)
    generated = generated.take(np.flatnonzero((generated.labels == 0) | (np.arange(44) < 20)))  # 10 images of label 1
    real, synthetic = domains(train, test, generated, seed=4)
    for part in (real.matched, real.held_out, synthetic.matched, synthetic.held_out):
        assert np.bincount(part.labels).tolist() == [5, 5]
    both = np.concatenate([synthetic.matched.images, synthetic.held_out.images]).reshape(20, -1)
    assert len(np.unique(both, axis=0)) == 20
    again = domains(train, test, generated, seed=4)[0]
    assert np.array_equal(again.held_out.images, real.held_out.images)
