"""Generate images from latents with a generator, each image once: those generated before come from the cache (stage
generate_samples).

By hand: python scripts/generate_samples.py --group F --weights results/train_gan/F/generator.safetensors
--latents results/sieve_latents/F/accepted.parquet --samples data/more --out results/more
"""

import argparse

from radsieve import files, stage, tables
from radsieve.figures.generated_images import first_images
from radsieve.generation.generated_cache import GeneratedImages, read_accepted
from radsieve.generators.generation import store_generated
from radsieve.generators.interface import sample_latents
from radsieve.generators.loading import identity, load_generator, with_weights
from radsieve.params import Params
from radsieve.screening.tables import GENERATED_IMAGES

import pandas as pd


def main(args: argparse.Namespace, params: Params) -> str:
    """Write the images and their latents as a pack, the table of their names, and a figure of the first ones."""
    options, group = params.generate_samples, args.group
    settings = with_weights(params.generator, args.weights, params.generation, [group])
    generator, known = load_generator(settings, params.compute), identity(settings, group)
    if args.latents:
        latents = read_accepted(args.latents, options.images)
    else:
        latents = sample_latents(options.images, options.seed, group)
    generation = {"pixels": generator.pixels, **params.compute.model_dump()}
    cache = stage.open_folder(files.cache_folder() / "generated" / known, generation)
    source = GeneratedImages(generator, group, known, cache)
    names = source.names(latents)
    images = store_generated(args.samples, generator, names, source.images(latents, options.batch), latents)
    table = pd.DataFrame({"image": names, "group": group})
    title = f"Images generated for {group}, the first of {len(names):,}"
    grid = first_images(table["group"], table["image"], images, options.grid_images, title)
    metrics = {
        "group": group,
        "images": len(names),
        "channels": generator.channels,
        "pixels": generator.pixels,
        "generator": known,
    }
    tables.write_results(args.out, ((GENERATED_IMAGES, table),), {"grid": grid}, metrics)
    return f"{group}: {len(names)} images, {source.generated} of them generated now, the others were in the cache"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"samples": "folder of the images and latents", "out": "folder of the results"},
        sections=("generator", "compute", "generation", "generate_samples"),
        names={"group": "group of which images are generated", "weights": "file of the generator, or phantoms"},
        optional={
            "latents": "Parquet file of accepted latents (sieve_latents) to generate in place of newly sampled ones"
        },
    )
