"""Grad-CAM: where on an image a network finds evidence for its output (Selvaraju et al. 2017)."""

import torch
from torch.nn.functional import interpolate

from radsieve.networks.views import View


def grad_cam(maps: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    """Return the Grad-CAM map (n, h, w) of each of the `logits` (n,) that were computed from `maps` (n, k, h, w).

    alpha_k is the mean over the pixels of d logit / d A_k, and the map is ReLU(sum_k alpha_k A_k); not rescaled.
    """
    gradients = torch.autograd.grad(logits.sum(), maps)[0]
    alpha = gradients.mean(dim=(2, 3), keepdim=True)
    return (alpha * maps).sum(dim=1).relu().detach()


def pooled_grad_cam(maps: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Return what `grad_cam` does, without gradients, where the logit is a weighted sum of means of the maps, plus b.

    `weights` (k, g, g) are those of the means of each map over the cells of a g x g grid, 1 x 1 for its mean over all
    pixels. Every cell passes its weight on to its pixels, so alpha_k is the sum of map k's weights over the Z pixels.
    With g = 1 this is the class activation map of Zhou et al. 2016, over Z.
    """
    return torch.einsum("nkhw,k->nhw", maps, weights.sum(dim=(1, 2))).relu() / (maps.shape[2] * maps.shape[3])


def put_together(heat: torch.Tensor, views: list[View], height: int, width: int) -> torch.Tensor:
    """Lay the maps of an image's views, (n, views, h, w), over the image: (n, height, width), 0 where no view looks."""
    image = heat.new_zeros((len(heat), height, width))
    for number, view in enumerate(views):
        region = (view.bottom - view.top, view.right - view.left)
        part = interpolate(heat[:, number, None], size=region, mode="bilinear", align_corners=False)[:, 0]
        image[:, view.top : view.bottom, view.left : view.right] = part.flip(-1) if view.mirrored else part
    return image
