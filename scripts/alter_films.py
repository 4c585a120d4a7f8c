"""Choose true films that the scores are held to, and alter copies of them (stage alter_films)."""

import argparse
from itertools import chain

from radsieve import files, stage, tables
from radsieve.errors import InputError
from radsieve.imaging.packs import read_pack, write_pack
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter, segment
from radsieve.params import Params
from radsieve.plots.alterations import alteration_sheet
from radsieve.progress import track
from radsieve.screening.alterations import (
    Extent,
    alterations,
    choose_altered,
    choose_true,
    has_two_lungs,
    reference_table,
)
from radsieve.screening.film_scores import FITTED, JUDGED
from radsieve.screening_tables import FILMS, REFERENCE_FILMS


def main(args: argparse.Namespace, params: Params) -> str:
    """Write true films and altered copies as a pack, the table that says which is which, and a sheet of some."""
    settings = params.alter_films
    pack, films = read_pack(args.films), tables.read(FILMS, args.films_table)
    if pack.names != films["film"].tolist():
        raise InputError(f"{args.films_table}: not the films of {args.films} in their order; run pack_films again")
    true = choose_true(films, settings.label, settings.films, settings.seed)
    candidates = choose_altered(films, true, settings.altered, settings.seed)
    segmenter = load_segmenter(args.segmenter, choose_device(params.compute))
    lungs = segment(segmenter, pack.films[candidates])[:, 0] >= segmenter.threshold
    altered = [(row, mask) for row, mask in zip(candidates, lungs, strict=True) if has_two_lungs(mask)]
    changes = alterations(Extent(settings.shifts, settings.widening, settings.rotation, settings.gamma))
    reference = reference_table(films, true, [int(row) for row, _ in altered], list(changes))
    copies = (change(pack.films[row], mask) for row, mask in altered for change in changes.values())
    rows = track(chain((pack.films[row] for row in true), copies), "altering", total=len(reference))
    write_pack(args.reference, reference["film"].tolist(), rows, pack.films.shape[1:])
    tables.write(REFERENCE_FILMS, reference, args.out / "films.csv")
    sheet = alteration_sheet(read_pack(args.reference).films, reference, settings.sheet_films)
    files.write_figure(args.out / "sheet.png", sheet)
    metrics = {
        **{f"true_{part}": int((films["part"].iloc[true] == part).sum()) for part in (FITTED, JUDGED)},
        "altered_films": len(altered),
        "alterations": len(changes),
        "without_two_lungs": len(candidates) - len(altered),
    }
    files.write_json(args.out / "metrics.json", metrics)
    return f"{len(true)} true films, {len(changes)} altered copies of each of {len(altered)} of them"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "films": "folder of the packed normal and abnormal films",
            "films-table": "table of the films and their parts",
            "segmenter": "weights of the segmenter of lungs",
            "reference": "folder of the pack that is written",
            "out": "folder of the table and the sheet",
        },
        sections=("compute", "alter_films"),
    )
