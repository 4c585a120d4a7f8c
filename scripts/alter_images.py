"""Choose true images with which the scores are compared, and alter copies of them (stage alter_images)."""

import argparse
from functools import partial

from radsieve import stage, tables
from radsieve.imaging.packs import read_pack, read_packed, write_pack
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter, masks_of
from radsieve.params import Params
from radsieve.progress import track
from radsieve.screening.plots.image_grids import alteration_grid
from radsieve.screening.scores.reference_images import UNALTERED, choose_reference
from radsieve.screening.tables import REFERENCE_IMAGES


def main(args: argparse.Namespace, params: Params) -> str:
    """Write true images and altered copies as a pack, the table that says which is which, and a figure of some."""
    settings = params.alter_images
    pack, images = read_packed(args.images, args.images_table)
    segmenter = load_segmenter(args.segmenter, choose_device(params.compute))
    reference = choose_reference(pack.images, images, partial(masks_of, segmenter), settings)
    rows = track(reference.images, "altering", total=len(reference.table))
    write_pack(args.reference, reference.table["image"].tolist(), rows, pack.images.shape[1:], rendering=pack.rendering)
    grid = alteration_grid(read_pack(args.reference).images, reference.table, settings.grid_images)
    written = [(REFERENCE_IMAGES, reference.table)]
    tables.write_results(args.out, written, {"grid": grid}, reference.metrics)
    found, true = reference.metrics, int((reference.table["alteration"] == UNALTERED).sum())
    return f"{true} true images, {found['alterations']} altered copies of each of {found['altered_images']} of them"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "images": "folder of the packed normal and abnormal images",
            "images-table": "table of the images and their splits",
            "segmenter": "weights of the segmenter of lungs",
            "reference": "folder of the pack that is written",
            "out": "folder of the table and the grid",
        },
        sections=("compute", "alter_images"),
    )
