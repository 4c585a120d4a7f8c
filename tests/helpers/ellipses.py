"""Small films of bright ellipses with their masks, and settings of a small segmenter: input of many tests."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radsieve import tables
from radsieve.imaging.packs import write_pack
from radsieve.screening_tables import FILMS

PIXELS = 32
COMPUTE = {"device": "cpu", "precision": "float32", "instructions": "avx2", "threads": 1}
STILL = dict.fromkeys(("rotation", "shift", "zoom", "elastic", "mirror", "contrast", "blur", "noise", "invert"), 0)
SETTINGS: dict[str, Any] = {
    "encoder": "none", "width": 4, "depth": 2, "frozen_levels": 0, "loss": "bce_dice", "epochs": 3, "batch": 4,
    "learning_rate": 0.01,
    "patience": 3, "threshold": 0.5, "mirrored": True, "rotation": 10, "shift": 0.05, "zoom": 0.1, "elastic": 0.02,
    "mirror": 0.5, "contrast": 0.2, "blur": 0.1, "noise": 0.03, "invert": 0, "surface_tolerance": 1, "worst_films": 5,
    "bootstrap": 200, "confidence": 0.95, "seed": 1,
}  # fmt: skip


def ellipses(films: int, channels: int = 1, pixels: int = PIXELS) -> tuple[np.ndarray, np.ndarray]:
    """Films (n, channels, H, W) with a bright ellipse each, and its masks (n, 1, H, W)."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:pixels, :pixels] / pixels
    centre, radius = rng.uniform(0.35, 0.65, (films, 2, 1, 1)), rng.uniform(0.15, 0.3, (films, 2, 1, 1))
    masks = ((y - centre[:, 0]) / radius[:, 0]) ** 2 + ((x - centre[:, 1]) / radius[:, 1]) ** 2 <= 1
    noise = rng.integers(0, 60, (films, channels, pixels, pixels))
    return (noise + 150 * masks[:, None]).astype(np.uint8), masks[:, None].astype(np.uint8)


def write_ellipses(folder: Path, films: int = 24, channels: int = 1, with_masks: bool = True) -> Path:
    """Write a pack of two films per patient and beside it its table of films, of which the path is returned.

    Half of the films are in part train, the others in validation and test.
    """
    pixels, masks = ellipses(films, channels)
    names = [f"{film:03}.png" for film in range(films)]
    write_pack(folder, names, pixels, pixels.shape[1:], masks if with_masks else None)
    part = [("train", "validation", "train", "test")[film // 2 % 4] for film in range(films)]
    table = pd.DataFrame({"film": names, "sha256": "0" * 64, "patient": [f"p{film // 2}" for film in range(films)]})
    table = table.assign(label="", group="", part=part)
    path = folder.with_name(f"{folder.name}.csv")
    tables.write(FILMS, table, path)
    return path
