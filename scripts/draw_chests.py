"""Draw chest films with known anatomy (stage draw_chests)."""

import argparse
import shutil

from radsieve import files, stage, tables
from radsieve.generators.chest import ChestFilm, draw_chest
from radsieve.generators.chest_set import PlannedFilm, plan_chests, truth_table
from radsieve.imaging.png import png_of
from radsieve.params import Params
from radsieve.plots.outlines import DRAWN, FOUND
from radsieve.plots.phantoms import Sheet
from radsieve.progress import track
from radsieve.screening_tables import CHEST_TRUTH
from radsieve.storage.parallel import ordered

THREADS = 2


def main(args: argparse.Namespace, params: Params) -> str:
    """Write films and masks below the folder of films, then the table of what they show and a sheet of some."""
    settings = params.draw_chests
    pixels, sheet = settings.pixels, Sheet(settings.sheet_films)
    planned = plan_chests(**settings.model_dump(exclude={"pixels", "sheet_films"}))
    shutil.rmtree(args.films, ignore_errors=True)
    args.films.mkdir(parents=True)

    def draw(film: PlannedFilm) -> ChestFilm:
        drawn = draw_chest(film.chest, pixels)
        files.write_bytes(args.films / "films" / film.name, png_of(drawn.film))
        files.write_bytes(args.films / "lungs" / film.name, png_of(drawn.lungs))
        if film.chest.breast:
            files.write_bytes(args.films / "breasts" / film.name, png_of(drawn.breasts))
        return drawn

    done = track(ordered(draw, planned, THREADS), "drawing", total=len(planned))
    for film, drawn in zip(planned, done, strict=True):
        sheet.add(film.label, film.caption, drawn.film[None], [(drawn.breasts, FOUND), (drawn.lungs, DRAWN)])
    truth = truth_table(planned)
    tables.write(CHEST_TRUTH, truth, args.out / "truth.csv")
    title = "Drawn chest films with the true outlines of lungs (blue) and breasts (orange)"
    files.write_figure(args.out / "sheet.png", sheet.draw(title))
    counts = {
        "films": len(truth),
        "patients": int(truth["patient"].nunique()),
        "women": int((truth["sex"] == "F").sum()),
        "abnormal": int((truth["finding"] == "abnormal").sum()),
        "arms": int(truth["arm"].sum()),
    }
    files.write_json(args.out / "metrics.json", counts)
    return f"{counts['films']} films of {counts['patients']} patients"


if __name__ == "__main__":
    paths = {"films": "folder of the films and masks", "out": "folder of the truth table and the metrics"}
    stage.run(main, __doc__, paths=paths, sections=("draw_chests",))
