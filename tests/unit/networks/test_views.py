"""What the classifier gets to see of a film."""

import pytest
import torch

from radsieve.networks.views import cut, film_views, resized, stretched


def test_halves_of_a_symmetric_film_look_the_same() -> None:
    left = torch.rand(1, 1, 8, 4)
    film = torch.cat([left, left.flip(-1)], dim=3)
    one, other = (cut(film, view) for view in film_views("halves", 0.25, 8, 8))
    assert one.shape == (1, 1, 6, 4)
    assert torch.equal(one, other)
    assert torch.equal(one, left[:, :, 2:])


def test_the_whole_film_is_only_cropped() -> None:
    film = torch.rand(1, 1, 10, 7)
    (view,) = film_views("whole", 0.1, 10, 7)
    assert torch.equal(cut(film, view), film[:, :, 1:])


def test_the_middle_column_of_an_odd_width_is_in_no_half() -> None:
    left, right = film_views("halves", 0, 4, 7)
    assert (left.left, left.right, right.left, right.right) == (0, 3, 4, 7)


def test_resizing_averages_and_keeps_what_fits() -> None:
    film = torch.tensor([[[[0.0, 1.0] * 8] * 16]])
    assert resized(film, 16) is film
    torch.testing.assert_close(resized(film, 4)[..., 1:-1], torch.full((1, 1, 4, 2), 0.5), atol=0.05, rtol=0)


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0.1), (0.2, 0.7)])
def test_stretched_films_do_not_depend_on_exposure(gain: float, offset: float) -> None:
    film = torch.rand(2, 1, 16, 16)
    torch.testing.assert_close(stretched(film * gain + offset, 0.02), stretched(film, 0.02), atol=1e-5, rtol=0)
    assert stretched(film, 0) is film


def test_a_film_of_one_level_stays_finite() -> None:
    assert torch.equal(stretched(torch.full((1, 1, 4, 4), 0.3), 0.01), torch.zeros(1, 1, 4, 4))
