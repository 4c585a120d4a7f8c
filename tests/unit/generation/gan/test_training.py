"""The training of a generator of images."""

import numpy as np
import pytest
import torch
from defaults import COMPUTE, changed
from ellipses import ellipses
from grouped_packs import SETTINGS
from sameness import same_tensors

from radsieve.errors import InputError
from radsieve.generation.gan.training import TrainedGenerator, gan_card, rate_share, train_generator
from radsieve.generators.decoder import PhantomDecoder
from radsieve.generators.interface import sample_latents
from radsieve.generators.residual import generator_of
from radsieve.networks.device import choose_device
from radsieve.networks.training_state import TrainingState

DEVICE = choose_device(COMPUTE)
IMAGES = ellipses(12, pixels=16)[0]


class Evaluate:
    """Gives each round the FID that it is told to."""

    def __init__(self, *fids):
        self.fids, self.generated = list(fids), []

    def __call__(self, generate):
        images = generate(sample_latents(2, 1, "evaluated"))
        self.generated.append(images)
        fid = self.fids.pop(0) if self.fids else float(images.mean())
        return {"fid": fid, "fid_real": 1.0, "kid": 0.0, "kid_lower": -1.0, "kid_upper": 1.0, "kid_real": 0.0}


def trained(path, images=IMAGES, evaluator=None, **changes):
    settings = changed(SETTINGS, **changes)
    return train_generator(images, gan_card(images, settings, "a"), settings, DEVICE, path, evaluator or Evaluate())


def test_the_learning_rate_rises_in_a_hundred_steps_and_falls_to_a_tenth():
    rates = [rate_share(step, 1000) for step in range(1000)]
    assert rates[0] == pytest.approx(0.01)
    assert int(np.argmax(rates)) == 99
    assert rates[500] == pytest.approx(0.55)
    assert rates[-1] == pytest.approx(0.1, abs=1e-4)
    assert np.all(np.diff(rates[99:]) < 0)


@pytest.mark.slow
def test_a_killed_training_ends_with_the_same_bytes(tmp_path, monkeypatch):
    whole = trained(tmp_path / "whole")
    save = TrainingState.save

    def stop(state):
        save(state)
        raise KeyboardInterrupt

    for _ in range(2):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(TrainingState, "save", stop)
            trained(tmp_path / "stopped")
    resumed = trained(tmp_path / "stopped")
    assert same_tensors(whole.weights, resumed.weights) and whole.curves.equals(resumed.curves)
    assert np.array_equal(whole.samples, resumed.samples)
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "stopped").read_bytes()
    assert same_tensors(whole.weights, trained(tmp_path / "stopped").weights)  # nothing is left to do


@pytest.mark.parametrize("damage", [lambda content: content[:-40], lambda _: b""])
def test_a_damaged_state_is_told_of_and_the_training_starts_anew(tmp_path, damage, caplog):
    whole = trained(tmp_path / "state")
    (tmp_path / "state").write_bytes(damage((tmp_path / "state").read_bytes()))
    assert same_tensors(whole.weights, trained(tmp_path / "state").weights)
    assert "the training starts again" in caplog.text and str(tmp_path / "state") in caplog.text


def test_the_best_round_is_kept(tmp_path):
    evaluator = Evaluate(3.0, 1.0, 2.0)
    training = trained(tmp_path / "state", evaluator=evaluator)
    assert training.best == 1
    generator = generator_of(gan_card(IMAGES, SETTINGS, "a"))
    generator.load_state_dict(training.weights)
    generated = TrainedGenerator(DEVICE.place(generator), DEVICE)(sample_latents(2, 1, "evaluated"))
    assert np.array_equal(generated, evaluator.generated[1]) and not np.array_equal(generated, evaluator.generated[2])


def test_the_course_of_a_training(tmp_path):
    training = trained(tmp_path / "state", steps=7, rounds=3)
    assert training.curves["step"].tolist() == [2, 5, 7] and training.curves["round"].tolist() == [1, 2, 3]
    assert training.samples.shape == (3, 3, 1, 16, 16) and training.samples.dtype == np.uint8
    assert (training.samples[0] != training.samples[2]).any()
    assert len(trained(tmp_path / "short", steps=2, rounds=9).curves) == 2


@pytest.mark.slow
def test_the_images_are_learned(tmp_path):
    """Phantoms of chests: the mean of generated images takes on the form of theirs, and they are not all alike.

    How near its grey comes would say little: images without contrast, which every generator begins with, are near, too.
    """
    images = PhantomDecoder(64).generate(sample_latents(48, 1, "38_44f"), "38_44f")
    training = trained(
        tmp_path / "state", images, pixels=64, steps=360, rounds=2, batch=8, learning_rate=0.001, average_images=100,
        width=8, grid_images=16,
    )  # fmt: skip
    first, last = training.samples
    before, after = (
        np.corrcoef(shown.mean(axis=0).ravel(), images.mean(axis=0).ravel())[0, 1] for shown in (first, last)
    )
    assert max(before, 0.3) < after
    assert last.std(axis=0).mean() > 0.3 * images.std(axis=0).mean()


@pytest.mark.slow
def test_generated_images_are_compared_with_the_spread_of_real_ones(tmp_path):
    """With nothing else to learn from than the spread, images that start all alike come apart."""
    images = np.stack([np.full((1, 16, 16), grey, np.uint8) for grey in range(0, 250, 10)])
    alike, apart = (
        trained(
            tmp_path / str(diversity),
            images,
            diversity=diversity,
            steps=24,
            rounds=1,
            average_images=1,
            learning_rate=0.02,
        )
        for diversity in (0, 1000)
    )
    assert apart.samples[-1].std(axis=0).mean() > 5 * alike.samples[-1].std(axis=0).mean()


@pytest.mark.parametrize(
    "images", [IMAGES[:3], IMAGES[:1], np.full((5, 1, 16, 16), 77, np.uint8), IMAGES.repeat(3, axis=1)]
)
def test_few_images_equal_images_and_colour(tmp_path, images):
    """A batch is 4: images occur several times in it."""
    training = trained(tmp_path / "state", images)
    assert np.isfinite(training.curves.to_numpy()).all()
    assert training.samples.shape[2] == images.shape[1]


def test_losses_that_are_no_numbers(tmp_path):
    with pytest.raises(InputError, match=r"a loss is not a number after .* steps; lower learning_rate"):
        trained(tmp_path / "state", learning_rate=1e30, steps=12, rounds=2)


def test_another_seed_is_another_training(tmp_path):
    one, other = (trained(tmp_path / str(seed), seed=seed, steps=1, rounds=1) for seed in (1, 2))
    assert not same_tensors(one.weights, other.weights)


def test_the_average_follows_the_generator(tmp_path):
    quick, slow = (trained(tmp_path / str(images), steps=8, rounds=1, average_images=images) for images in (1, 10**6))
    assert not same_tensors(quick.weights, slow.weights)
    start = generator_of(gan_card(IMAGES, SETTINGS, "a")).state_dict()["image.bias"]
    assert (quick.weights["image.bias"] - start).abs().sum() > 0


@pytest.mark.slow  # most processors have no instructions for it
def test_bfloat16_trains_as_well(tmp_path):
    device = choose_device(changed(COMPUTE, precision="bfloat16", instructions="native"))
    training = train_generator(
        IMAGES, gan_card(IMAGES, SETTINGS, "a"), SETTINGS, device, tmp_path / "state", Evaluate()
    )
    assert {tensor.dtype for tensor in training.weights.values()} == {torch.float32}
    assert np.isfinite(training.curves.to_numpy()).all()
