"""Bring a set of images and masks to one form, and split it by patient (stage pack_images)."""

import argparse

from radsieve import files, stage, tables
from radsieve.imaging.image_packing import Form, pack_set
from radsieve.imaging.image_sets import ImageSet, choose_images
from radsieve.imaging.packs import read_pack
from radsieve.params import Params
from radsieve.screening.plots.image_grids import set_grid
from radsieve.settings import ImageSetSettings, settings_of_set
from radsieve.tables.images import IMAGE_QUARANTINE, PACKED_IMAGES, Split


def main(args: argparse.Namespace, params: Params) -> str:
    """Pack the set that params.yaml describes, and write its tables and a figure of some of its images."""
    settings = params.pack_images
    of_set = settings_of_set(settings, args.set, ImageSetSettings, "pack_images")
    images = ImageSet.of(of_set, f"pack_images.{args.set}")
    validation, test = settings.validation_share, settings.test_share
    form = Form(
        pixels=settings.pixels,
        max_pixels=int(settings.max_megapixels * 1e6),
        shares={Split.TRAIN: 1 - validation - test, Split.VALIDATION: validation, Split.TEST: test},
        seed=settings.seed,
    )
    packed = pack_set(images, choose_images(images), form, args.images)
    tables.write(PACKED_IMAGES, packed.images, args.out / "images.csv")
    tables.write(IMAGE_QUARANTINE, packed.quarantine, args.out / "quarantine.csv")
    files.write_figure(args.out / "grid.png", set_grid(read_pack(args.images), packed.images))
    files.write_json(args.out / "metrics.json", packed.metrics)
    splits = ", ".join(f"{counts['images']} {split}" for split, counts in packed.metrics["splits"].items())
    return f"{len(packed.images)} images of {args.set} ({splits}), {len(packed.quarantine)} in quarantine"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"images": "folder of the pack that is written", "out": "folder of the tables"},
        sections=("pack_images",),
        names={"set": "which set of pack_images"},
    )
