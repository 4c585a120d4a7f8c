"""Draw a page on which readers tell real films from synthetic ones (stage draw_turing_test)."""

import argparse
from typing import Any

import numpy as np

from radsieve import files, stage, tables
from radsieve.generation.turing_films import chosen_rows, common_pixels, film_files, shown_film, shuffled_kinds
from radsieve.generation.turing_page import turing_page
from radsieve.generation_tables import TURING_KEY, Origin
from radsieve.imaging.packs import read_pack


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Choose films of both kinds, mix them, and write the page and its key."""
    settings = params["draw_turing_test"]
    random = np.random.default_rng(settings["seed"])
    packs = {Origin.REAL: read_pack(args.real), Origin.SYNTHETIC: read_pack(args.synthetic)}
    listed = {Origin.REAL: args.real_table, Origin.SYNTHETIC: args.synthetic_table}
    rows = {
        kind: chosen_rows(pack, listed[kind], _values(settings[f"{kind}_only"]), settings["films"], random)
        for kind, pack in packs.items()
    }
    pixels = common_pixels(packs.values(), settings["pixels"])
    key = shuffled_kinds({kind: [packs[kind].names[row] for row in rows[kind]] for kind in packs}, random)
    chosen = (packs[kind].films[rows[kind][row]] for kind, row in zip(key["kind"], key["row"], strict=True))
    contents, test = film_files(shown_film(film, pixels, settings["clip_share"]) for film in chosen)
    key = key.assign(test=test, place=range(1, len(key) + 1))[list(TURING_KEY.columns)]
    html = turing_page(test, contents, pixels)
    tables.write(TURING_KEY, key, args.out / "key.csv")
    files.write_text(args.out / "turing_test.html", html)
    metrics = {"test": test, "films": len(key), "synthetic": settings["films"], "pixels": pixels}
    files.write_json(args.out / "metrics.json", metrics)
    return f"{args.out / 'turing_test.html'}: test {test}, {len(key)} films of {pixels} pixels"


def _values(only: list[str]) -> dict[str, str]:
    """The values by column of entries `column=value`."""
    return dict(entry.split("=", 1) for entry in only)


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "real": "pack of real films",
            "real-table": "table of them (CSV with the column film)",
            "synthetic": "pack of synthetic films",
            "synthetic-table": "table of them (CSV with the column film)",
            "out": "folder of the page and its key",
        },
        sections=("draw_turing_test",),
    )
