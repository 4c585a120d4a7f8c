"""Classifiers that are stored answer as they did, and a file that is none of them is refused."""

import numpy as np
import pytest
import torch
from image_training import images_of, training_with

from radsieve.errors import InputError
from radsieve.imaging.rendering import InputForm, Rendering
from radsieve.networks.checkpoints import read_checkpoint, write_checkpoint
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
    assert model.form == InputForm(16, 1), "as older cards leave it"
    assert np.ptp(before[:, 0]) > 1e-3


def test_images_are_rendered_as_those_that_it_learnt_from(tmp_path):
    *_, path, device = stored(tmp_path, NETWORK, bits="stored", window="range")
    assert load_stored(path, device).form == InputForm(16, 1, Rendering("stored", "range"))


def test_the_nearest_neighbour_stores_nothing(tmp_path):
    *_, path, device = stored(tmp_path, "pixels 8 neighbour")
    with pytest.raises(InputError, match="not stored"):
        load_stored(path, device)


@pytest.mark.parametrize("changes", [
    {"variant": "8x1 8x1"}, {"variant": f"{NETWORK} folds 2"}, {"variant": "9999x9999 9x9"}, {"variant": 3},
    {"classes": ["left", "right"]}, {"classes": ["left", "left", "right"]}, {"classes": "abc"}, {"pixels": 0},
    {"channels": 3}, {"temperature": float("inf")}, {"temperature": 0}, {"settings": {}}, {"kind": "classifier"},
    {"bits": "12"}, {"window": 0},
])  # fmt: skip
def test_a_card_that_does_not_fit_is_refused(changes, tmp_path):
    *_, path, device = stored(tmp_path, NETWORK, **changes)
    with pytest.raises(InputError, match=r"best\.safetensors"):
        load_stored(path, device)


@pytest.mark.parametrize("changes", [
    {"channels": 2}, {"variant": "pixels 0 linear"}, {"variant": "hog 1 linear"}, {"variant": "efficientnet_lite0 0"},
    {"variant": "efficientnet_lite0 " + "+".join(["32"] * 1000)},
    {"classes": ["\ud800", "b", "c"]}, {"classes": ["", "b", "c"]}, {"classes": ["a\rb", "b", "c"]},
])  # fmt: skip
def test_a_card_that_asks_for_what_cannot_be_is_refused(changes, tmp_path):
    *_, path, device = stored(tmp_path, "pixels 8 linear", **changes)
    with pytest.raises(InputError, match=r"best\.safetensors"):
        load_stored(path, device)


def test_a_class_may_hold_any_sign_that_is_written(tmp_path):
    names = ["a\\b", '=c,"d"', "\N{NO-BREAK SPACE}<e>"]
    *_, path, device = stored(tmp_path, "pixels 8 linear", classes=names)
    assert load_stored(path, device).classes == tuple(names)


def changed(path, change):
    """Write the tensors of a file anew, each as `change` of its name and content."""
    tensors, card = read_checkpoint(path, KIND)
    write_checkpoint(path, {name: change(name, tensor) for name, tensor in tensors.items()}, card)


@pytest.mark.parametrize("name", [NETWORK, "pixels 8 linear"])
@pytest.mark.parametrize("kind", [torch.float8_e4m3fn, torch.complex64])
def test_numbers_of_a_type_that_no_network_has_are_refused(name, kind, tmp_path):
    *_, path, device = stored(tmp_path, name)
    changed(path, lambda _, tensor: tensor.to(kind))
    with pytest.raises(InputError, match=r"best\.safetensors: .* is of type"):
        load_stored(path, device)


def test_a_linear_model_of_short_numbers_answers(tmp_path):
    before, images, path, device = stored(tmp_path, "pixels 8 linear")
    changed(path, lambda _, tensor: tensor.bfloat16())
    assert np.allclose(load_stored(path, device).probability(images), before, atol=0.05)


@pytest.mark.parametrize("temperature", [1e-320, 1e300, float("nan")])
def test_a_temperature_of_a_member_that_no_training_gives_is_refused(temperature, tmp_path):
    *_, path, device = stored(tmp_path, f"{NETWORK} ensemble 2")
    changed(path, lambda name, tensor: torch.full_like(tensor, temperature) if name == "1.temperature" else tensor)
    with pytest.raises(InputError, match=r"best\.safetensors: the network 1"):
        load_stored(path, device)


def test_answers_that_are_no_numbers_are_told_with_the_file(tmp_path):
    _, images, path, device = stored(tmp_path, NETWORK)
    changed(path, lambda _, tensor: torch.full_like(tensor, 3e38))
    model = load_stored(path, device)
    with pytest.raises(InputError, match=r"best\.safetensors: its answers are no numbers"):
        model.probability(images)


def test_fewer_members_than_the_card_says(tmp_path):
    *_, path, device = stored(tmp_path, f"{NETWORK} ensemble 2", variant=f"{NETWORK} ensemble 3")
    with pytest.raises(InputError, match="2 networks"):
        load_stored(path, device)
