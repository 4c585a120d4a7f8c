"""Small films of two groups, packed with their table, and settings of a small GAN: input of several tests."""

from pathlib import Path

import numpy as np
import pandas as pd
from defaults import settings
from ellipses import ellipses

from radsieve import tables
from radsieve.imaging.packs import write_pack
from radsieve.screening_tables import FILMS

SETTINGS = settings(
    "train_gan", pixels=16, width=4, steps=6, rounds=3, batch=4, learning_rate=0.002, average_films=100,
    judged_films=8, sheet_films=3, bootstrap=200,
)  # fmt: skip


def write_groups(folder: Path, films: int = 40, pixels: int = 32) -> None:
    """Write `folder`/films and `folder`/films.csv: ellipses, by turns of group `a` and, inverted, of group `b`.

    Half of the films of each group are in part train, the others in validation and test.
    """
    drawn = ellipses(films, pixels=pixels)[0]
    drawn[1::2] = 255 - drawn[1::2]
    names = [f"{film:03}.png" for film in range(films)]
    write_pack(folder / "films", names, drawn, drawn.shape[1:])
    table = pd.DataFrame({"film": names, "sha256": "0" * 64, "patient": [f"p{film // 2}" for film in range(films)]})
    part = [("train", "validation", "train", "test")[film // 2 % 4] for film in range(films)]
    table = table.assign(label="", group=np.where(np.arange(films) % 2, "b", "a"), part=part)
    tables.write(FILMS, table, folder / "films.csv")
