import numpy as np
import pytest
import torch
from defaults import changed, settings
from ellipses import STILL, ellipses

from radsieve.networks.augmentation import augment

WEAK = settings("train_abnormality").augmentation.model_dump()
STRONG = {"rotation": 90, "shift": 0.2, "zoom": 0.3, "elastic": 0.05, "mirror": 0.5}


def batch(images=8, channels=1):
    _, masks = ellipses(images)
    mask = torch.from_numpy(masks).float()
    return mask.repeat(1, channels, 1, 1), mask


def change(images, masks, number=0, **settings):
    return augment(images, masks, changed(STILL, **settings), torch.Generator().manual_seed(number))


@pytest.mark.parametrize("name", STRONG)
def test_image_and_mask_move_together(name):
    images, masks = batch()
    moved, moved_masks = change(images, masks, **{name: STRONG[name]})
    assert torch.equal((moved >= 0.5).float(), moved_masks)
    assert not torch.equal(moved_masks, masks)
    assert set(moved_masks.unique().tolist()) == {0, 1}


def test_all_at_zero_changes_nothing():
    images, masks = batch(channels=3)
    images = images * 0.6 + 0.2
    same, same_masks = change(images, masks)
    assert torch.allclose(same, images, atol=1e-5)
    assert torch.equal(same_masks, masks)


@pytest.mark.parametrize(("name", "value"), [("contrast", 0.4), ("blur", 1), ("noise", 0.1), ("invert", 1)])
def test_changes_of_intensity_leave_the_mask(name, value):
    images, masks = batch(channels=3)
    changed, same = change(images, masks, **{name: value})
    assert torch.equal(same, masks)
    assert not torch.allclose(changed, images, atol=0.01)
    assert changed.min() >= 0 and changed.max() <= 1


def test_mirroring_and_inversion_by_hand():
    images, masks = batch()
    images = images * 0.6 + 0.2
    mirrored, mirrored_masks = change(images, masks, mirror=1)
    assert torch.allclose(mirrored, images.flip(-1), atol=1e-5)
    assert torch.equal(mirrored_masks, masks.flip(-1))
    assert torch.allclose(change(images, masks, invert=1)[0], 1 - images, atol=1e-5)


def test_a_quarter_turn_keeps_the_area():
    images, masks = batch()
    area = masks.sum(dim=(1, 2, 3))
    turned = change(images, masks, rotation=180)[1].sum(dim=(1, 2, 3))
    assert np.allclose(turned / area, 1, atol=0.12)


def test_the_seed_decides():
    images, masks = batch()
    first, second, other = (change(images, masks, number, **(WEAK | STRONG))[0] for number in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
