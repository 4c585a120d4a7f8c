"""Draw skin lesions with known outlines (stage draw_lesions)."""

import argparse
import shutil
from typing import Any

import numpy as np
import pandas as pd

from radsieve import files, stage, tables
from radsieve.generators.lesion import draw_lesion, sample_lesion
from radsieve.imaging.png import png_of
from radsieve.params import Params
from radsieve.plots.outlines import DRAWN
from radsieve.plots.phantoms import Sheet
from radsieve.progress import track
from radsieve.screening_tables import LESION_TRUTH
from radsieve.storage.parallel import ordered

THREADS = 2


def main(args: argparse.Namespace, params: Params) -> str:
    """Write films and masks below the folder of films, then the table of what they show and a sheet of some."""
    settings = params.draw_lesions
    sheet = Sheet(settings.sheet_films)
    shutil.rmtree(args.films, ignore_errors=True)
    args.films.mkdir(parents=True)

    def draw(number: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        lesion = sample_lesion(np.random.default_rng([settings.seed, number]))
        film, mask = draw_lesion(lesion, settings.pixels)
        files.write_bytes(args.films / "films" / f"{number:05}.png", png_of(film))
        files.write_bytes(args.films / "masks" / f"{number:05}.png", png_of(mask))
        return film, mask

    numbers = range(settings.films)
    rows = []
    for number, (film, mask) in enumerate(track(ordered(draw, numbers, THREADS), "drawing", total=len(numbers))):
        name, share = f"{number:05}.png", float(mask.mean())
        rows.append((name, f"L{number:04}", share))
        sheet.add("lesions", f"{name}, {share:.0%} of the film", film.transpose(2, 0, 1), [(mask, DRAWN)])
    truth = pd.DataFrame(rows, columns=list(LESION_TRUTH.columns))
    tables.write(LESION_TRUTH, truth, args.out / "truth.csv")
    files.write_figure(args.out / "sheet.png", sheet.draw("Drawn skin lesions with their true outlines"))
    mean = {"mean_area_share": float(truth["area_share"].mean())} if len(truth) else {}
    files.write_json(args.out / "metrics.json", {"films": len(truth), **mean})
    return f"{len(truth)} films"


if __name__ == "__main__":
    paths = {"films": "folder of the films and masks", "out": "folder of the truth table and the metrics"}
    stage.run(main, __doc__, paths=paths, sections=("draw_lesions",))
