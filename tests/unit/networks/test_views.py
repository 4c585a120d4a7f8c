"""What the classifier gets to see of an image."""

import pytest
import torch

from radsieve.networks.views import cut, image_views, resized, stretched


def test_halves_of_a_symmetric_image_look_the_same() -> None:
    left = torch.rand(1, 1, 8, 4)
    image = torch.cat([left, left.flip(-1)], dim=3)
    one, other = (cut(image, view) for view in image_views("halves", 0.25, 8, 8))
    assert one.shape == (1, 1, 6, 4)
    assert torch.equal(one, other)
    assert torch.equal(one, left[:, :, 2:])


def test_the_whole_image_is_only_cropped() -> None:
    image = torch.rand(1, 1, 10, 7)
    (view,) = image_views("whole", 0.1, 10, 7)
    assert torch.equal(cut(image, view), image[:, :, 1:])


def test_the_middle_column_of_an_odd_width_is_in_no_half() -> None:
    left, right = image_views("halves", 0, 4, 7)
    assert (left.left, left.right, right.left, right.right) == (0, 3, 4, 7)


def test_resizing_averages_and_keeps_what_fits() -> None:
    image = torch.tensor([[[[0.0, 1.0] * 8] * 16]])
    assert resized(image, 16) is image
    torch.testing.assert_close(resized(image, 4)[..., 1:-1], torch.full((1, 1, 4, 2), 0.5), atol=0.05, rtol=0)


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0.1), (0.2, 0.7)])
def test_stretched_images_do_not_depend_on_exposure(gain: float, offset: float) -> None:
    image = torch.rand(2, 1, 16, 16)
    torch.testing.assert_close(stretched(image * gain + offset, 0.02), stretched(image, 0.02), atol=1e-5, rtol=0)
    assert stretched(image, 0) is image


def test_an_image_of_one_level_stays_finite() -> None:
    assert torch.equal(stretched(torch.full((1, 1, 4, 4), 0.3), 0.01), torch.zeros(1, 1, 4, 4))
