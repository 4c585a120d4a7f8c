"""A classifier that train_classifier has stored, rebuilt from its file to tell the classes of other images."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radsieve.errors import InputError
from radsieve.imaging.image_batches import ImageBatch
from radsieve.imaging.rendering import InputForm
from radsieve.networks.cards import real, whole
from radsieve.networks.checkpoints import read_checkpoint
from radsieve.networks.device import Device
from radsieve.storage.keys import escaped
from radsieve.tasks.images.learners import TEMPERATURES, Bytes, Fitted, Floats, Form, Learner
from radsieve.tasks.images.settings import VARIANT, ClassifierSettings
from radsieve.tasks.images.tables import NEW_CLASSES
from radsieve.tasks.images.training import Training
from radsieve.tasks.images.variants import learners

KIND = "image classes"
_MAX_PIXELS, _MAX_LAYERS = 4096, 256  # of what a card may ask for


@dataclass(frozen=True)
class StoredClassifier:
    """The learner of the chosen variant and what it had learnt; `classes` in the order of the probabilities; `form` of
    the images that it takes, and how they are rendered; `source` is its file."""

    learner: Learner
    fitted: Fitted
    classes: tuple[str, ...]
    form: InputForm
    source: Path

    def probability(self, images: Bytes) -> Floats:
        """The probability (n, classes) of each class for `images` (n, channels, pixels, pixels).

        Raises InputError for weights so large, or variances so wrong, that answers are no numbers.
        """
        with np.errstate(all="ignore"):
            found = self.fitted.probability(self.learner.inputs(images))
        if not np.isfinite(found).all():
            raise InputError(f"{self.source}: its answers are no numbers; train it again")
        return found


def load_stored(path: Path, device: Device) -> StoredClassifier:
    """Rebuild the classifier of `path` (best.safetensors of train_classifier) on `device`.

    Raises InputError if the file is missing, truncated, a pickle, of another kind or architecture, or of a variant that
    stores nothing.
    """
    tensors, card = read_checkpoint(path, KIND)
    try:
        classes = _classes(card)
        form = Form(_channels(card), whole(card, "pixels", 1, _MAX_PIXELS), len(classes))
        wanted = InputForm.of(card, path)
        learner = _learner(card, Training(_settings(card), device, Path()), str(path))
        temperature = real(card, "temperature", *TEMPERATURES)
        fitted = learner.restored(tensors, form, path)  # which raises ValueError for sizes that cannot be
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: its card does not describe such a classifier ({error!r}); train it again") from None
    return StoredClassifier(learner, Fitted(fitted.logits, temperature), classes, wanted, path)


def _channels(card: Mapping[str, Any]) -> int:
    found = whole(card, "channels", 1, 3)
    if found == 2:
        raise ValueError("channels = 2: images are grey or have three colours")
    return found


def _classes(card: Mapping[str, Any]) -> tuple[str, ...]:
    found = card["classes"]
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found) or len({*found}) < 2:
        raise ValueError("classes are not two texts at least")
    if len({*found}) < len(found):
        raise ValueError("a class stands there twice")
    if strange := [one for one in found if not one or escaped(one) != one.replace("\\", "\\\\")]:
        raise ValueError(f"a class is {strange[0][:40]!r}, no line of text")
    return tuple(found)


def _settings(card: Mapping[str, Any]) -> ClassifierSettings:
    """Those of the settings that building and applying a network needs, and no others."""
    given = card["settings"]
    return ClassifierSettings.model_construct(
        input_pixels=whole(given, "input_pixels", 1, _MAX_PIXELS),
        scale=real(given, "scale", 1e-6, 255),
        dense=whole(given, "dense"),
        dropout=real(given, "dropout"),
        mirror=real(given, "mirror"),
        strengths=(),
        variants=(card["variant"],),
    )


def _learner(card: Mapping[str, Any], training: Training, where: str) -> Learner:
    variant = card["variant"]
    if not re.fullmatch(VARIANT, variant):
        raise ValueError(f"variant = {variant[:40]!r}")
    numbers = [int(one) for one in re.findall(r"\d+", variant)]
    sizes = re.findall(r"(?<![a-z\d])\d+", variant.partition(" unfrozen ")[0])  # filters and pixels
    layers = [int(one) for one in re.findall(r"x(\d+)", variant)]
    if max(numbers) > _MAX_PIXELS or sum(layers) > _MAX_LAYERS or len(numbers) > 2 * _MAX_LAYERS:
        raise ValueError(f"variant = {variant[:40]!r} is too large")
    if min(map(int, sizes)) < 1:
        raise ValueError(f"variant = {variant[:40]!r} has a size of 0")
    return learners(training, where)[variant]


def class_table(model: StoredClassifier, batches: Iterable[ImageBatch]) -> pd.DataFrame:
    """NEW_CLASSES of images that come in batches."""
    found = []
    for batch in batches:
        probability = model.probability(batch.images)
        called = probability.argmax(axis=1)
        found += [
            (name, label, share, int(place == own))
            for name, shares, own in zip(batch.names, probability.tolist(), called.tolist(), strict=True)
            for place, (label, share) in enumerate(zip(model.classes, shares, strict=True))
        ]
    return pd.DataFrame(found, columns=list(NEW_CLASSES.columns))
