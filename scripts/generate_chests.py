"""Simulate chest radiographs with known anatomy (stage generate_chests)."""

import argparse
import shutil

from radsieve import files, stage, tables
from radsieve.figures.generated_images import ImageGrid
from radsieve.figures.overlays import FOUND, TRUE
from radsieve.params import Params
from radsieve.phantoms.chest_set import plan_chests, truth_metrics, truth_table, write_chests
from radsieve.phantoms.tables import CHEST_TRUTH
from radsieve.progress import track


def main(args: argparse.Namespace, params: Params) -> str:
    """Write images and masks below the folder of images, then the table of what they show and a figure of some."""
    settings = params.generate_chests
    grid = ImageGrid(settings.grid_images)
    planned = plan_chests(**settings.model_dump(exclude={"pixels", "grid_images"}))
    shutil.rmtree(args.images, ignore_errors=True)
    args.images.mkdir(parents=True)
    done = track(write_chests(planned, settings.pixels, args.images), "generating", total=len(planned))
    for image, generated in zip(planned, done, strict=True):
        grid.add(
            image.label,
            image.caption,
            generated.image[None],
            [(generated.breasts, FOUND), (generated.lungs, TRUE)],
        )
    truth = truth_table(planned)
    tables.write(CHEST_TRUTH, truth, args.out / "truth.csv")
    title = "Simulated chest radiographs with the true outlines of lungs (blue) and breasts (orange)"
    files.write_figure(args.out / "grid.png", grid.plot(title))
    counts = truth_metrics(truth)
    files.write_json(args.out / "metrics.json", counts)
    return f"{counts['images']} images of {counts['patients']} patients"


if __name__ == "__main__":
    paths = {"images": "folder of the images and masks", "out": "folder of the truth table and the metrics"}
    stage.run(main, __doc__, paths=paths, sections=("generate_chests",))
