"""Images scored in memory get the scores that the stages give them one after another."""

import shutil

import numpy as np
import pandas as pd
import pytest
import scored_images
import torch

from radsieve import tables
from radsieve.errors import InputError
from radsieve.networks.checkpoints import read_checkpoint, write_checkpoint
from radsieve.networks.device import Device
from radsieve.screening.scores.image_scorer import APPEARANCE, SCORER_OPTIONS, SHAPES, load_scorer
from radsieve.screening.scores.lung_shapes import DESCRIPTORS
from radsieve.screening.tables import SCORED_IMAGES, SCORES

CPU = Device(torch.device("cpu"), torch.float32)


@pytest.fixture(scope="module")
def images(scored_phantoms):
    return np.load(scored_phantoms / "data/generated/images.npy")


@pytest.fixture(scope="module")
def scorer(scored_phantoms):
    return load_scorer(scored_images.scorer_files(scored_phantoms), CPU)


@pytest.fixture(scope="module")
def expected(scored_phantoms):
    return tables.read(SCORED_IMAGES, scored_phantoms / "results/score_images/scores.csv")


def test_scores_are_those_of_score_images(scorer, images, expected):
    """To the ten digits that tables hold; a threshold close to the best value there is costs a few of them."""
    found = scorer.score(images).scores
    assert 0 < expected["valid"].sum() < len(images)
    assert found["valid"].tolist() == expected["valid"].tolist()
    assert found[list(SCORES)].to_numpy() == pytest.approx(expected[list(SCORES)].to_numpy(), abs=1e-7)


def test_scores_in_other_batches_differ_by_rounding_alone(scorer, images, expected):
    """A probability of a pixel that is rounded otherwise may move it into a mask or out of it: rarely, and a little."""
    found = pd.concat([scorer.score(images[start : start + 7]).scores for start in range(0, len(images), 7)])
    difference = np.abs(found[list(SCORES)].to_numpy() - expected[list(SCORES)].to_numpy())
    assert np.median(difference) < 1e-6
    assert (difference < 1e-4).mean() > 0.95


def test_features_describe_each_image(scorer, images):
    features = scorer.score(images[:5]).features
    assert features[SHAPES].shape == (5, len(DESCRIPTORS))
    assert 0.05 < features[SHAPES][:, :1].max() < 0.5  # the area of a lung
    last_layer = scorer.classifier.network.output
    assert features[APPEARANCE].shape == (5, last_layer.in_features)
    logits = features[APPEARANCE] @ last_layer.weight.detach().numpy()[0] + last_layer.bias.item()
    order = np.argsort(scorer.score(images[:5]).scores["score_abnormal"])
    assert np.array_equal(np.argsort(-logits), order)


def test_images_of_another_form_are_brought_to_that_of_the_networks(scorer, images):
    larger = images[:3].repeat(2, axis=2).repeat(2, axis=3).repeat(3, axis=1)
    found, expected = scorer.score(larger).scores, scorer.score(images[:3]).scores
    assert np.abs(found[list(SCORES)] - expected[list(SCORES)]).median(axis=None) < 0.2


def test_no_images(scorer, images):
    for none in (images[:0], images[:0].repeat(3, axis=1)):
        assert scorer.score(none).scores.empty


@pytest.fixture
def broken(scored_phantoms, tmp_path):
    """A copy that a test may break."""
    shutil.copytree(scored_phantoms / "results", tmp_path / "results")
    return scored_images.scorer_files(tmp_path)


@pytest.mark.parametrize("name", SCORER_OPTIONS)
def test_a_missing_file_is_named(broken, name):
    path = getattr(broken, name)
    path.unlink()
    with pytest.raises(InputError, match=rf"{path}: not found"):
        load_scorer(broken, CPU)


def test_masks_of_another_form_are_refused(broken):
    tensors, card = read_checkpoint(broken.segmenter, "segmenter")
    write_checkpoint(broken.segmenter, tensors, card | {"pixels": 32})
    with pytest.raises(InputError, match=r"images of 32 pixels, but \S*scaler\.json was fitted to masks of 64"):
        load_scorer(broken, CPU)
