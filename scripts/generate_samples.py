"""Generate images from latents with a generator, each image once: those generated before come from the cache (stage
generate_samples).

By hand: python scripts/generate_samples.py --group F --weights results/train_gan/F/generator.safetensors
--latents results/sieve_latents/F/accepted.parquet --samples data/more --out results/more
"""

import argparse
import shutil

import pandas as pd

from radsieve import files, stage, tables
from radsieve.generation.generated_cache import GeneratedImages, read_accepted
from radsieve.generators.generation import write_generated
from radsieve.generators.interface import sample_latents
from radsieve.generators.loading import identity, load_generator, with_weights
from radsieve.imaging.packs import read_pack
from radsieve.params import Params
from radsieve.progress import track
from radsieve.reporting.generated_images import ImageGrid
from radsieve.screening.tables import GENERATED_IMAGES


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
    images = track(source.images(latents, options.batch), "generating", total=len(names))
    shutil.rmtree(args.samples, ignore_errors=True)
    write_generated(args.samples, names, images, (generator.channels, generator.pixels, generator.pixels), latents)
    tables.write(GENERATED_IMAGES, pd.DataFrame({"image": names, "group": group}), args.out / "images.csv")
    stored = read_pack(args.samples).images
    grid = ImageGrid(options.grid_images)
    for name, image in zip(names, stored[: options.grid_images], strict=False):
        grid.add(group, name[:12], image)
    files.write_figure(args.out / "grid.png", grid.plot(f"Images generated for {group}, the first of {len(names):,}"))
    metrics = {
        "group": group,
        "images": len(names),
        "channels": generator.channels,
        "pixels": generator.pixels,
        "generator": known,
    }
    files.write_json(args.out / "metrics.json", metrics)
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
