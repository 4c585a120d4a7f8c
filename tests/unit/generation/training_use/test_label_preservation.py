"""Whether an augmentation preserves the label: an evaluator that looks at which half of an image is bright."""

import numpy as np
import pytest
import torch
from defaults import changed
from ellipses import STILL

from radsieve.generation.training_use.label_preservation import ALL, changed_images, each_alone, label_preservation
from radsieve.stats.resampling import clustered_wilson

GENERATION = {"copies": 3, "margin": 0.1, "confidence": 0.95, "seed": 1}


def off(**chosen):
    return changed(STILL, **chosen)


def left_is_brighter(images):
    half = images.shape[-1] // 2
    return (images[..., :half].mean(axis=(1, 2, 3)) > images[..., half:].mean(axis=(1, 2, 3))).astype(float)


@pytest.fixture
def images():
    """40 images, the first half of them bright on the left (label 1), the others on the right."""
    images = np.full((40, 1, 16, 16), 60, dtype=np.uint8)
    images[:20, ..., :8] = 200
    images[20:, ..., 8:] = 200
    return images


LABELS = np.repeat([1, 0], 20)


def evaluated(images, settings, labels=LABELS, units=None, **options):
    units = np.arange(len(images)) if units is None else units
    found = label_preservation(
        lambda some: {"evaluate": left_is_brighter(some)},
        images,
        labels,
        units,
        off(**settings),
        **GENERATION | options,
    )
    return found.set_index("augmentation")


def test_each_augmentation_by_itself_and_all_together():
    found = each_alone(off(mirror=0.5, noise=0.1))
    assert found == {
        "mirror": off(mirror=0.5),
        "noise": off(noise=0.1),
        ALL: off(mirror=0.5, noise=0.1),
    }


def test_mirroring_turns_this_label_over_and_noise_does_not(images):
    found = evaluated(images, {"mirror": 1.0, "noise": 0.02})
    assert found.loc["mirror", ["agree_before", "agree_after", "kept", "difference"]].tolist() == [1, 0, 0, -1]
    assert found.loc["noise", ["agree_after", "kept", "kept_upper", "difference"]].tolist() == [1, 1, 1, 0]
    assert found.loc["noise", "kept_lower"] == pytest.approx(0.9124, abs=1e-4)  # Wilson's limit of 40 in 40
    assert found.loc["noise", "difference_lower"] == pytest.approx(-0.0876, abs=1e-4)  # and of 0 in 40 that are lost
    assert found["preserved"].to_dict() == {"mirror": 0, "noise": 1, ALL: 0}
    assert evaluated(images, {"noise": 0.02}, margin=0.05).loc["noise", "preserved"] == 0  # 40 images cannot show it
    assert found.loc["mirror", "setting"] == 1
    assert np.isnan(found.loc[ALL, "setting"])


def test_what_is_gained_is_not_lost(images):
    """Each answer turns over: the difference is 2 times the share gained less 1, and so are its bounds."""
    labels = np.where(np.arange(40) % 5 < 2, 1 - LABELS, LABELS)
    row = evaluated(images, {"mirror": 1.0}, labels=labels).loc["mirror"]
    lower, upper = clustered_wilson(np.arange(40) % 5 < 2, np.arange(40), 0.95)
    assert row["difference"] == pytest.approx(-0.2)
    assert (row["difference_lower"], row["difference_upper"]) == pytest.approx((2 * lower - 1, 2 * upper - 1))


def test_an_evaluator_that_knows_the_change_finds_the_label_that_the_other_one_misses(images):
    """All images are inverted: one evaluator is misled, the other one takes the brighter half of the positive."""

    def answers(some):
        inverted = some[:, :, 0, 0] + 1.0 * some[:, :, 0, -1] < 2 * 125
        upright = left_is_brighter(some)
        return {"without": upright, "with": np.where(inverted[:, 0], 1 - upright, upright)}

    images = images + np.uint8(20)  # bright enough to tell an inverted image by its corners
    settings = off(invert=1.0)
    rows = label_preservation(answers, images, LABELS, np.arange(40), settings, **GENERATION).set_index(
        ["augmentation", "classifier"]
    )
    assert rows.loc[("invert", "without"), ["agree_before", "agree_after", "preserved"]].tolist() == [1, 0, 0]
    assert rows.loc[("invert", "with"), ["agree_before", "agree_after", "preserved"]].tolist() == [1, 1, 1]


def test_mirroring_half_of_the_images(images):
    row = evaluated(images, {"mirror": 0.5}).loc["mirror"]
    assert 0.35 < row["kept"] < 0.65
    assert row["kept_lower"] < row["kept"] < row["kept_upper"]
    assert row["difference"] == pytest.approx(row["agree_after"] - row["agree_before"])


def test_images_that_the_evaluator_gets_wrong_from_the_start(images):
    """With a quarter of the labels wrong, mirroring all images takes agreement from 3/4 to 1/4 and keeps nothing."""
    wrong = np.where(np.arange(40) % 4 == 0, 1 - LABELS, LABELS)
    row = evaluated(images, {"mirror": 1.0}, wrong).loc["mirror"]
    assert row[["agree_before", "agree_after", "kept", "difference"]].tolist() == [0.75, 0.25, 0, -0.5]
    never = evaluated(images, {"mirror": 1.0}, 1 - LABELS).loc["mirror"]
    assert np.isnan(never["kept"])
    assert np.isnan(never["kept_lower"])


def test_images_of_one_patient_are_resampled_together(images):
    alone = evaluated(images, {"mirror": 0.5}).loc["mirror"]
    together = evaluated(images, {"mirror": 0.5}, units=np.arange(40) // 20).loc["mirror"]
    assert together["difference"] == alone["difference"]
    assert together["difference_lower"] != alone["difference_lower"]


def test_images_are_changed_batch_by_batch(images):
    many, settings = np.resize(images, (150, *images.shape[1:])), off(noise=0.1)
    assert np.array_equal(changed_images(many, settings, seed=3)[:64], changed_images(many[:64], settings, seed=3))
    assert len(changed_images(many, settings, seed=3)) == 150


def test_changed_images_keep_their_form_and_come_again(images):
    settings = off(rotation=10, noise=0.05)
    changed = changed_images(images, settings, seed=3)
    assert changed.shape == images.shape
    assert changed.dtype == np.uint8
    assert np.array_equal(changed, changed_images(images, settings, seed=3))
    assert not np.array_equal(changed, changed_images(images, settings, seed=4))
    assert np.array_equal(changed_images(images, off(mirror=1.0), 1), images[..., ::-1])
    torch.manual_seed(99)
    assert np.array_equal(changed, changed_images(images, settings, seed=3))
