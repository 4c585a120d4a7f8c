"""Sample latents and let the generator make images of them (stage generate_images)."""

import argparse
import shutil

import numpy as np
import pandas as pd

from radsieve import files, stage, tables
from radsieve.generators.generation import generate, image_names, truth_rows, write_generated
from radsieve.generators.interface import sample_latents
from radsieve.generators.loading import load_generator
from radsieve.params import Params
from radsieve.progress import track
from radsieve.reporting.generated_images import ImageGrid
from radsieve.screening.tables import GENERATED_IMAGES, GENERATED_TRUTH


def main(args: argparse.Namespace, params: Params) -> str:
    """Write the images and their latents as a pack, the tables of both, and a figure of some images."""
    settings = params.generate_images
    generator = load_generator(params.generator, params.compute)
    count = settings.images_per_group
    groups = params.generator.groups
    latents = {group: sample_latents(count, settings.seed, group) for group in groups}
    names = image_names(groups, count)
    shutil.rmtree(args.generated, ignore_errors=True)
    shape = (generator.channels, generator.pixels, generator.pixels)
    images = track(generate(generator, latents, settings.batch), "generating", total=len(names))
    write_generated(args.generated, list(names["image"]), images, shape, np.concatenate(list(latents.values())))
    truth = pd.DataFrame(truth_rows(generator, latents, names), columns=list(GENERATED_TRUTH.columns))
    tables.write(GENERATED_IMAGES, names, args.out / "images.csv")
    tables.write(GENERATED_TRUTH, truth, args.out / "truth.csv")
    stored = np.load(args.generated / "images.npy", mmap_mode="r")
    grid = ImageGrid(settings.grid_images)
    for image, name, group in zip(stored, names["image"], names["group"], strict=True):
        grid.add(group, name, image)
    files.write_figure(args.out / "grid.png", grid.plot("Generated images, the first of each group"))
    good = {"good": int(truth["good"].sum())} if len(truth) else {}
    files.write_json(args.out / "metrics.json", {"images": len(names), "groups": len(latents), **good})
    return f"{len(names)} images of {len(latents)} groups" + (f", {good['good']} of them good" if good else "")


if __name__ == "__main__":
    paths = {"generated": "folder of the images and latents", "out": "folder of the tables and the metrics"}
    stage.run(main, __doc__, paths=paths, sections=("generator", "compute", "generate_images"))
