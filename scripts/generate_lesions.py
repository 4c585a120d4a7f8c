"""Simulate skin lesions with known outlines (stage generate_lesions)."""

import argparse
import shutil
from typing import Any

from radsieve import files, stage, tables
from radsieve.figures.generated_images import ImageGrid
from radsieve.figures.overlays import TRUE
from radsieve.imaging.png import png_of
from radsieve.parallel import ordered
from radsieve.params import Params
from radsieve.phantoms.lesion import render_lesion, sample_lesion
from radsieve.phantoms.tables import LESION_TRUTH
from radsieve.progress import track

import numpy as np
import pandas as pd

THREADS = 2


def main(args: argparse.Namespace, params: Params) -> str:
    """Write images and masks below the folder of images, then the table of what they show and a figure of some."""
    settings = params.generate_lesions
    grid = ImageGrid(settings.grid_images)
    shutil.rmtree(args.images, ignore_errors=True)
    args.images.mkdir(parents=True)

    def generate(number: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        lesion = sample_lesion(np.random.default_rng([settings.seed, number]))
        image, mask = render_lesion(lesion, settings.pixels)
        files.write_bytes(args.images / "images" / f"{number:05}.png", png_of(image))
        files.write_bytes(args.images / "masks" / f"{number:05}.png", png_of(mask))
        return image, mask

    numbers = range(settings.images)
    rows = []
    for number, (image, mask) in enumerate(
        track(ordered(generate, numbers, THREADS), "generating", total=len(numbers))
    ):
        name, share = f"{number:05}.png", float(mask.mean())
        rows.append((name, f"L{number:04}", share))
        grid.add("lesions", f"{name}, {share:.0%} of the image", image.transpose(2, 0, 1), [(mask, TRUE)])
    truth = pd.DataFrame(rows, columns=list(LESION_TRUTH.columns))
    tables.write(LESION_TRUTH, truth, args.out / "truth.csv")
    files.write_figure(args.out / "grid.png", grid.plot("Simulated skin lesions with their true outlines"))
    mean = {"mean_area_share": float(truth["area_share"].mean())} if len(truth) else {}
    files.write_json(args.out / "metrics.json", {"images": len(truth), **mean})
    return f"{len(truth)} images"


if __name__ == "__main__":
    paths = {"images": "folder of the images and masks", "out": "folder of the truth table and the metrics"}
    stage.run(main, __doc__, paths=paths, sections=("generate_lesions",))
