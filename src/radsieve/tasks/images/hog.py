"""Histograms of oriented gradients (Dalal and Triggs 2005, doi:10.1109/CVPR.2005.177)."""

import numpy as np
import numpy.typing as npt

ORIENTATIONS, CELL, BLOCK = 9, 8, 2
_CLIP, _TINY = 0.2, 1e-5

Floats = npt.NDArray[np.float32]


def hog(images: npt.NDArray[np.floating]) -> Floats:
    """Return the histograms (n, features) of grey `images` (n, H, W): 9 unsigned directions, cells of 8 x 8 pixels.

    Each pixel votes for the two nearest directions by the length of its gradient; blocks of 2 x 2 cells, which overlap,
    are scaled to length 1, clipped at 0.2 and scaled again (L2-Hys). 128 pixels give 8,100 features. Raises ValueError
    for images of less than 16 pixels.
    """
    n, height, width = images.shape
    rows, columns = height // CELL, width // CELL
    if rows < BLOCK or columns < BLOCK:
        raise ValueError(f"images of {height} x {width} pixels are too small for {BLOCK} x {BLOCK} cells of {CELL}")
    down, across = np.gradient(images.astype(np.float32), axis=(1, 2))
    length = np.hypot(down, across)
    place = np.mod(np.arctan2(down, across), np.pi) * (ORIENTATIONS / np.pi) - 0.5
    lower = np.floor(place).astype(np.int64)
    share = (place - lower).astype(np.float32)
    cells = np.zeros((n, rows, columns, ORIENTATIONS), dtype=np.float32)
    for direction in range(ORIENTATIONS):
        below, above = lower % ORIENTATIONS == direction, (lower + 1) % ORIENTATIONS == direction
        votes = length * (below * (1 - share) + above * share)
        votes = votes[:, : rows * CELL, : columns * CELL].reshape(n, rows, CELL, columns, CELL)
        cells[..., direction] = votes.sum(axis=(2, 4))
    corners = [(down, across) for down in range(BLOCK) for across in range(BLOCK)]
    blocks = np.concatenate(
        [cells[:, i : rows - BLOCK + 1 + i, j : columns - BLOCK + 1 + j] for i, j in corners], axis=-1
    )
    blocks = np.minimum(_unit(blocks), _CLIP)
    return _unit(blocks).reshape(n, -1)


def _unit(blocks: Floats) -> Floats:
    return np.asarray(blocks / np.sqrt((blocks**2).sum(axis=-1, keepdims=True) + _TINY**2), dtype=np.float32)
