"""Images of both kinds for a visual Turing test, and its page."""

from pathlib import Path

import numpy as np
import pandas as pd

from radsieve.imaging.packs import write_pack

OPTIONS = {
    "real": "data/reference",
    "real_table": "results/alter_images/images.csv",
    "synthetic": "data/generated",
    "synthetic_table": "results/generate_images/images.csv",
    "out": "results/make_turing_test",
}
SMALL = {"real_only": ["alteration=none"], "images": 4, "pixels": 32}


def write_images(folder: Path) -> None:
    """Write 6 real images of 48 pixels and an altered one, and 5 synthetic ones of 32, all of noise."""
    random = np.random.default_rng(1)
    real, synthetic = [f"r{number}" for number in range(7)], [f"F/{number}" for number in range(5)]
    for place, names, side in (("reference", real, 48), ("generated", synthetic, 32)):
        images = random.integers(40, 200, (len(names), 1, side, side)).astype(np.uint8)
        write_pack(folder / "data" / place, names, images, (1, side, side))
    tables = {
        OPTIONS["real_table"]: pd.DataFrame({"image": real, "alteration": ["none"] * 6 + ["shift"]}),
        OPTIONS["synthetic_table"]: pd.DataFrame({"image": synthetic, "group": "F"}),
    }
    for path, table in tables.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(folder / path, index=False)
