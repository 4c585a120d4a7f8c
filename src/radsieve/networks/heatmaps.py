"""Grad-CAM: where on an image a network finds evidence for its output (Selvaraju et al. 2017)."""

from collections.abc import Callable

import torch
from torch.nn.functional import interpolate

from radsieve.networks.views import View


def pooled_grad_cam(maps: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Return the Grad-CAM maps (n, h, w) of a logit that is a weighted sum of means of `maps` (n, k, h, w), plus b.

    The map is ReLU(sum_k alpha_k A_k), not rescaled, where alpha_k is the mean over the pixels of d logit / d A_k.
    `weights` (k, g, g) are those of the means of each map over the cells of a g x g grid, 1 x 1 for its mean over all
    pixels. Every cell passes its weight on to its pixels, so alpha_k is the sum of map k's weights over the Z pixels,
    and no gradient has to be computed. With g = 1 this is the class activation map of Zhou et al. 2016, over Z.
    """
    return torch.einsum("nkhw,k->nhw", maps, weights.sum(dim=(1, 2))).relu() / (maps.shape[2] * maps.shape[3])


def grad_cam(
    maps: torch.Tensor,
    answer: Callable[[torch.Tensor], torch.Tensor],
    classes: torch.Tensor,
    reference: torch.Tensor | float = 0.0,
) -> torch.Tensor:
    """Return the Grad-CAM maps (n, h, w) of the logits of `classes` (n,), not rescaled.

    `answer` gives the logits (n, all classes) of `maps` (n, k, h, w) by any layers: their gradient is computed. Maps
    that are not rectified have no natural zero, and the intercept of a logit may outweigh all of them: then
    `reference` (k,) is what they are on average, and the heat is evidence beyond that of an average image.
    """
    with torch.enable_grad():
        fixed = maps.detach().requires_grad_()
        logits = answer(fixed).gather(1, classes[:, None]).sum()
        (gradient,) = torch.autograd.grad(logits, fixed)
    beyond = fixed.detach() - torch.as_tensor(reference).reshape(-1, 1, 1)
    return (gradient.mean(dim=(2, 3), keepdim=True) * beyond).sum(dim=1).relu()


def put_together(heat: torch.Tensor, views: list[View], height: int, width: int) -> torch.Tensor:
    """Lay the maps of an image's views, (n, views, h, w), over the image: (n, height, width), 0 where no view looks."""
    image = heat.new_zeros((len(heat), height, width))
    for number, view in enumerate(views):
        region = (view.bottom - view.top, view.right - view.left)
        part = interpolate(heat[:, number, None], size=region, mode="bilinear", align_corners=False)[:, 0]
        image[:, view.top : view.bottom, view.left : view.right] = part.flip(-1) if view.mirrored else part
    return image
