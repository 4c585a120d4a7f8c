import numpy as np
import pytest
import torch
from defaults import COMPUTE, changed
from ellipses import SETTINGS, ellipses
from sameness import same_tensors

from radsieve.errors import InputError
from radsieve.networks.device import choose_device
from radsieve.networks.training_state import TrainingState
from radsieve.screening.segmentation.training import TrainingImages, segmentation_loss, train_segmenter

DEVICE = choose_device(COMPUTE)
ROWS = np.arange(24)


def images(channels=1):
    return TrainingImages(*ellipses(24, channels), train=ROWS[:14], validation=ROWS[14:20], test=ROWS[20:])


def test_a_stopped_training_ends_with_the_same_weights(tmp_path, monkeypatch):
    whole = train_segmenter(images(), SETTINGS, DEVICE, tmp_path / "whole")
    again = train_segmenter(images(), SETTINGS, DEVICE, tmp_path / "again")
    assert same_tensors(whole.best, again.best) and same_tensors(whole.last, again.last)
    save = TrainingState.save

    def stop(state):
        save(state)
        raise KeyboardInterrupt

    for _ in range(2):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(TrainingState, "save", stop)
            train_segmenter(images(), SETTINGS, DEVICE, tmp_path / "stopped")
    resumed = train_segmenter(images(), SETTINGS, DEVICE, tmp_path / "stopped")
    assert same_tensors(whole.best, resumed.best) and same_tensors(whole.last, resumed.last)
    assert whole.curves.equals(resumed.curves)
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "stopped").read_bytes()


def test_the_images_are_learned(tmp_path):
    training = train_segmenter(images(3), changed(SETTINGS, epochs=12, patience=12), DEVICE, tmp_path / "state")
    scores = training.curves["validation_score"]
    assert scores.max() > 0.8 > scores[0]
    assert training.best_epoch == scores.argmax() + 1
    assert training.curves["train_loss"].iloc[-1] < 0.7 * training.curves["train_loss"].iloc[0]
    rates = training.curves["learning_rate"]
    assert rates.argmax() in (0, 1, 2) and rates.iloc[-1] < rates.max() / 100


def test_no_gain_ends_the_training(tmp_path):
    still = changed(SETTINGS, learning_rate=1e-12, epochs=20, patience=2, threshold=1e-6)  # all is always found
    training = train_segmenter(images(), still, DEVICE, tmp_path / "state")
    assert training.best_epoch == 1
    assert len(training.curves) == 3
    assert len(train_segmenter(images(), still, DEVICE, tmp_path / "state").curves) == 3


def test_another_seed_is_another_training(tmp_path):
    one, other = (
        train_segmenter(images(), changed(SETTINGS, epochs=1, seed=n), DEVICE, tmp_path / str(n)) for n in (1, 2)
    )
    assert not same_tensors(one.last, other.last)


def test_losses_by_hand():
    """One image of two pixels, p = 1/2 and 3/4, of which the second one is mask."""
    logits = torch.tensor([0.0, np.log(3.0)]).reshape(1, 1, 1, 2)
    masks = torch.tensor([0.0, 1.0]).reshape(1, 1, 1, 2)
    entropy = -(np.log(1 / 2) + np.log(3 / 4)) / 2
    dice = (2 * 0.75 + 1) / (0.5 + 0.75 + 1 + 1)  # smoothed by one pixel
    assert segmentation_loss(logits, masks, "bce").item() == pytest.approx(entropy)
    assert segmentation_loss(logits, masks, "bce_dice").item() == pytest.approx(entropy + 1 - dice)


def test_images_that_cannot_be_halved(tmp_path):
    with pytest.raises(InputError, match="cannot be halved 6 times"):
        train_segmenter(images(), changed(SETTINGS, depth=6), DEVICE, tmp_path / "state")
    assert not (tmp_path / "state").exists()
