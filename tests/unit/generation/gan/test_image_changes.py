"""Differentiable changes of images."""

import pytest
import torch
from defaults import changed as with_
from defaults import settings

from radsieve.generation.gan.discriminator import change

STILL = settings("train_gan", translation=0, contrast=0, cutout=0)
MOVING = settings("train_gan", translation=0.2, contrast=0.3, cutout=0.3)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def images(n=6, pixels=16):
    return torch.rand((n, 1, pixels, pixels), generator=seeded(9)) * 2 - 1


def test_nothing_asked_for_changes_nothing():
    assert torch.allclose(change(images(), STILL, seeded()), images(), atol=1e-6)


def test_a_translation_moves_by_whole_pixels_and_brings_in_black():
    one = torch.full((300, 1, 16, 16), -1.0)
    one[:, 0, 7, 5] = 1
    moved = change(one, with_(STILL, translation=0.25), seeded())
    places = (moved[:, 0] == 1).nonzero()
    assert len(places) == 300
    assert set((places[:, 1] - 7).tolist()) == set((places[:, 2] - 5).tolist()) == set(range(-4, 5))
    assert moved.unique().tolist() == [-1, 1]


def test_contrast_scales_about_the_mean_and_shifts():
    one = images()
    changed = change(one, with_(STILL, contrast=0.3), seeded())
    gain = changed.std(dim=(1, 2, 3)) / one.std(dim=(1, 2, 3))
    shift = (changed - one).mean(dim=(1, 2, 3))
    assert ((gain >= 0.7 - 1e-5) & (gain <= 1.3 + 1e-5)).all() and (shift.abs() <= 0.3 + 1e-5).all()
    assert len(gain.unique()) == len(shift.unique()) == len(one)


def test_a_cutout_blanks_one_square():
    changed = change(torch.ones((60, 1, 16, 16)), with_(STILL, cutout=0.5), seeded())
    blank = (changed == 0).sum(dim=(1, 2, 3))
    assert blank.max() == 64 and blank.min() >= 16
    rows = (changed == 0).any(dim=3).sum(dim=2).flatten()
    columns = (changed == 0).any(dim=2).sum(dim=2).flatten()
    assert torch.equal(rows * columns, blank)


def test_the_generator_learns_through_all_of_them():
    one = images().requires_grad_()
    change(one, MOVING, seeded()).sum().backward()
    assert one.grad.isfinite().all() and (one.grad != 0).float().mean() > 0.5


def test_the_same_numbers_give_the_same_images():
    assert torch.equal(change(images(), MOVING, seeded(1)), change(images(), MOVING, seeded(1)))
    assert not torch.equal(change(images(), MOVING, seeded(1)), change(images(), MOVING, seeded(2)))


@pytest.mark.parametrize("channels", [1, 3])
def test_all_channels_of_an_image_are_changed_alike(channels):
    one = images()[:, :1].expand(-1, channels, -1, -1)
    changed = change(one, MOVING, seeded())
    assert changed.shape == one.shape
    assert torch.allclose(changed, changed[:, :1].expand_as(changed), atol=1e-6)
