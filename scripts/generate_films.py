"""Draw latents and let the generator make films of them (stage generate_films)."""

import argparse
import shutil

import numpy as np
import pandas as pd

from radsieve import files, stage, tables
from radsieve.generators.generation import film_names, generate, truth_rows, write_generated
from radsieve.generators.interface import draw_latents
from radsieve.generators.loading import load_generator
from radsieve.params import Params
from radsieve.plots.phantoms import Sheet
from radsieve.progress import track
from radsieve.screening_tables import GENERATED_FILMS, GENERATED_TRUTH


def main(args: argparse.Namespace, params: Params) -> str:
    """Write the films and their latents as a pack, the tables of both, and a sheet of some films."""
    settings = params.generate_films
    generator = load_generator(params.generator, params.compute)
    count = settings.films_per_group
    groups = params.generator.groups
    latents = {group: draw_latents(count, settings.seed, group) for group in groups}
    names = film_names(groups, count)
    shutil.rmtree(args.generated, ignore_errors=True)
    shape = (generator.channels, generator.pixels, generator.pixels)
    films = track(generate(generator, latents, settings.batch), "generating", total=len(names))
    write_generated(args.generated, list(names["film"]), films, shape, np.concatenate(list(latents.values())))
    truth = pd.DataFrame(truth_rows(generator, latents, names), columns=list(GENERATED_TRUTH.columns))
    tables.write(GENERATED_FILMS, names, args.out / "films.csv")
    tables.write(GENERATED_TRUTH, truth, args.out / "truth.csv")
    stored = np.load(args.generated / "films.npy", mmap_mode="r")
    sheet = Sheet(settings.sheet_films)
    for film, name, group in zip(stored, names["film"], names["group"], strict=True):
        sheet.add(group, name, film)
    files.write_figure(args.out / "sheet.png", sheet.draw("Generated films, the first of each group"))
    good = {"good": int(truth["good"].sum())} if len(truth) else {}
    files.write_json(args.out / "metrics.json", {"films": len(names), "groups": len(latents), **good})
    return f"{len(names)} films of {len(latents)} groups" + (f", {good['good']} of them good" if good else "")


if __name__ == "__main__":
    paths = {"generated": "folder of the films and latents", "out": "folder of the tables and the metrics"}
    stage.run(main, __doc__, paths=paths, sections=("generator", "compute", "generate_films"))
