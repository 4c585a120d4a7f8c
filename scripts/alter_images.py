"""Choose true images with which the scores are compared, and alter copies of them (stage alter_images)."""

import argparse
from itertools import chain

from radsieve import files, stage, tables
from radsieve.errors import InputError
from radsieve.imaging.packs import read_pack, write_pack
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter, segment
from radsieve.params import Params
from radsieve.progress import track
from radsieve.screening.plots.image_grids import alteration_grid
from radsieve.screening.scores.alterations import (
    EVALUATED,
    FITTED,
    Extent,
    alterations,
    choose_altered,
    choose_true,
    has_two_lungs,
    reference_table,
)
from radsieve.screening.tables import REFERENCE_IMAGES
from radsieve.tables.images import PACKED_IMAGES


def main(args: argparse.Namespace, params: Params) -> str:
    """Write true images and altered copies as a pack, the table that says which is which, and a figure of some."""
    settings = params.alter_images
    pack, images = read_pack(args.images), tables.read(PACKED_IMAGES, args.images_table)
    if pack.names != images["image"].tolist():
        raise InputError(f"{args.images_table}: not the images of {args.images} in their order; run pack_images again")
    true = choose_true(images, settings.label, settings.images, settings.seed)
    candidates = choose_altered(images, true, settings.altered, settings.seed)
    segmenter = load_segmenter(args.segmenter, choose_device(params.compute))
    lungs = segment(segmenter, pack.images[candidates])[:, 0] >= segmenter.threshold
    altered = [(row, mask) for row, mask in zip(candidates, lungs, strict=True) if has_two_lungs(mask)]
    changes = alterations(Extent(settings.shifts, settings.widening, settings.rotation, settings.gamma))
    reference = reference_table(images, true, [int(row) for row, _ in altered], list(changes))
    copies = (change(pack.images[row], mask) for row, mask in altered for change in changes.values())
    rows = track(chain((pack.images[row] for row in true), copies), "altering", total=len(reference))
    write_pack(args.reference, reference["image"].tolist(), rows, pack.images.shape[1:])
    tables.write(REFERENCE_IMAGES, reference, args.out / "images.csv")
    grid = alteration_grid(read_pack(args.reference).images, reference, settings.grid_images)
    files.write_figure(args.out / "grid.png", grid)
    metrics = {
        **{f"true_{split}": int((images["split"].iloc[true] == split).sum()) for split in (FITTED, EVALUATED)},
        "altered_images": len(altered),
        "alterations": len(changes),
        "without_two_lungs": len(candidates) - len(altered),
    }
    files.write_json(args.out / "metrics.json", metrics)
    return f"{len(true)} true images, {len(changes)} altered copies of each of {len(altered)} of them"


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
