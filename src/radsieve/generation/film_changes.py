"""Random changes of the films that a discriminator sees, through which the generator still learns.

Real and drawn films are changed alike, so that few real films cannot be learnt by heart, while the generator learns to
draw them unchanged (Zhao, Liu, Lin, Zhu and Han 2020, "Differentiable augmentation for data-efficient GAN training").
"""

import torch

from radsieve.generation.settings import TrainGan


def change(films: torch.Tensor, settings: TrainGan, random: torch.Generator) -> torch.Tensor:
    """Return `films` (n, channels, H, W; black -1, white 1), each changed in its own way, with gradients.

    `contrast` c: the film's deviations from its mean times 1 - c to 1 + c, and -c to c added to all. `translation`:
    moved by whole pixels, at most that share of the side, and black where nothing comes in. `cutout`: a square with
    that share of the side is set to 0, with its centre anywhere in the film. `random` gives all numbers, on the CPU.
    """
    contrast = settings.contrast
    gain, offset = (1 + contrast * _uniform(films, random), contrast * _uniform(films, random))
    mean = films.mean(dim=(1, 2, 3), keepdim=True)
    films = (films - mean) * gain + mean + offset
    films = _translated(films, settings.translation, random)
    return films * _kept(films, settings.cutout, random)


def _translated(films: torch.Tensor, share: float, random: torch.Generator) -> torch.Tensor:
    n, _, height, width = films.shape
    most = int(share * height + 0.5)
    dy, dx = torch.randint(-most, most + 1, (2, n, 1), generator=random).to(films.device)
    padded = torch.nn.functional.pad(films, (most,) * 4, value=-1.0)
    rows = torch.arange(height, device=films.device) + most - dy
    columns = torch.arange(width, device=films.device) + most - dx
    film = torch.arange(n, device=films.device)[:, None, None]
    moved: torch.Tensor = padded.permute(0, 2, 3, 1)[film, rows[:, :, None], columns[:, None, :]]
    return moved.permute(0, 3, 1, 2)


def _kept(films: torch.Tensor, share: float, random: torch.Generator) -> torch.Tensor:
    """0 in a square of each film, 1 elsewhere, (n, 1, H, W)."""
    n, _, height, width = films.shape
    side = int(share * height + 0.5)
    top, left = torch.randint(-(side // 2), height - side // 2, (2, n, 1), generator=random).to(films.device)
    y, x = (torch.arange(length, device=films.device) for length in (height, width))
    inside_y, inside_x = (y >= top) & (y < top + side), (x >= left) & (x < left + side)
    blank: torch.Tensor = inside_y[:, None, :, None] & inside_x[:, None, None, :]
    return (~blank).to(films.dtype)


def _uniform(films: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """A number in [-1, 1) for each film, (n, 1, 1, 1)."""
    return (torch.rand((len(films), 1, 1, 1), generator=random) * 2 - 1).to(films.device)
