"""Small images of two groups, packed with their table, and settings of a small GAN: input of several tests."""

from pathlib import Path

import numpy as np
import pandas as pd
from defaults import settings
from ellipses import ellipses

from radsieve import tables
from radsieve.imaging.packs import write_pack
from radsieve.tables.images import PACKED_IMAGES

SETTINGS = settings(
    "train_gan", pixels=16, width=4, steps=6, rounds=3, batch=4, learning_rate=0.002, average_images=100,
    evaluated_images=8, grid_images=3, bootstrap=200,
)  # fmt: skip


def write_groups(folder: Path, images: int = 40, pixels: int = 32) -> None:
    """Write `folder`/images and `folder`/images.csv: ellipses, by turns of group `a` and, inverted, of group `b`.

    Half of the images of each group are in the training split, the others in validation and test.
    """
    generated = ellipses(images, pixels=pixels)[0]
    generated[1::2] = 255 - generated[1::2]
    names = [f"{image:03}.png" for image in range(images)]
    write_pack(folder / "images", names, generated, generated.shape[1:])
    patients = [f"p{image // 2}" for image in range(images)]
    table = pd.DataFrame({"image": names, "sha256": "0" * 64, "patient": patients, "unit": patients})
    split = [("train", "validation", "train", "test")[image // 2 % 4] for image in range(images)]
    table = table.assign(label="", group=np.where(np.arange(images) % 2, "b", "a"), subgroups="", split=split)
    tables.write(PACKED_IMAGES, table, folder / "images.csv")
