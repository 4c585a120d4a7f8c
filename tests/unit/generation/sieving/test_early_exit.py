"""early_exit.py: what each depth gives and costs, counted by hand and compared with the network itself."""

import numpy as np
import pytest
import torch
from defaults import COMPUTE

from radsieve.generation.sieving.early_exit import StagedGenerator, multiply_adds
from radsieve.generation.sieving.linear_predictor import Predictor
from radsieve.generators.interface import sample_latents
from radsieve.generators.residual import ResidualGenerator
from radsieve.networks.device import choose_device

LATENTS = sample_latents(35, 1, "depths")


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    network = ResidualGenerator(16, 1, 2)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return network


@pytest.fixture(scope="module")
def staged(network):
    return StagedGenerator(network, choose_device(COMPUTE))


def test_multiply_adds_are_those_of_the_layers(staged):
    first = 128 * 128 + 2 * (8 * 8 * 9 * 16)  # the linear layer, and two convolutions of 8 channels on 4 x 4 pixels
    second = 8 * 4 * 64 + 2 * (4 * 4 * 9 * 64)  # from 8 to 4 channels, and two convolutions on 8 x 8 pixels
    third = 4 * 2 * 256 + 2 * (2 * 2 * 9 * 256)
    image = 2 * 1 * 256
    assert staged.multiply_adds == np.cumsum([0, first, second, third, image]).tolist()
    assert list(staged.depths) == [0, 1, 2, 3, 4]


def test_work_is_counted_in_inference_mode_too(network, staged):
    with torch.inference_mode():
        assert multiply_adds(lambda: network(torch.zeros(2, 128))) == 2 * staged.multiply_adds[-1]


def test_each_depth_gives_what_the_network_computes(network, staged):
    found = staged.activations(LATENTS)
    assert [values.shape for values in found] == [(35, 128), (35, 8 * 16), (35, 4 * 16), (35, 2 * 16), (35, 256)]
    np.testing.assert_array_equal(found[0], LATENTS)
    with torch.inference_mode():
        maps = list(network.stages(torch.from_numpy(LATENTS)))
        images = network(torch.from_numpy(LATENTS))
    np.testing.assert_allclose(found[1], maps[0].flatten(1), atol=1e-5)
    averaged = maps[1].unflatten(2, (4, 2)).unflatten(4, (4, 2)).mean((3, 5))
    np.testing.assert_allclose(found[2], averaged.flatten(1), atol=1e-5)
    np.testing.assert_allclose(found[4], images.clamp(-1, 1).flatten(1), atol=1e-5)
    assert images.abs().max() > 1  # so that clipping shows


def test_what_a_latent_gives_does_not_depend_on_those_beside_it(staged):
    for alone, among in zip(staged.activations(LATENTS[33:34]), staged.activations(LATENTS), strict=True):
        np.testing.assert_array_equal(alone[0], among[33])


@pytest.mark.parametrize("depth", [0, 1, 3, 4])
def test_the_gradient_is_that_of_the_score(staged, depth):
    activations = staged.activations(LATENTS)[depth]
    predictor = Predictor(np.random.default_rng(depth).normal(size=activations.shape[1]), 0.5)
    scores, gradients = staged.ascend(LATENTS, depth, predictor)
    np.testing.assert_allclose(scores, predictor.scores(activations), atol=1e-3, rtol=1e-4)
    step = 1e-3 * np.random.default_rng(1).normal(size=LATENTS.shape).astype(np.float32)
    ahead, _ = staged.ascend(LATENTS + step, depth, predictor)
    behind, _ = staged.ascend(LATENTS - step, depth, predictor)
    expected = 2 * (gradients * step).sum(axis=1)
    assert np.corrcoef(ahead - behind, expected)[0, 1] > 0.99
    if depth == 0:
        np.testing.assert_allclose(gradients, np.tile(predictor.weights, (35, 1)), rtol=1e-5)
