"""Which variant is chosen: the one that validation prefers as it is, or changed as images from elsewhere are."""

import numpy as np
import pandas as pd
import pytest
from image_training import training_with

from radsieve.tasks.images.data import ImageData, Part
from radsieve.tasks.images.evaluation import study
from radsieve.tasks.images.learners import Fitted, Learner


class Told(Learner):
    """Calls class 1 what is above a threshold, with the more certainty the less `width` is."""

    def __init__(self, name, of, threshold, width):
        self.name, self._of, self._threshold, self._width = name, of, threshold, width

    def inputs(self, images):
        return self._of(images.astype(np.float32))[:, None]

    def fit(self, inputs, lesson):
        def logits(rows):
            above = (rows[:, 0] - self._threshold) / self._width
            return np.column_stack([-above, above]).astype(float)

        return Fitted(logits)


def images_of(count=60, seed=1):
    """Images of class 1 are brighter by a little, and their left half is brighter than the right one by a lot."""
    random = np.random.default_rng(seed)
    truth = np.arange(count) % 2
    images = np.full((count, 1, 16, 16), 120.0) + 4 * truth[:, None, None, None]
    images[:, :, :, :8] += 30 * (2 * truth - 1)[:, None, None, None]
    images[:, :, :, 8:] -= 30 * (2 * truth - 1)[:, None, None, None]
    images += random.normal(0, 8, images.shape)
    images -= images.mean(axis=(1, 2, 3), keepdims=True) - 120 - 4 * truth[:, None, None, None]
    splits = np.array(["train", "validation", "test"])[np.arange(count) // 2 % 3]
    table = pd.DataFrame({"picture": [f"{row:064d}" for row in range(count)], "split": splits, "bytes": 1, "width": 16,
                          "height": 16, "grey": 0.5})  # fmt: skip
    return ImageData(("0", "1"), Part(images.round().astype(np.uint8), table, truth, np.arange(count)), None)


@pytest.mark.parametrize(("chosen_on", "chosen"), [("validation", "brightness"), ("changed", "halves")])
def test_changed_copies_choose_what_other_devices_leave(tmp_path, chosen_on, chosen):
    training = training_with(tmp_path, ["pixels 8 neighbour"], chosen_on=chosen_on, contrast=0.4, noise=0.02, shift=0)
    brightness = Told("brightness", lambda images: images.mean(axis=(1, 2, 3)), 122, 0.2)
    halves = Told(
        "halves", lambda images: images[..., :8].mean(axis=(1, 2, 3)) - images[..., 8:].mean(axis=(1, 2, 3)), 0, 30
    )
    known = {one.name: one for one in (brightness, halves)}
    assert study(images_of(), training.settings, known, "here").chosen.name == chosen
