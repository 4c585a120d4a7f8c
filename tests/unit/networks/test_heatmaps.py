"""Grad-CAM of pooled maps against an example worked out by hand, its definition, and MONAI's."""

from collections import OrderedDict

import numpy as np
import pytest
import torch
from monai.visualize import GradCAM

from radsieve.networks.heatmaps import pooled_grad_cam, put_together
from radsieve.networks.views import image_views


def small_net(grid: int = 1) -> torch.nn.Sequential:
    torch.manual_seed(3)
    return torch.nn.Sequential(
        OrderedDict(
            body=torch.nn.Sequential(torch.nn.Conv2d(1, 5, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(5, 4, 3)),
            pool=torch.nn.AdaptiveAvgPool2d(grid),
            flat=torch.nn.Flatten(),
            head=torch.nn.Linear(4 * grid**2, 1),
        )
    )


def by_definition(maps: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    """Grad-CAM as published, by gradients."""
    gradients = torch.autograd.grad(logits.sum(), maps)[0]
    return (gradients.mean(dim=(2, 3), keepdim=True) * maps).sum(dim=1).relu().detach()


def test_a_map_worked_out_by_hand() -> None:
    # y = 2 mean(A_1) - 3 mean(A_2), over 4 pixels: dy/dA_1 = 2 / 4 and dy/dA_2 = -3 / 4 at each of them
    maps = torch.tensor([[[[0.0, 4.0], [4.0, 0.0]], [[1.0, 2.0], [4.0, 0.0]]]])
    # (2 A_1 - 3 A_2) / 4 = [[-0.75, 0.5], [-1, 0]], of which only the positive part is kept
    assert pooled_grad_cam(maps, torch.tensor([[[2.0]], [[-3.0]]])).tolist() == [[[0.0, 0.5], [0.0, 0.0]]]


def test_it_is_that_of_monai_up_to_its_scaling() -> None:
    net, image = small_net(), torch.rand(1, 1, 9, 9)
    ours = pooled_grad_cam(net.body(image), net.head.weight.view(-1, 1, 1))[0].detach()
    assert ours.max() > 0
    theirs = GradCAM(nn_module=net, target_layers="body", upsampler=lambda _: lambda x: x)(x=image)[0, 0]
    scaled = (ours - ours.max()) / (ours.min() - ours.max())  # MONAI maps the greatest heat to 0 and the least to 1
    np.testing.assert_allclose(np.asarray(theirs), scaled.numpy(), atol=1e-5)


@pytest.mark.parametrize("grid", [1, 2, 3])
def test_it_is_what_the_definition_gives(grid: int) -> None:
    net = small_net(grid)
    maps = net.body(torch.rand(3, 1, 9, 10)).detach().requires_grad_()
    expected = by_definition(maps, net.head(net.flat(net.pool(maps)))[:, 0])
    found = pooled_grad_cam(maps, net.head.weight.view(-1, grid, grid))
    assert expected.max() > 0
    torch.testing.assert_close(found, expected)


def test_maps_of_halves_are_laid_where_they_belong() -> None:
    views = image_views("halves", 0.25, 4, 6)
    heat = torch.zeros(1, 2, 3, 3)
    heat[0, 0, 0, 0], heat[0, 1, 2, 0] = 1, 2  # outermost column of each half: the right one was seen mirrored
    image = put_together(heat, views, 4, 6)[0]
    expected = torch.zeros(4, 6)
    expected[1, 0], expected[3, 5] = 1, 2
    assert torch.equal(image, expected)


def test_a_coarse_map_is_stretched_over_its_view_only() -> None:
    image = put_together(torch.ones(2, 1, 2, 2), image_views("whole", 0.5, 8, 8), 8, 8)
    assert image[:, :4].abs().max() == 0
    assert torch.equal(image[:, 4:], torch.ones(2, 4, 8))
