"""Simulate chest radiographs with known anatomy (stage generate_chests)."""

import argparse
import shutil

from radsieve import files, stage, tables
from radsieve.imaging.png import png_of
from radsieve.parallel import ordered
from radsieve.params import Params
from radsieve.phantoms.chest import ChestImage, render_chest
from radsieve.phantoms.chest_set import PlannedImage, plan_chests, truth_table
from radsieve.phantoms.tables import CHEST_TRUTH
from radsieve.progress import track
from radsieve.reporting.generated_images import ImageGrid
from radsieve.reporting.overlays import FOUND, TRUE

THREADS = 2


def main(args: argparse.Namespace, params: Params) -> str:
    """Write images and masks below the folder of images, then the table of what they show and a figure of some."""
    settings = params.generate_chests
    pixels, grid = settings.pixels, ImageGrid(settings.grid_images)
    planned = plan_chests(**settings.model_dump(exclude={"pixels", "grid_images"}))
    shutil.rmtree(args.images, ignore_errors=True)
    args.images.mkdir(parents=True)

    def generate(image: PlannedImage) -> ChestImage:
        generated = render_chest(image.chest, pixels)
        files.write_bytes(args.images / "images" / image.name, png_of(generated.image))
        files.write_bytes(args.images / "lungs" / image.name, png_of(generated.lungs))
        if image.chest.breast:
            files.write_bytes(args.images / "breasts" / image.name, png_of(generated.breasts))
        return generated

    done = track(ordered(generate, planned, THREADS), "generating", total=len(planned))
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
    counts = {
        "images": len(truth),
        "patients": int(truth["patient"].nunique()),
        "women": int((truth["sex"] == "F").sum()),
        "abnormal": int((truth["finding"] == "abnormal").sum()),
        "arms": int(truth["arm"].sum()),
    }
    files.write_json(args.out / "metrics.json", counts)
    return f"{counts['images']} images of {counts['patients']} patients"


if __name__ == "__main__":
    paths = {"images": "folder of the images and masks", "out": "folder of the truth table and the metrics"}
    stage.run(main, __doc__, paths=paths, sections=("generate_chests",))
