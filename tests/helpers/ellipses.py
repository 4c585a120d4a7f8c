"""Small images of bright ellipses with their masks, and settings of a small segmenter: input of many tests."""

from pathlib import Path

import numpy as np
import pandas as pd
from defaults import settings

from radsieve import tables
from radsieve.imaging.packs import write_pack
from radsieve.imaging.rendering import Rendering
from radsieve.settings import Augmentation
from radsieve.tables.images import PACKED_IMAGES

PIXELS = 32
STILL = Augmentation(**dict.fromkeys(Augmentation.model_fields, 0))
SETTINGS = settings(
    "train_segmenter.chest", width=4, depth=2, batch=4, learning_rate=0.01, patience=3, mirrored=True,
    surface_tolerance=1, worst_images=5, bootstrap=200,
)  # fmt: skip


RENDERING = Rendering("stored", 1)


def ellipses(images: int, channels: int = 1, pixels: int = PIXELS) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, channels, H, W) with a bright ellipse each, and its masks (n, 1, H, W)."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:pixels, :pixels] / pixels
    centre, radius = rng.uniform(0.35, 0.65, (images, 2, 1, 1)), rng.uniform(0.15, 0.3, (images, 2, 1, 1))
    masks = ((y - centre[:, 0]) / radius[:, 0]) ** 2 + ((x - centre[:, 1]) / radius[:, 1]) ** 2 <= 1
    noise = rng.integers(0, 60, (images, channels, pixels, pixels))
    return (noise + 150 * masks[:, None]).astype(np.uint8), masks[:, None].astype(np.uint8)


def write_ellipses(folder: Path, images: int = 24, channels: int = 1, with_masks: bool = True) -> Path:
    """Write a pack of two images per patient and beside it its table of images, of which the path is returned.

    Half of the images are in the training split, the others in validation and test.
    """
    pixels, masks = ellipses(images, channels)
    names = [f"{image:03}.png" for image in range(images)]
    write_pack(folder, names, pixels, pixels.shape[1:], masks if with_masks else None, rendering=RENDERING)
    split = [("train", "validation", "train", "test")[image // 2 % 4] for image in range(images)]
    patients = [f"p{image // 2}" for image in range(images)]
    table = pd.DataFrame({"image": names, "sha256": "0" * 64, "patient": patients, "unit": patients})
    table = table.assign(label="", group="", subgroups="", split=split)
    path = folder.with_name(f"{folder.name}.csv")
    tables.write(PACKED_IMAGES, table, path)
    return path
