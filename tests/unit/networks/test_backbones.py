import pickle
from pathlib import Path

import pytest
import torch
from monai.networks.nets.resnet import resnet18
from safetensors.torch import save_file

from radsieve.errors import InputError
from radsieve.networks.backbones import (
    EFFICIENTNET_LITE0,
    LITE0_LEVELS,
    RESNET18,
    Lite0,
    build_backbone,
    efficientnet_lite0,
    imagenet_input,
    pretrained_backbone,
)

PARAMETER = "train_sex.weights"


@pytest.fixture(scope="module")
def torchvision_weights():
    """The state dict of a ResNet-18 for 1,000 classes as torchvision names it, random but for the counters."""
    torch.manual_seed(0)
    network = resnet18(spatial_dims=2, n_input_channels=3, conv1_t_stride=2, bias_downsample=False, num_classes=1000)
    return dict(network.state_dict())


@pytest.mark.parametrize(("name", "stride", "channels"), [
    (EFFICIENTNET_LITE0, 16, 112), (EFFICIENTNET_LITE0, 32, 320), (RESNET18, 16, 256), (RESNET18, 32, 512),
])  # fmt: skip
def test_maps_cover_images_of_any_size(name, stride, channels):
    backbone = build_backbone(name, stride).eval()
    assert backbone.channels == channels
    for height, width in ((64, 64), (97, 131), (40, 32)):
        with torch.inference_mode():
            maps = backbone(torch.rand(2, 1, height, width))
        assert maps.shape[:2] == (2, channels)
        assert abs(maps.shape[2] - height / stride) < 1
        assert abs(maps.shape[3] - width / stride) < 1


def test_the_packaged_weights_know_imagenet_without_a_download():
    network = efficientnet_lite0(pretrained=True).eval()
    ramp = torch.linspace(0, 1, 64).expand(1, 1, 64, 64)
    with torch.inference_mode():
        probabilities = network(imagenet_input(ramp)).softmax(dim=1)
    assert probabilities.shape == (1, 1000)
    assert probabilities.max() > 0.01  # ten times what chance would give
    seen = []
    for block in (10, 15):  # the last ones at stride 16 and 32
        network._blocks[block].register_forward_hook(lambda _, __, maps: seen.append(maps))
    with torch.inference_mode():
        network(imagenet_input(ramp))
        for stride, maps in zip((16, 32), seen, strict=True):
            backbone = pretrained_backbone(EFFICIENTNET_LITE0, stride, None, PARAMETER).eval()
            assert torch.equal(backbone(ramp), maps)


