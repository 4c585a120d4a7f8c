import subprocess
import sys

import pytest
import torch

from radsieve.errors import InputError
from radsieve.networks.unets import Lite0Features, build_network, freeze_encoder

CARD = {"encoder": "none", "width": 4, "depth": 3, "channels": 1, "pixels": 32}


@pytest.mark.parametrize("encoder", ["none", "efficientnet_lite0"])
@pytest.mark.parametrize(("channels", "depth"), [(1, 5), (3, 2)])
def test_a_logit_for_every_pixel(encoder, channels, depth):
    network = build_network(CARD | {"encoder": encoder, "channels": channels, "depth": depth}).eval()
    with torch.inference_mode():
        logits = network(torch.rand(2, channels, 32, 64))
    assert logits.shape == (2, 1, 32, 64)
    assert logits.std() > 0


@pytest.mark.parametrize(("channels", "depth"), [(1, 1), (1, 4), (3, 2)])
def test_the_residual_unet_is_that_of_monai(channels, depth):
    from monai.networks.nets.unet import UNet

    torch.manual_seed(1)
    widths = [4 * 2**level for level in range(depth + 1)]
    theirs = UNet(2, channels, 1, channels=widths, strides=[2] * depth, num_res_units=2, norm="batch")
    torch.manual_seed(1)
    ours = build_network(CARD | {"channels": channels, "depth": depth})
    expected, found = theirs.state_dict(), ours.state_dict()
    assert list(found) == list(expected)
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    images = torch.rand(3, channels, 32, 48)
    gradients = []
    for network in (theirs, ours):
        logits = network(images)
        logits.square().mean().backward()
        gradients.append([logits, *(weights.grad for weights in network.parameters())])
    assert all(torch.equal(one, other) for one, other in zip(*gradients, strict=True))


def test_no_seconds_of_import_for_a_residual_unet():
    script = "import sys, radsieve.networks.segmenter; sys.exit('monai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_pixels_that_cannot_be_halved():
    with pytest.raises(InputError, match="images of 36 pixels cannot be halved 3 times"):
        build_network(CARD | {"pixels": 36})


def test_the_encoder_has_learned_before():
    trained, random = (Lite0Features(2, pretrained).state_dict() for pretrained in (True, False))
    again = Lite0Features(2, True).state_dict()
    assert all(torch.equal(trained[name], again[name]) for name in trained)
    assert not torch.equal(trained["stem.0.weight"], random["stem.0.weight"])


def test_feature_maps_at_each_halving():
    features = Lite0Features(5, False).eval()(torch.rand(1, 3, 64, 64))
    assert [tuple(one.shape[1:]) for one in features] == [
        (16, 32, 32),
        (24, 16, 16),
        (40, 8, 8),
        (112, 4, 4),
        (320, 2, 2),
    ]


def test_depthwise_convolutions_train_in_float32_under_autocast():
    network = build_network(CARD | {"encoder": "efficientnet_lite0", "depth": 2})
    seen = []
    convolution = network.encoder.levels[0][0]._depthwise_conv.convolution
    convolution.register_forward_hook(lambda _, inputs, output: seen.append((inputs[0].dtype, output.dtype)))
    with torch.autocast("cpu", torch.bfloat16):
        network(torch.rand(2, 1, 32, 32)).float().mean().backward()
        with torch.inference_mode():
            network.eval()(torch.rand(2, 1, 32, 32))
    assert seen == [(torch.float32, torch.float32), (torch.bfloat16, torch.bfloat16)]


def test_frozen_levels_stay_as_they_are():
    network = build_network(CARD | {"encoder": "efficientnet_lite0"}, pretrained=True)
    freeze_encoder(network, 1)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    network.train()
    network(torch.rand(2, 1, 32, 32)).square().mean().backward()
    optimizer.step()
    changed = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    assert not {name for name in changed if name.startswith(("encoder.stem", "encoder.levels.0"))}
    assert {name.split(".")[2] for name in changed if name.startswith("encoder.levels")} == {"1", "2"}
    assert any(name.startswith("decoder") for name in changed)


def test_a_network_without_an_encoder_has_nothing_to_freeze():
    network = build_network(CARD)
    freeze_encoder(network, 2)
    assert all(parameter.requires_grad for parameter in network.parameters())
