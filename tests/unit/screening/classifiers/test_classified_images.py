import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from radsieve import tables
from radsieve.imaging.image_batches import ImageBatch
from radsieve.networks.backbones import Backbone
from radsieve.networks.classifier import Classifier, Network, Preprocessing
from radsieve.networks.device import Device
from radsieve.screening.classifiers.classified_images import KINDS, ClassifiedImages, predict_set
from radsieve.screening.plots.heat_maps import ShownImage, heat_grid
from radsieve.screening.tables import PREDICTIONS

HIGHEST, MIDDLE, LOWEST = KINDS


class Pixels(Backbone):
    """The image itself is the only map."""

    channels = 1

    def forward(self, images):
        return images


@pytest.fixture
def classifier():
    """The logit is 2 x (mean of the image) - 1."""
    network = Network(Pixels(), 1)
    with torch.no_grad():
        network.output.weight.fill_(2)
        network.output.bias.fill_(-1)
    card = {"pixels": 4, "channels": 1, "positive": "bright"}
    return Classifier(network, Preprocessing(4, 0.0, "whole", 0.0), Device(torch.device("cpu"), torch.float32), card)


def image(name, probability, heat=0.0):
    return ShownImage(name, np.zeros((1, 4, 4), np.uint8), np.full((4, 4), heat, np.float32), probability)


def test_probability_and_greatest_heat_of_each_image(classifier):
    images = np.zeros((3, 1, 4, 4), dtype=np.uint8)
    images[1] = 255
    images[2, 0, 1, 2] = 51  # 0.2 in one of 16 pixels
    batches = [ImageBatch(["black", "white"], images[:2], [(4, 4)] * 2), ImageBatch(["dot"], images[2:], [(4, 4)])]
    found = ClassifiedImages(4)
    predict_set(classifier, batches, found)
    assert found.table["file"].tolist() == ["black", "white", "dot"]
    logits = np.array([-1, 1, 2 * 0.2 / 16 - 1])
    assert found.table["probability"].to_numpy() == pytest.approx(1 / (1 + np.exp(-logits)), abs=1e-6)
    assert found.table["max_heat"].to_numpy() == pytest.approx([0, 2 / 16, 2 * 0.2 / 16], abs=1e-6)
    assert found.metrics("bright", 7) == {
        "images": 3,
        "quarantined": 7,
        "positive": "bright",
        "operating_point": 0.5,
        "images_called_positive": 1,
        "mean_probability": pytest.approx((1 / (1 + np.exp(-logits))).mean(), abs=1e-6),
        "median_max_heat": pytest.approx(0.025, abs=1e-6),
        "greatest_max_heat": pytest.approx(0.125, abs=1e-6),
    }


def test_images_of_each_kind_are_shown_once():
    found = ClassifiedImages(2)
    for name, probability in (("a", 0.1), ("b", 0.95), ("c", 0.52), ("d", 0.9), ("e", 0.05), ("f", 0.4), ("g", 0.95)):
        found.add(image(name, probability))
    shown = {kind: [one.name for one in images] for kind, images in found.shown.items()}
    assert shown == {HIGHEST: ["b", "g"], MIDDLE: ["c", "f"], LOWEST: ["e", "a"]}
    few = ClassifiedImages(2)
    few.add(image("only", 0.3))
    assert {kind: len(images) for kind, images in few.shown.items()} == {HIGHEST: 1, MIDDLE: 0, LOWEST: 0}


@given(st.lists(st.floats(0, 1), max_size=30), st.integers(1, 5))
def test_the_images_shown_are_those_of_a_full_sort(probabilities, maximum):
    found = ClassifiedImages(maximum)
    for number, probability in enumerate(probabilities):
        found.add(image(str(number), probability))
    taken = set()
    for kind, place in KINDS.items():
        best = sorted(range(len(probabilities)), key=lambda row, place=place: place(probabilities[row], 0.5))[:maximum]
        assert [one.name for one in found.shown[kind]] == [str(row) for row in best if row not in taken]
        taken |= set(best)


def test_no_images_give_empty_results(tmp_path):
    found = ClassifiedImages(2)
    tables.write(PREDICTIONS, found.table, tmp_path / "predictions.csv")
    assert (tmp_path / "predictions.csv").read_text() == "file,probability,max_heat,positive\n"
    assert found.metrics("bright", 0)["mean_probability"] is None


@pytest.mark.parametrize("channels", [1, 3])
def test_the_grid_shows_images_with_and_without_heat(channels):
    pixels = np.full((channels, 8, 8), 90, np.uint8)
    heats = [np.zeros((8, 8), np.float32), np.eye(8, dtype=np.float32)]
    images = [ShownImage(f"image {number}", pixels, heat, 0.8 - number / 2) for number, heat in enumerate(heats)]
    figure = heat_grid({HIGHEST: images[:1], MIDDLE: [], LOWEST: images[1:]}, "bright", 9)
    words = [text.get_text() for text in figure.texts]
    assert words[0] == "Where bright is seen (Grad-CAM): 2 of 9 images"
    assert "image 1\nprobability 0.300, heat 1" in words
    cold, hot = (axes.images[0].get_array() for axes in figure.axes)
    assert np.ptp(cold) == pytest.approx(0, abs=1e-6)
    assert not np.allclose(hot[0, 0], cold[0, 0])
    assert np.allclose(hot[0, 5], cold[0, 5])
