"""Make a page on which readers tell real images from synthetic ones (stage make_turing_test)."""

import argparse
from collections.abc import Sequence

from radsieve import files, stage, tables
from radsieve.generation.tables import TURING_KEY, Origin
from radsieve.generation.turing.images import chosen_rows, common_pixels, image_files, shown_image, shuffled_kinds
from radsieve.generation.turing.page import turing_page
from radsieve.imaging.packs import read_pack
from radsieve.params import Params

import numpy as np


def main(args: argparse.Namespace, params: Params) -> str:
    """Choose images of both kinds, mix them, and write the page and its key."""
    settings = params.make_turing_test
    random = np.random.default_rng(settings.seed)
    packs = {Origin.REAL: read_pack(args.real), Origin.SYNTHETIC: read_pack(args.synthetic)}
    listed = {Origin.REAL: args.real_table, Origin.SYNTHETIC: args.synthetic_table}
    only = {Origin.REAL: settings.real_only, Origin.SYNTHETIC: settings.synthetic_only}
    rows = {
        kind: chosen_rows(pack, listed[kind], _values(only[kind]), settings.images, random)
        for kind, pack in packs.items()
    }
    pixels = common_pixels(packs.values(), settings.pixels)
    key = shuffled_kinds({kind: [packs[kind].names[row] for row in rows[kind]] for kind in packs}, random)
    chosen = (packs[kind].images[rows[kind][row]] for kind, row in zip(key["kind"], key["row"], strict=True))
    contents, test = image_files(shown_image(image, pixels, settings.clip_share) for image in chosen)
    key = key.assign(test=test, place=range(1, len(key) + 1))[list(TURING_KEY.columns)]
    html = turing_page(test, contents, pixels)
    tables.write(TURING_KEY, key, args.out / "key.csv")
    files.write_text(args.out / "turing_test.html", html)
    metrics = {"test": test, "images": len(key), "synthetic": settings.images, "pixels": pixels}
    files.write_json(args.out / "metrics.json", metrics)
    return f"{args.out / 'turing_test.html'}: test {test}, {len(key)} images of {pixels} pixels"


def _values(only: Sequence[str]) -> dict[str, str]:
    """The values by column of entries `column=value`."""
    return dict(entry.split("=", 1) for entry in only)


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "real": "pack of real images",
            "real-table": "table of them (CSV with the column image)",
            "synthetic": "pack of synthetic images",
            "synthetic-table": "table of them (CSV with the column image)",
            "out": "folder of the page and its key",
        },
        sections=("make_turing_test",),
    )
