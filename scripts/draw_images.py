"""Draw films of latents with a generator, each film once: those drawn before come from the cache (stage draw_images).

By hand: python scripts/draw_images.py --group F --weights results/train_gan/F/generator.safetensors
--latents results/sieve_latents/F/accepted.parquet --drawn data/more --out results/more
"""

import argparse
import shutil

import pandas as pd

from radsieve import files, stage, tables
from radsieve.generation.drawn_films import DrawnFilms, read_accepted
from radsieve.generators.generation import write_generated
from radsieve.generators.interface import draw_latents
from radsieve.generators.loading import identity, load_generator, with_weights
from radsieve.imaging.packs import read_pack
from radsieve.params import Params
from radsieve.plots.phantoms import Sheet
from radsieve.progress import track
from radsieve.screening_tables import GENERATED_FILMS


def main(args: argparse.Namespace, params: Params) -> str:
    """Write the films and their latents as a pack, the table of their names, and a sheet of the first ones."""
    options, group = params.draw_images, args.group
    settings = with_weights(params.generator, args.weights, params.generation, [group])
    generator, known = load_generator(settings, params.compute), identity(settings, group)
    if args.latents:
        latents = read_accepted(args.latents, options.films)
    else:
        latents = draw_latents(options.films, options.seed, group)
    source = DrawnFilms(generator, group, known, files.cache_folder() / "drawn")
    names = source.names(latents)
    films = track(source.films(latents, options.batch), "drawing", total=len(names))
    shutil.rmtree(args.drawn, ignore_errors=True)
    write_generated(args.drawn, names, films, (generator.channels, generator.pixels, generator.pixels), latents)
    tables.write(GENERATED_FILMS, pd.DataFrame({"film": names, "group": group}), args.out / "films.csv")
    stored = read_pack(args.drawn).films
    sheet = Sheet(options.sheet_films)
    for name, film in zip(names, stored[: options.sheet_films], strict=False):
        sheet.add(group, name[:12], film)
    files.write_figure(args.out / "sheet.png", sheet.draw(f"Films drawn for {group}, the first of {len(names):,}"))
    metrics = {
        "group": group,
        "films": len(names),
        "channels": generator.channels,
        "pixels": generator.pixels,
        "generator": known,
    }
    files.write_json(args.out / "metrics.json", metrics)
    return f"{group}: {len(names)} films, {source.drawn} of them drawn now, the others were in the cache"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"drawn": "folder of the films and latents", "out": "folder of the results"},
        sections=("generator", "compute", "generation", "draw_images"),
        names={"group": "group that is drawn", "weights": "file of the generator, or phantoms"},
        optional={"latents": "Parquet file of accepted latents (sieve_latents) to draw in place of fresh ones"},
    )
