"""Where the networks of train_classifier look: Grad-CAM maps of the class that an image is called."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import torch

from radsieve.networks.blocks import BlockNetwork
from radsieve.networks.heatmaps import grad_cam
from radsieve.tasks.images.evaluation import Candidate, Study
from radsieve.tasks.images.training import FrozenBackbone, Trained

Bytes = npt.NDArray[np.uint8]

_USUAL = 32  # training images that stand for the average one


@dataclass(frozen=True)
class Heated:
    """Images (n, channels, H, W), their heat (n, h, w) from 0 to 1, and what each shows, in words; by which variant."""

    images: Bytes
    heat: npt.NDArray[np.float32]
    captions: list[str]
    variant: str


def heated(of: Study) -> Heated | None:
    """Heat maps of some test images by the best variant, on validation, that has a network; None if there is none.

    The images are those that are called wrongly with the most certainty, and as many that are called rightly.
    """
    networks = [one for one in of.candidates if isinstance(one.learner, FrozenBackbone | Trained)]
    if not networks:
        return None
    best = min(networks, key=lambda one: one.choosing_loss)
    rows, called = _shown(of, best)
    images = np.asarray(of.data.inside.images[of.division.test[rows]])
    usual = np.asarray(of.data.inside.images[of.division.train[:_USUAL]])
    heat = _heat(best, images, torch.from_numpy(called), usual)
    top = heat.max(axis=(1, 2), keepdims=True)
    classes, truth = of.data.classes, of.data.inside.truth[of.division.test[rows]]
    captions = [f"{classes[true]}, called {classes[one]}" for true, one in zip(truth, called, strict=True)]
    return Heated(images, np.divide(heat, top, out=np.zeros_like(heat), where=top > 0), captions, best.name)


def _shown(of: Study, best: Candidate) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The places among the test images of those that are shown, and what they are called."""
    called = np.asarray(best.test.argmax(axis=1), dtype=np.int64)
    sure, truth = best.test.max(axis=1), of.data.inside.truth[of.division.test]
    order = np.argsort(-sure, kind="stable")
    wrong, right = order[called[order] != truth[order]], order[called[order] == truth[order]]
    some = wrong[: of.settings.heatmaps // 2]
    rows = np.concatenate([some, right[: of.settings.heatmaps - len(some)]])
    return rows, called[rows]


def _heat(one: Candidate, images: Bytes, classes: torch.Tensor, usual: Bytes) -> npt.NDArray[np.float32]:
    """Heat of the `images`; of maps that are not rectified, beyond that of the `usual` ones."""
    learner, fitted = one.learner, one.fitted
    if isinstance(learner, FrozenBackbone):
        heat = grad_cam(
            learner.maps(images), partial(learner.answer, fitted), classes, learner.maps(usual).mean(dim=(0, 2, 3))
        )
        return np.asarray(heat.numpy(), dtype=np.float32)
    if not isinstance(learner, Trained):
        raise TypeError(f"{one.name} is no network")
    network = fitted.network
    with torch.no_grad():
        maps = network.maps(learner.shown(images))
        average = network.maps(learner.shown(usual)).mean(dim=(0, 2, 3))
    rectified = isinstance(network, BlockNetwork)
    return np.asarray(grad_cam(maps, network.answer, classes, 0.0 if rectified else average).numpy(), dtype=np.float32)
