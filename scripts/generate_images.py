"""Sample latents and let the generator make images of them (stage generate_images)."""

import argparse

from radsieve import stage, tables
from radsieve.figures.generated_images import first_images
from radsieve.generators.generation import generate, image_names, store_generated, truth_rows
from radsieve.generators.interface import sample_latents
from radsieve.generators.loading import load_generator
from radsieve.params import Params
from radsieve.screening.tables import GENERATED_IMAGES, GENERATED_TRUTH

import numpy as np
import pandas as pd


def main(args: argparse.Namespace, params: Params) -> str:
    """Write the images and their latents as a pack, the tables of both, and a figure of some images."""
    settings = params.generate_images
    generator = load_generator(params.generator, params.compute)
    groups, count = params.generator.groups, settings.images_per_group
    latents = {group: sample_latents(count, settings.seed, group) for group in groups}
    names = image_names(groups, count)
    generated = generate(generator, latents, settings.batch)
    rows = np.concatenate(list(latents.values()))
    images = store_generated(args.generated, generator, list(names["image"]), generated, rows)
    truth = pd.DataFrame(truth_rows(generator, latents, names), columns=list(GENERATED_TRUTH.columns))
    title = "Generated images, the first of each group"
    grid = first_images(names["group"], names["image"], images, settings.grid_images, title)
    good = {"good": int(truth["good"].sum())} if len(truth) else {}
    metrics = {"images": len(names), "groups": len(latents), **good}
    tables.write_results(args.out, ((GENERATED_IMAGES, names), (GENERATED_TRUTH, truth)), {"grid": grid}, metrics)
    return f"{len(names)} images of {len(latents)} groups" + (f", {good['good']} of them good" if good else "")


if __name__ == "__main__":
    paths = {"generated": "folder of the images and latents", "out": "folder of the tables and the metrics"}
    stage.run(main, __doc__, paths=paths, sections=("generator", "compute", "generate_images"))
