"""A tiny packed set of two labels that a classifier can tell apart, for the tests of stages."""

from pathlib import Path

import numpy as np
import pandas as pd

from radsieve import tables
from radsieve.imaging.packs import write_pack
from radsieve.networks.segmenter import save_segmenter
from radsieve.networks.unets import build_network
from radsieve.tables.images import PACKED_IMAGES


def write_labelled(folder: Path, labels: tuple[str, str], pixels: int = 64) -> None:
    """Write `folder`/pack and `folder`/images.csv: 48 images of 24 patients, women and men, of whom every two are one
    unit; images of labels[1] have a bright square.
    """
    random = np.random.default_rng(4)
    truth = np.arange(48) // 2 % 2
    images = random.integers(40, 90, (48, 1, pixels, pixels), dtype=np.uint8)
    images[truth == 1, :, pixels // 2 :, pixels // 4 : pixels // 2] += 120
    names = [f"{number:02}.png" for number in range(48)]
    write_pack(folder / "pack", names, images, (1, pixels, pixels))
    patients = [f"p{number // 2}" for number in range(48)]
    units = [f"u{number // 4}" for number in range(48)]
    table = pd.DataFrame({"image": names, "sha256": "0" * 64, "patient": patients, "unit": units})
    table = table.assign(label=[labels[one] for one in truth], group=[str(one) for one in np.arange(48) // 8 % 2])
    table = table.assign(subgroups=[f"sex={'FM'[number // 4 % 2]}" for number in range(48)])
    table = table.assign(split=np.repeat(["train", "validation", "test"], [24, 8, 16]))
    tables.write(PACKED_IMAGES, table, folder / "images.csv")


def write_segmenter(path: Path, pixels: int) -> None:
    """Write the checkpoint of a segmenter of random weights."""
    card = {"encoder": "none", "width": 2, "depth": 2, "channels": 1, "pixels": pixels}
    card |= {"threshold": 0.5, "mirrored": False}
    save_segmenter(path, build_network(card).state_dict(), card)
