"""Settings of train_classifier for small images, with what a test changes."""

from pathlib import Path
from typing import Any

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
