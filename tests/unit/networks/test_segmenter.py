import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from defaults import COMPUTE
from ellipses import PIXELS, ellipses
from safetensors.torch import save

from radsieve.errors import InputError
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter, save_segmenter, segment, segment_batches
from radsieve.networks.unets import build_network

CARD = {"encoder": "none", "width": 4, "depth": 2, "channels": 1, "pixels": PIXELS, "threshold": 0.4, "mirrored": False}
DEVICE = choose_device(COMPUTE)


@pytest.fixture
def path(tmp_path):
    torch.manual_seed(0)
    save_segmenter(tmp_path / "best.safetensors", build_network(CARD).state_dict(), CARD)
    return tmp_path / "best.safetensors"


def test_what_was_saved_comes_back(path):
    segmenter = load_segmenter(path, DEVICE)
    assert (segmenter.pixels, segmenter.channels, segmenter.threshold) == (PIXELS, 1, 0.4)
    images, _ = ellipses(5)
    probabilities = segment(segmenter, images)
    assert probabilities.shape == (5, 1, PIXELS, PIXELS)
    assert probabilities.dtype == np.float32
    assert 0 <= probabilities.min() < probabilities.max() <= 1
    with torch.inference_mode():
        expected = torch.sigmoid(segmenter.network(torch.from_numpy(images).float() / 255))
    assert np.allclose(probabilities, expected.numpy(), atol=1e-6)
    before = path.read_bytes()
    save_segmenter(path, segmenter.network.state_dict(), CARD)
    assert path.read_bytes() == before


def test_batches_are_the_whole_in_parts(path):
    segmenter = load_segmenter(path, DEVICE)
    images, _ = ellipses(7)
    parts = list(segment_batches(segmenter, images, 3))
    assert [len(part) for part in parts] == [3, 3, 1]
    assert np.allclose(np.concatenate(parts), segment(segmenter, images), atol=1e-6)
    assert segment(segmenter, images[:0]).shape == (0, 1, PIXELS, PIXELS)


def test_the_mean_over_both_mirror_images_is_mirrored_with_the_image(path):
    segmenter = load_segmenter(path, DEVICE)
    images, _ = ellipses(3)
    averaging = replace(segmenter, card={**segmenter.card, "mirrored": True})
    mirrored = segment(averaging, images[..., ::-1])
    assert np.allclose(mirrored[..., ::-1], segment(averaging, images), atol=1e-6)
    both = (segment(segmenter, images) + segment(segmenter, images[..., ::-1])[..., ::-1]) / 2
    assert np.allclose(segment(averaging, images), both, atol=1e-6)


@pytest.mark.parametrize("shape", [(2, 3, PIXELS, PIXELS), (2, 1, PIXELS, 2 * PIXELS)])
def test_images_of_another_form(path, shape):
    with pytest.raises(InputError, match="but the segmenter takes"):
        segment(load_segmenter(path, DEVICE), np.zeros(shape, dtype=np.uint8))


def test_weights_of_another_architecture(path):
    save_segmenter(path, build_network(CARD | {"width": 8}).state_dict(), CARD)
    with pytest.raises(InputError, match=r"best\.safetensors: weights of another architecture: .* of another shape"):
        load_segmenter(path, DEVICE)


@pytest.mark.parametrize("change", [{"width": "wide"}, {"threshold": None}, {"encoder": "none", "depth": -1}])
def test_a_card_that_describes_no_segmenter(path, change):
    save_segmenter(path, build_network(CARD).state_dict(), CARD | change)
    with pytest.raises(InputError, match=r"best\.safetensors"):
        load_segmenter(path, DEVICE)


def test_other_files(path):
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], pickle.dumps({"a": 1}), b""):
        path.write_bytes(content)
        with pytest.raises(InputError, match="not a safetensors file, or truncated"):
            load_segmenter(path, DEVICE)
    path.write_bytes(save({"a": torch.ones(1)}))
    with pytest.raises(InputError, match="a checkpoint of a segmenter is needed"):
        load_segmenter(path, DEVICE)
    path.unlink()
    with pytest.raises(InputError, match="not found"):
        load_segmenter(path, DEVICE)
