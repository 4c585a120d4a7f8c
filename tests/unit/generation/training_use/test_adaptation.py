"""Matching the statistics of batch normalisation to another domain."""

import numpy as np
import pytest
import torch

from radsieve.errors import InputError
from radsieve.generation.training_use.adaptation import adapted_classifier, matched
from radsieve.generation.training_use.domain_gap import domain_gap
from radsieve.networks.backbones import build_backbone
from radsieve.networks.classifier import Classifier, Network, Preprocessing, examine
from radsieve.networks.device import Device

CPU = Device(torch.device("cpu"), torch.float32)


def batches(*values):
    return [torch.tensor(part, dtype=torch.float32).view(-1, 1, 1, 1) for part in values]


def test_the_statistics_are_those_of_the_images():
    layer = torch.nn.BatchNorm2d(1)
    found = matched(layer, batches([1, 3], [5, 9]))
    assert found.running_mean.item() == pytest.approx((2 + 7) / 2)
    assert found.running_var.item() == pytest.approx((2 + 8) / 2)  # unbiased: 2 of 1 and 3, 8 of 5 and 9
    assert found.momentum == layer.momentum
    assert not found.training
    assert (layer.running_mean.item(), layer.running_var.item()) == (0, 1)


def test_weights_stay_and_a_network_without_batch_normalisation_too():
    torch.manual_seed(1)
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2), torch.nn.Dropout(0.5))
    found = matched(network, batches([1, 2, 4]))
    for one, other in zip(network.parameters(), found.parameters(), strict=True):
        assert torch.equal(one, other)
    assert not found[2].training
    plain = torch.nn.Conv2d(1, 2, 1)
    assert torch.equal(matched(plain, batches([1, 2])).weight, plain.weight)
    with pytest.raises(ValueError, match="no images"):
        matched(network, [])


def test_another_scale_and_offset_are_evened_out_and_the_gap_closes():
    """A scanner that gives 0.4 x + 0.5 for x: after the matching, features of both domains are alike."""
    torch.manual_seed(1)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 3, bias=False),
        torch.nn.BatchNorm2d(8),
        torch.nn.ReLU(),
        torch.nn.Conv2d(8, 8, 3),
        torch.nn.BatchNorm2d(8),
        torch.nn.ReLU(),
    ).eval()
    images = torch.rand(160, 1, 12, 12) * torch.rand(160, 1, 1, 1)
    source, target = images[:80], images[80:] * 0.4 + 0.5
    at_home = matched(network, [source])

    def features(net, some):
        with torch.no_grad():
            return net(some).mean(dim=(2, 3)).numpy()

    units = (np.arange(40), np.arange(40))
    settings = {"folds": 4, "resamples": 200, "confidence": 0.95, "seed": 1}
    held_out = features(at_home, source[40:])
    before = domain_gap(held_out, features(at_home, target[40:]), units, **settings).set_index("measure")
    adapted = matched(at_home, [target[:40]])
    after = domain_gap(held_out, features(adapted, target[40:]), units, **settings).set_index("measure")
    assert before.loc["roc_auc", "value"] > 0.95
    assert after.loc["roc_auc", "lower"] < 0.6
    assert before.loc["kid", "value"] > 10 * abs(after.loc["kid", "value"])
    np.testing.assert_allclose(
        features(matched(network, [images[80:]]), images[80:]), features(matched(network, [target]), target), atol=0.01
    )


@pytest.fixture(scope="module")
def classifier():
    torch.manual_seed(1)
    network = Network(build_backbone("efficientnet_lite0", 16), grid=1).eval()
    card = {"backbone": "efficientnet_lite0", "stride": 16, "grid": 1, "pixels": 64, "channels": 1, "positive": "F"}
    return Classifier(network, Preprocessing(64, 0.0, "halves", 0.0), CPU, card)


def test_a_classifier_is_adapted_in_a_copy(classifier):
    images = np.random.default_rng(5).integers(0, 256, (7, 1, 64, 64), dtype=np.uint8)
    before = examine(classifier, images).features
    adapted = adapted_classifier(classifier, images, batch=3)
    assert np.array_equal(examine(classifier, images).features, before)
    changed = examine(adapted, images).features
    assert not np.allclose(changed, before, atol=1e-3)
    whole = adapted_classifier(classifier, images[:6], batch=3)  # the seventh image is a rest
    np.testing.assert_array_equal(examine(whole, images).features, changed)
    assert adapted.card == classifier.card
    assert torch.equal(adapted.network.output.weight, classifier.network.output.weight)


@pytest.mark.parametrize(("images", "batch"), [(1, 8), (8, 1), (0, 8)])
def test_too_few_images_for_statistics(classifier, images, batch):
    with pytest.raises(InputError, match=f"{images} images in batches of {batch}: statistics need at least 2"):
        adapted_classifier(classifier, np.zeros((images, 1, 64, 64), dtype=np.uint8), batch)
