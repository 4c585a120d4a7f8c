"""Classifiers that are stored answer as they did, and a file that is none of them is refused."""

import numpy as np
import pytest
import torch
from image_training import images_of, training_with

from radsieve.errors import InputError
from radsieve.networks.checkpoints import write_checkpoint
from radsieve.tasks.images.learners import Lesson
from radsieve.tasks.images.stored import KIND, load_stored
from radsieve.tasks.images.variants import learners

NETWORK = "4x1 8x1"
TRUTH = np.arange(60, dtype=np.int64) % 3
LESSON = Lesson(TRUTH, np.arange(60), np.arange(36), np.arange(36, 48), 3, seed=1)
SETTINGS = ("input_pixels", "scale", "dense", "dropout", "mirror")


def stored(folder, name, lesson=LESSON, **changes):
    """What a variant had learnt, its images, the file, and the device."""
    training = training_with(folder, [name], epochs=2, mirror=0.5)
    learner = learners(training, "here")[name]
    images = images_of(TRUTH % lesson.classes)
    fitted = learner.fit(learner.inputs(images), lesson)
    card = {
        "kind": KIND, "variant": name, "classes": ["left", "middle", "right"][: lesson.classes], "channels": 1,
        "pixels": 16, "temperature": fitted.temperature, "settings": training.settings.model_dump(include={*SETTINGS}),
    }  # fmt: skip
    tensors = {key: torch.as_tensor(np.asarray(part)) for key, part in fitted.tensors.items()}
    write_checkpoint(folder / "best.safetensors", tensors, card | changes)
    return fitted.probability(learner.inputs(images)), images, folder / "best.safetensors", training.device


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", [
    NETWORK, f"{NETWORK} ensemble 2", f"{NETWORK} folds 2", "hog 16 linear", "pixels 8 linear", "efficientnet_lite0 32",
    "efficientnet_lite0 32 unfrozen 1",
])  # fmt: skip
def test_what_is_stored_answers_as_it_did(name, classes, tmp_path):
    lesson = Lesson(TRUTH % classes, LESSON.units, LESSON.train, LESSON.validation, classes, seed=1)
    before, images, path, device = stored(tmp_path, name, lesson)
    model = load_stored(path, device)
    assert model.classes == ("left", "middle", "right")[:classes]
    assert np.allclose(model.probability(images), before, atol=1e-5)
    assert np.ptp(before[:, 0]) > 1e-3


def test_the_nearest_neighbour_stores_nothing(tmp_path):
    *_, path, device = stored(tmp_path, "pixels 8 neighbour")
    with pytest.raises(InputError, match="not stored"):
        load_stored(path, device)


@pytest.mark.parametrize("changes", [
    {"variant": "8x1 8x1"}, {"variant": f"{NETWORK} folds 2"}, {"variant": "9999x9999 9x9"}, {"variant": 3},
    {"classes": ["left", "right"]}, {"classes": ["left", "left", "right"]}, {"classes": "abc"}, {"pixels": 0},
    {"channels": 3}, {"temperature": float("inf")}, {"temperature": 0}, {"settings": {}}, {"kind": "classifier"},
])  # fmt: skip
def test_a_card_that_does_not_fit_is_refused(changes, tmp_path):
    *_, path, device = stored(tmp_path, NETWORK, **changes)
    with pytest.raises(InputError, match=r"best\.safetensors"):
        load_stored(path, device)


def test_fewer_members_than_the_card_says(tmp_path):
    *_, path, device = stored(tmp_path, f"{NETWORK} ensemble 2", variant=f"{NETWORK} ensemble 3")
    with pytest.raises(InputError, match="2 networks"):
        load_stored(path, device)
