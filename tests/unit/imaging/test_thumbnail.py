"""The thumbnail equals Pillow's."""

import numpy as np
import pytest
from PIL import Image

from radsieve.imaging.thumbnail import SIDE, _weights, thumbnail

RNG = np.random.default_rng(0)
SHAPES = [
    (1, 1),
    (5, 400),
    (63, 64),
    (64, 64),
    (65, 64),
    (96, 64),
    (97, 64),
    (64, 1000),
    (64, 4096),
    (64, 4097),
    (162, 300),
    (161, 640),
    (300, 200),
    (301, 200),
    (500, 200),
    (1024, 1024),
    (700, 999),
    (2500, 2048),
]


def pillows(levels: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(levels).resize((SIDE, SIDE), Image.Resampling.LANCZOS))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_noise_edges_and_ramps_are_shrunk_as_by_pillow(shape: tuple[int, int]) -> None:
    """Black and white squares overshoot, which is clipped twice."""
    noise = RNG.integers(0, 256, shape, dtype=np.uint8)
    black_and_white = np.kron(noise[::16, ::16] // 128 * 255, np.ones((16, 16), np.uint8))[: shape[0], : shape[1]]
    ramp = np.broadcast_to(np.linspace(0, 255, shape[1]).astype(np.uint8), shape)
    for levels in (noise, black_and_white, ramp, noise[::-1, ::-1]):
        np.testing.assert_array_equal(thumbnail(levels), pillows(levels))


def test_shapes_by_chance_are_shrunk_as_by_pillow() -> None:
    """In wide, nearly square and tall pictures."""
    for height, width in RNG.integers(1, 700, (150, 2)):
        levels = RNG.integers(0, 256, (height, width), dtype=np.uint8)
        np.testing.assert_array_equal(thumbnail(levels), pillows(levels), err_msg=f"{height} x {width}")


@pytest.mark.parametrize("side", [64, 65, 127, 162, 255, 300, 511, 640, 777, 1024])
def test_weights_are_those_by_which_pillow_shrinks(side: int) -> None:
    """Pixels of 32 bits of which one is 2 ** 22 become its weights."""
    impulses = Image.fromarray(np.eye(side, dtype=np.int32) << 22)
    np.testing.assert_array_equal(_weights(side), np.asarray(impulses.resize((SIDE, side), Image.Resampling.LANCZOS)))
