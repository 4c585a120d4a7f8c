"""Bring a set of films and masks to one form, and split it by patient (stage pack_films)."""

import argparse
from typing import Any

from radsieve import files, stage, tables
from radsieve.errors import InputError
from radsieve.imaging.film_packing import Form, pack_set
from radsieve.imaging.film_sets import FilmSet, choose_films
from radsieve.imaging.packs import read_pack
from radsieve.plots.film_sets import set_sheet
from radsieve.screening_tables import FILM_QUARANTINE, FILMS, Split


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Pack the set that params.yaml describes, and write its tables and a picture of some of its films."""
    settings = params["pack_films"]
    known = [name for name, value in settings.items() if isinstance(value, dict)]
    if args.set not in known:
        raise InputError(f"--set {args.set}: no such set in pack_films; there are {', '.join(sorted(known))}")
    films = FilmSet.of(settings[args.set], f"pack_films.{args.set}")
    validation, test = settings["validation_share"], settings["test_share"]
    form = Form(
        pixels=settings["pixels"],
        max_pixels=int(settings["max_megapixels"] * 1e6),
        shares={Split.TRAIN: 1 - validation - test, Split.VALIDATION: validation, Split.TEST: test},
        seed=settings["seed"],
    )
    packed = pack_set(films, choose_films(films), form, args.films)
    tables.write(FILMS, packed.films, args.out / "films.csv")
    tables.write(FILM_QUARANTINE, packed.quarantine, args.out / "quarantine.csv")
    files.write_figure(args.out / "sheet.png", set_sheet(read_pack(args.films), packed.films))
    files.write_json(args.out / "metrics.json", packed.metrics)
    parts = ", ".join(f"{counts['films']} {part}" for part, counts in packed.metrics["parts"].items())
    return f"{len(packed.films)} films of {args.set} ({parts}), {len(packed.quarantine)} in quarantine"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"films": "folder of the pack that is written", "out": "folder of the tables"},
        sections=("pack_films",),
        names={"set": "which set of pack_films"},
    )
