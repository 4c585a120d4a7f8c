"""Bring a set of images and masks to one form (stage pack_images)."""

import argparse

from radsieve import stage, tables
from radsieve.imaging.image_packing import Form, pack_set
from radsieve.imaging.image_sets import ImageSet, choose_images
from radsieve.imaging.packs import read_pack
from radsieve.params import Params
from radsieve.screening.plots.image_grids import set_grid
from radsieve.settings import ImageSetSettings, settings_of_set
from radsieve.tables.images import IMAGE_QUARANTINE, PACKED_FILES


def main(args: argparse.Namespace, params: Params) -> str:
    """Pack the set that params.yaml describes, and write its tables and a figure of some of its images."""
    settings = params.pack_images
    of_set = settings_of_set(settings, args.set, ImageSetSettings, "pack_images")
    images = ImageSet.of(of_set, f"pack_images.{args.set}")
    form = Form(pixels=settings.pixels, max_pixels=int(settings.max_megapixels * 1e6))
    packed = pack_set(images, choose_images(images), form, args.images)
    written = (PACKED_FILES, packed.files), (IMAGE_QUARANTINE, packed.quarantine)
    figures = {"grid": set_grid(read_pack(args.images), packed.files)}
    tables.write_results(args.out, written, figures, packed.metrics)
    labels = "".join(f", {count} {label}" for label, count in packed.metrics["images_by_label"].items())
    return f"{len(packed.files)} images of {args.set}{labels}; {len(packed.quarantine)} in quarantine"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"images": "folder of the pack that is written", "out": "folder of the tables"},
        sections=("pack_images",),
        names={"set": "which set of pack_images"},
    )