def test_folded_normalisations_and_levels_change_nothing():
    images = torch.rand((2, 1, 64, 64), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        as_it_was = Lite0(32, pretrained=True).eval()
        expected, levels = as_it_was(images), as_it_was.folded().levels(images)
    assert torch.allclose(levels[-1], expected, rtol=1e-3, atol=1e-3)
    assert [tuple(maps.shape[1:]) for maps in levels] == [
        (channels, 64 // stride, 64 // stride) for stride, (channels, _) in LITE0_LEVELS.items()
    ]
    assert not [layer for layer in as_it_was.modules() if isinstance(layer, torch.nn.BatchNorm2d)]


def test_lite0_input_is_what_the_published_network_was_trained_on():
    levels = torch.tensor([0.0, 127 / 255, 1.0]).view(1, 1, 1, 3)
    assert imagenet_input(levels)[0, :, 0].tolist() == [pytest.approx([-127 / 128, 0, 1], abs=1e-6)] * 3


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_weights_of_torchvisions_format_are_taken_but_for_the_last_layer(tmp_path, torchvision_weights, suffix):
    path = tmp_path / f"resnet18{suffix}"
    older = {key: value for key, value in torchvision_weights.items() if not key.endswith("num_batches_tracked")}
    torch.save(older, path) if suffix == ".pth" else save_file(older, path)
    backbone = pretrained_backbone(RESNET18, 16, path, PARAMETER)
    assert torch.equal(backbone.network.conv1.weight, torchvision_weights["conv1.weight"])
    name = "layer3.1.conv2.weight"
    assert torch.equal(backbone.network.state_dict()[name], torchvision_weights[name])


def test_resnet18_is_the_network_of_the_paper(torchvision_weights):
    """11,176,512 weights without the last layer, and normalised input: an image of the mean colour gives the biases."""
    backbone = build_backbone(RESNET18, 32)
    assert sum(parameter.numel() for parameter in backbone.parameters()) == 11_176_512
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    seen = []
    backbone.network.conv1.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.inference_mode():
        backbone.eval()(mean.expand(1, 3, 64, 64))
        backbone(torch.full((1, 1, 64, 64), 0.485))
    assert seen[0].abs().max() < 1e-6
    assert seen[1][0, :, 0, 0].tolist() == pytest.approx([0, 0.029 / 0.224, 0.079 / 0.225], abs=1e-6)


def test_a_missing_file_is_named():
    with pytest.raises(InputError, match=r"none\.pth: not found; set train_sex\.weights"):
        pretrained_backbone(RESNET18, 32, Path("none.pth"), PARAMETER)
    with pytest.raises(InputError, match=r"train_sex\.weights = none: resnet18 has no weights of its own"):
        pretrained_backbone(RESNET18, 32, None, PARAMETER)
    with pytest.raises(InputError, match=r"train_sex\.weights = own\.pth: efficientnet_lite0 has its weights"):
        pretrained_backbone(EFFICIENTNET_LITE0, 32, Path("own.pth"), PARAMETER)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("keep", [0, 9, 5000, -9])
def test_a_file_cut_off_is_refused(tmp_path, suffix, keep):
    path = tmp_path / f"weights{suffix}"
    tensors = {"conv1.weight": torch.zeros(64, 3, 7, 7)}
    torch.save(tensors, path) if suffix == ".pth" else save_file(tensors, path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=rf"weights\{suffix}: "):
        pretrained_backbone(RESNET18, 32, path, PARAMETER)


class _Trap:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was run",))


@pytest.mark.parametrize("plain", [True, False])
def test_a_pickle_is_refused_and_not_run(tmp_path, plain):
    path = tmp_path / "weights.pth"
    if plain:
        path.write_bytes(pickle.dumps(_Trap(), protocol=2))
    else:
        torch.save({"conv1.weight": _Trap()}, path)
    with pytest.raises(InputError, match=r"weights\.pth: "):
        pretrained_backbone(RESNET18, 32, path, PARAMETER)


@pytest.mark.parametrize(
    "content", [{"state_dict": {"conv1.weight": torch.zeros(1)}}, [torch.zeros(1)], torch.zeros(1)]
)
def test_a_file_without_named_tensors_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "weights.pth")
    with pytest.raises(InputError, match=r"weights\.pth: not a mapping of names to tensors"):
        pretrained_backbone(RESNET18, 32, tmp_path / "weights.pth", PARAMETER)


def test_weights_of_another_architecture_are_told_apart(tmp_path, torchvision_weights):
    tensors = dict(torchvision_weights)
    tensors["layer1.2.conv1.weight"] = torch.zeros(64, 64, 3, 3)  # ResNet-34 has a third block there
    tensors["layer4.0.downsample.0.weight"] = torch.zeros(2048, 1024, 1, 1)  # and ResNet-50 wider ones
    del tensors["bn1.weight"]
    save_file(tensors, tmp_path / "other.safetensors")
    with pytest.raises(InputError, match=r"other\.safetensors: weights of another architecture") as raised:
        pretrained_backbone(RESNET18, 32, tmp_path / "other.safetensors", PARAMETER)
    for part in ("missing (bn1.weight)", "not known (layer1.2.conv1.weight)", "(2048, 1024, 1, 1) instead of"):
        assert part in str(raised.value)


def test_unknown_names_and_strides_are_refused():
    with pytest.raises(ValueError, match="there is no backbone 'vgg'"):
        build_backbone("vgg", 32)
    with pytest.raises(ValueError, match="no maps at stride 8"):
        build_backbone(RESNET18, 8)
