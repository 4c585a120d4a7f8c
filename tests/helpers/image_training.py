"""Settings of train_classifier for small images, with what a test changes."""

from pathlib import Path
from typing import Any

import numpy as np
from defaults import content

from radsieve.networks.device import choose_device
from radsieve.settings import Compute
from radsieve.tasks.images.settings import ClassifierSettings
from radsieve.tasks.images.training import Training


def training_with(folder: Path, variants: list[str], **changed: Any) -> Training:
    """The settings of the set knee with these `variants`, images of 16 pixels, and states in `folder`."""
    small = {"variants": variants, "input_pixels": 16, "batch": 8}
    settings = ClassifierSettings.model_validate(dict(content()["train_classifier"]["knee"]) | small | changed)
    return Training(settings, choose_device(Compute(**content()["compute"])), folder)


def images_of(truth, pixels=16, channels=1):
    """Dark images with a bright band at the left, in the middle or at the right, by class."""
    random = np.random.default_rng(1)
    images = random.integers(0, 60, (len(truth), channels, pixels, pixels))
    third = pixels // 3
    for image, label in zip(images, truth, strict=True):
        image[..., label * third : (label + 1) * third] += 150
    return images.astype(np.uint8)
