"""Classifiers of images: saving, loading, and what they answer."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from radsieve.errors import InputError
from radsieve.networks.backbones import build_backbone
from radsieve.networks.checkpoints import read_checkpoint, write_checkpoint
from radsieve.networks.classifier import Classifier, Network, Preprocessing, classify, load_classifier, save_classifier
from radsieve.networks.device import Device
from radsieve.networks.views import cut

CPU = Device(torch.device("cpu"), torch.float32)


def make(views: str = "halves", top_crop: float = 0.25, **changes: Any) -> Classifier:
    torch.manual_seed(1)
    network = Network(build_backbone("efficientnet_lite0", 16), grid=2).eval()
    card = {"backbone": "efficientnet_lite0", "stride": 16, "grid": 2, "pixels": 64, "channels": 1, "positive": "F"}
    return Classifier(network, Preprocessing(64, top_crop, views, 0.0), CPU, card | changes)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (3, 1, 64, 64), dtype=np.uint8)


def test_a_saved_classifier_answers_as_before(tmp_path: Path, images: np.ndarray) -> None:
    classifier = make()
    save_classifier(tmp_path / "a.safetensors", classifier)
    save_classifier(tmp_path / "b.safetensors", classifier)
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    loaded = load_classifier(tmp_path / "a.safetensors", CPU)
    assert (loaded.pixels, loaded.channels, loaded.positive) == (64, 1, "F")
    assert loaded.preprocessing == classifier.preprocessing
    for found, expected in zip(classify(loaded, images), classify(classifier, images), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_probability_is_the_sigmoid_of_the_mean_logit_of_the_views(images: np.ndarray) -> None:
    classifier = make()
    prepared = classifier.preprocessing.prepare(torch.from_numpy(images))
    with torch.inference_mode():
        logits = [classifier.network(cut(prepared, view)) for view in classifier.preprocessing.regions()]
    probability, heat = classify(classifier, images)
    np.testing.assert_allclose(probability, torch.sigmoid((logits[0] + logits[1]) / 2).numpy(), atol=1e-5)
    assert heat.shape == (3, 64, 64)
    assert heat.min() >= 0
    assert not heat[:, :16].any()  # the cropped top


def test_mirrored_images_have_the_same_probability_and_mirrored_heat_in_halves(images: np.ndarray) -> None:
    classifier = make()
    probability, heat = classify(classifier, images)
    mirrored, mirrored_heat = classify(classifier, images[..., ::-1])
    np.testing.assert_allclose(mirrored, probability, atol=1e-5)
    np.testing.assert_allclose(mirrored_heat[..., ::-1], heat, atol=1e-5)


def test_images_of_other_sizes_are_taken_and_their_heat_has_their_size() -> None:
    image = np.full((1, 1, 100, 80), 90, dtype=np.uint8)
    assert classify(make("whole", 0.0), image)[1].shape == (1, 100, 80)


def test_images_of_other_channels_are_refused() -> None:
    with pytest.raises(InputError, match="images of 3 channels, but the classifier takes 1"):
        classify(make(), np.zeros((1, 3, 64, 64), dtype=np.uint8))


def test_no_images_give_no_answers() -> None:
    probability, heat = classify(make(), np.zeros((0, 1, 64, 64), dtype=np.uint8))
    assert probability.shape == (0,)
    assert heat.shape == (0, 64, 64)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"backbone": "vgg"}, "no backbone 'vgg'"),
        ({"stride": 7}, "no maps at stride 7"),
        ({"preprocessing": {"input_pixels": 64}}, "its card does not describe a classifier"),
        ({"grid": 3}, "weights of another architecture"),
        ({"kind": "segmenter"}, "its card says 'segmenter'"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = tmp_path / "model.safetensors"
    save_classifier(path, make())
    tensors, card = read_checkpoint(path, "classifier")
    write_checkpoint(path, tensors, card | change)
    with pytest.raises(InputError, match=said) as error:
        load_classifier(path, CPU)
    assert str(path) in str(error.value)


def test_a_truncated_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_classifier(path, make())
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="truncated"):
        load_classifier(path, CPU)
