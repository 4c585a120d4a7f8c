"""Learners on images whose classes are known, and the features and networks that they use."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from image_training import images_of, training_with
from scipy.special import softmax

from radsieve.errors import InputError
from radsieve.networks.backbones import Lite0
from radsieve.networks.blocks import BlockNetwork, Blocks
from radsieve.networks.heatmaps import grad_cam, pooled_grad_cam
from radsieve.tasks.images.hog import hog
from radsieve.tasks.images.learners import Lesson, log_loss
from radsieve.tasks.images.variants import learners

NETWORK, BACKBONE = "4x1 8x1", "efficientnet_lite0 32"


@pytest.fixture
def lesson():
    truth = np.arange(60, dtype=np.int64) % 3
    return Lesson(truth, np.arange(60), np.arange(36), np.arange(36, 48), 3, seed=1)


@pytest.mark.parametrize("name", ["hog 16 linear", "pixels 8 linear", "pixels 8 neighbour", NETWORK, BACKBONE,
                                  "4x1 batch_norm leaky_relu no_pooling"])  # fmt: skip
def test_every_kind_learns_what_is_plain(name, lesson, tmp_path):
    training = training_with(tmp_path, [name], epochs=6, learning_rate=0.02, dropout=0, rotation=0, shift=0, zoom=0)
    learner = learners(training, "here")[name]
    inputs = learner.inputs(images_of(lesson.truth))
    fitted = learner.fit(inputs, lesson)
    probability = fitted.probability(inputs[48:])
    assert np.allclose(probability.sum(axis=1), 1)
    assert (probability.argmax(axis=1) == lesson.truth[48:]).mean() >= 0.75


@pytest.mark.parametrize("name", ["pixels 8 linear", "pixels 8 neighbour"])
@pytest.mark.parametrize("seen", [[0, 2], [0, 1, 3]])
def test_an_image_is_answered_alike_in_every_batch_where_a_class_was_never_seen(name, seen, lesson, tmp_path):
    classes = seen[-1] + 1
    lesson = replace(lesson, truth=np.resize(seen, 60), classes=classes)
    learner = learners(training_with(tmp_path, [name]), "here")[name]
    inputs = learner.inputs(images_of(np.arange(60) % 3))
    fitted = learner.fit(inputs, lesson)
    together, unseen = fitted.probability(inputs[48:]), sorted({*range(classes)} - {*seen})
    alone = np.concatenate([fitted.probability(inputs[row : row + 1]) for row in range(48, 60)])
    assert np.allclose(alone, together, rtol=1e-6, atol=0)
    assert (together[:, unseen] < together[:, seen].min(axis=1, keepdims=True)).all()


def test_no_probability_is_certain_where_validation_is_all_right(lesson, tmp_path):
    name = "pixels 8 linear"
    learner = learners(training_with(tmp_path, [name]), "here")[name]
    inputs = learner.inputs(images_of(lesson.truth))
    probability = learner.fit(inputs, lesson).probability(inputs[36:48])
    assert (probability.argmax(axis=1) == lesson.truth[36:48]).all()
    assert 0.7 < probability.max(axis=1).mean() < 0.999


def test_a_network_is_trained_to_the_same_bytes_and_goes_on_where_it_stopped(lesson, tmp_path):
    def trained(folder, epochs):
        learner = learners(training_with(folder, [NETWORK], epochs=epochs), "here")[NETWORK]
        return learner.fit(learner.inputs(images_of(lesson.truth)), lesson)

    once, again = (trained(tmp_path / name, 4) for name in ("a", "b"))
    trained(tmp_path / "c", 2)
    resumed = trained(tmp_path / "c", 4)
    for other in (again, resumed):
        assert [row["epoch"] for row in other.curves] == [1, 2, 3, 4]
        assert all(torch.equal(once.tensors[name], other.tensors[name]) for name in once.tensors)


def test_the_epoch_is_the_best_one_at_its_temperature(lesson, tmp_path):
    learner = learners(training_with(tmp_path, [NETWORK], epochs=5, learning_rate=0.05, dropout=0), "here")[NETWORK]
    inputs = learner.inputs(images_of(lesson.truth))
    fitted = learner.fit(inputs, lesson)
    losses = [row["validation_loss"] for row in fitted.curves]
    logits = fitted.logits(inputs[lesson.validation]) / fitted.temperature
    assert fitted.chosen == f"epoch {1 + int(np.argmin(losses))} of 5"
    assert log_loss(logits, lesson.truth[lesson.validation]) == pytest.approx(min(losses), rel=1e-6)


def test_an_ensemble_answers_with_the_means_of_its_members_and_trains_none_again(lesson, tmp_path):
    together = f"{NETWORK} ensemble 2"
    known = learners(training_with(tmp_path, [NETWORK, together], epochs=2), "here")
    inputs = known[together].inputs(images_of(lesson.truth))
    members = [known[NETWORK].fit(inputs, replace(lesson, seed=seed)) for seed in (1, 2)]
    states = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    fitted = known[together].fit(inputs, lesson)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == states
    mean = np.mean([one.probability(inputs[48:]) for one in members], axis=0)
    assert np.allclose(softmax(fitted.logits(inputs[48:]), axis=1), mean)
    assert set(fitted.tensors) == {f"{seed}.{name}" for seed in (1, 2) for name in (*members[0].tensors, "temperature")}
    assert fitted.parameters == 2 * members[0].parameters


def test_folds_learn_from_validation_and_judge_it_by_what_has_not(lesson, tmp_path):
    crossed = f"{NETWORK} folds 3"
    units = lesson.units // 3  # of one image of each class
    lesson = replace(lesson, units=units)
    known = learners(training_with(tmp_path, [NETWORK, crossed], epochs=2), "here")
    inputs = known[crossed].inputs(images_of(lesson.truth))
    taken = []
    alone = known[crossed]._learner

    def fit(inputs, own):
        taken.append((own, type(alone).fit(alone, inputs, own)))
        return taken[-1][1]

    alone.fit = fit
    fitted = known[crossed].fit(inputs, lesson)
    assert sorted(row for own, _ in taken for row in own.validation) == list(range(48))
    for own, _ in taken:
        assert sorted([*own.train, *own.validation]) == list(range(48))
        assert not set(units[own.train]) & set(units[own.validation])
    judged = fitted.on_validation(inputs[36:48])
    for own, member in taken:
        its = np.flatnonzero(np.isin(lesson.validation, own.validation))
        if len(its):
            assert np.allclose(softmax(judged, axis=1)[its], member.probability(inputs[lesson.validation[its]]))
    mean = np.mean([member.probability(inputs[48:]) for _, member in taken], axis=0)
    assert np.allclose(fitted.probability(inputs[48:]), mean)
    assert len(fitted.tensors) == 3 * (len(taken[0][1].tensors) + 1)  # and a temperature


@pytest.mark.parametrize(
    ("truth", "units"), [(np.arange(60) % 3, np.arange(60) // 12), (np.arange(60) // 12 % 3, np.arange(60) // 6)]
)
def test_more_folds_than_units_of_a_class(truth, units, lesson, tmp_path):
    name = f"{NETWORK} folds 5"
    learner = learners(training_with(tmp_path, [name]), "here")[name]
    with pytest.raises(InputError, match=r"only [24] units of a class"):
        learner.fit(images_of(lesson.truth), replace(lesson, truth=truth, units=units))


def test_more_folds_than_images_of_a_class(tmp_path):
    name = f"{NETWORK} folds 3"
    learner = learners(training_with(tmp_path, [name]), "here")[name]
    truth = np.arange(6) % 3
    with pytest.raises(InputError, match="only 2 units of a class"):
        learner.fit(images_of(truth), Lesson(truth, np.arange(6), np.arange(3), np.arange(3, 6), 3, 1))


def test_a_state_is_of_its_validation_images_too(lesson, tmp_path):
    """Which choose the epoch and the temperature."""

    def fitted(folder, validation):
        learner = learners(training_with(folder, [NETWORK], epochs=2), "here")[NETWORK]
        return learner.fit(images_of(lesson.truth), replace(lesson, validation=validation))

    fitted(tmp_path / "a", lesson.validation)
    again, fresh = (fitted(tmp_path / name, np.arange(48, 60)) for name in ("a", "b"))
    assert again.curves == fresh.curves


def test_a_training_that_diverges_is_refused(lesson, tmp_path):
    name = f"{NETWORK} leaky_relu"
    training = training_with(tmp_path, [name], epochs=1, learning_rate=1, optimizer="sgd", scale=1)
    learner = learners(training, "here")[name]
    with pytest.raises(InputError, match="lower learning_rate"):
        learner.fit(images_of(lesson.truth), lesson)


@pytest.mark.parametrize("several", ["ensemble", "folds"])
@pytest.mark.parametrize("name", [BACKBONE, "hog 16 linear"])
def test_an_ensemble_of_what_is_the_same_each_time_is_refused(name, several, tmp_path):
    training = training_with(tmp_path, [NETWORK])
    named = training.settings.model_copy(update={"variants": (f"{name} {several} 2",)})
    with pytest.raises(InputError, match=several):
        learners(replace(training, settings=named), "here")


@pytest.mark.parametrize("share", [0, 0.5])
def test_only_a_network_that_learns_mirror_images_answers_to_both_alike(share, lesson, tmp_path):
    learner = learners(training_with(tmp_path, [NETWORK], epochs=1, mirror=share), "here")[NETWORK]
    inputs = learner.inputs(images_of(lesson.truth))
    fitted = learner.fit(inputs, lesson)
    alike = np.allclose(fitted.logits(inputs), fitted.logits(np.ascontiguousarray(inputs[..., ::-1])), atol=1e-5)
    assert alike == bool(share)


def test_batch_normalisation_takes_what_plain_images_have(lesson, tmp_path):
    """Where it is trained on; what is frozen keeps what it came with."""
    name = "efficientnet_lite0 32 unfrozen 1"
    learner = learners(training_with(tmp_path, [name], epochs=1, contrast=0.5, noise=0.3), "here")[name]
    inputs = learner.inputs(images_of(lesson.truth))
    network = learner.fit(inputs, lesson).network
    blocks, came = network.backbone.network._blocks, Lite0(32, pretrained=True).network._blocks
    assert torch.equal(blocks[0]._bn1.running_mean, came[0]._bn1.running_mean)
    seen = []
    blocks[-1]._bn2.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    with torch.no_grad():
        network.eval()(learner.shown(images_of(lesson.truth)[lesson.train]))
    assert torch.allclose(seen[0].mean(dim=(0, 2, 3)), blocks[-1]._bn2.running_mean, rtol=0.05, atol=0.05)


def test_a_frozen_block_keeps_its_weights(lesson, tmp_path):
    name = "efficientnet_lite0 32 unfrozen 1"
    learner = learners(training_with(tmp_path, [name], epochs=1), "here")[name]
    network = learner.fit(learner.inputs(images_of(lesson.truth)), lesson).network
    fresh = dict(Lite0(32, pretrained=True).named_parameters())
    changed = {key for key, value in network.backbone.named_parameters() if not torch.equal(value, fresh[key])}
    assert changed and all(key.startswith("network._blocks.15.") for key in changed)


def test_unknown_labels_in_a_class_do_not_break_the_rest(tmp_path):
    truth = np.array([0, 1] * 20, dtype=np.int64)
    for name in ("pixels 8 linear", "pixels 8 neighbour"):
        learner = learners(training_with(tmp_path, [name]), "here")[name]
        lesson = Lesson(truth, np.arange(40), np.arange(30), np.arange(30, 40), 3, 1)
        fitted = learner.fit(learner.inputs(images_of(truth)), lesson)
        assert fitted.probability(learner.inputs(images_of(truth)))[:, 2].max() < 0.01


def test_images_that_are_too_small_are_refused(tmp_path):
    names = ["4x1 4x1 4x1 4x1 4x1"]
    with pytest.raises(InputError, match=r"here\.variants: 4x1 .*cannot be halved 5 times"):
        learners(training_with(tmp_path, names), "here")
    with pytest.raises(InputError, match=r"here\.variants: efficientnet_lite0 32"):
        learners(training_with(tmp_path, ["efficientnet_lite0 32+64 unfrozen 1"]), "here")


def test_hog_has_the_features_of_the_publication_and_sees_directions():
    across = np.tile(np.arange(128.0), (1, 128, 1))
    found = hog(np.concatenate([across, across.transpose(0, 2, 1), np.ones((1, 128, 128))]))
    assert found.shape == (3, 8100)
    cells = found.reshape(3, -1, 9).mean(axis=1)
    assert cells[0, [0, 8]].min() > 10 * cells[0, 3:6].max()
    assert cells[1, 4] > 10 * cells[1, [0, 1, 7, 8]].max()
    assert np.abs(found[2]).max() == 0
    with pytest.raises(ValueError, match="too small"):
        hog(np.ones((1, 12, 12)))


def test_grad_cam_of_a_linear_layer_is_the_class_activation_map():
    maps, weights = torch.rand(2, 5, 4, 4), torch.rand(3, 5) - 0.5
    classes = torch.tensor([2, 0])

    def answer(some):
        return some.mean(dim=(2, 3)) @ weights.T

    found = grad_cam(maps, answer, classes)
    expected = [pooled_grad_cam(maps[i : i + 1], weights[c][:, None, None])[0] for i, c in enumerate((2, 0))]
    assert torch.allclose(found, torch.stack(expected), atol=1e-6)
    beyond = grad_cam(maps, answer, classes, torch.ones(5))
    assert torch.allclose(beyond, grad_cam(maps - 1, answer, classes), atol=1e-6)


def test_a_network_of_blocks_has_the_layers_that_it_is_told():
    network = BlockNetwork(Blocks.of("4x2 8x1 batch_norm"), 1, 16, 3, 32, 0.1)
    assert [part.out_channels for part in network.body if isinstance(part, torch.nn.Conv2d)] == [4, 4, 8]
    assert network(torch.rand(2, 1, 16, 16)).shape == (2, 3)
    assert network.head[0].in_features == 8 * 4 * 4
    assert BlockNetwork(Blocks.of("4x2 8x1 average"), 1, 16, 3, 32, 0.1).head[-1].in_features == 8
