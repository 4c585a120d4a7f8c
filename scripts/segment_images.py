"""Find the lungs, or whatever a segmenter was trained for, on any number of images (stage segment_images)."""

import argparse
from pathlib import Path

from radsieve import files, stage, tables
from radsieve.errors import InputError
from radsieve.imaging.image_batches import BucketOptions, batches_of, image_batches
from radsieve.imaging.image_folders import Rejected, quarantine_table
from radsieve.imaging.packs import is_pack, read_pack, write_array
from radsieve.imaging.rendering import InputForm
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter
from radsieve.params import Params
from radsieve.progress import track
from radsieve.screening.plots.segmentation import overlay_grid
from radsieve.screening.segmentation.segmented_images import Findings, segment_images, write_mask_files
from radsieve.screening.tables import SEGMENTED
from radsieve.tables.images import IMAGE_QUARANTINE


def main(args: argparse.Namespace, params: Params) -> str:
    """Segment a pack, a folder of image files, or s3://bucket/prefix, a batch at a time."""
    settings = params.segment_images
    image_table = Path(args.images)
    if args.out.resolve().is_relative_to(image_table.resolve()):
        raise InputError(
            f"--out {args.out} lies in --images {args.images}: its masks would be taken for images; move it"
        )
    segmenter = load_segmenter(args.weights, choose_device(params.compute))
    rejected: list[Rejected] = []
    bucket = BucketOptions("segment_images", settings.access, settings.max_withheld)
    form = InputForm.of(segmenter.card, args.weights)
    batches = image_batches(args.images, form, settings.batch, rejected, params.source, bucket)
    findings = Findings(settings.overlays)
    total = batches_of(args.images, settings.batch)
    found = segment_images(segmenter, track(batches, "segmenting", total, "batch"), findings)
    if is_pack(image_table):
        shape = (len(read_pack(image_table).names), 1, segmenter.pixels, segmenter.pixels)
        write_array(args.out / "masks.npy", (mask for _, _, masks in found for mask in masks), shape)
    else:
        write_mask_files(args.out, found, segmenter.threshold)
    tables.write(SEGMENTED, findings.table, args.out / "segmented.csv")
    tables.write(IMAGE_QUARANTINE, quarantine_table(rejected), args.out / "quarantine.csv")
    rows = [("first images", findings.first), ("least certain\n(mean entropy)", findings.doubtful)]
    title = f"Outlines found on {len(findings.rows)} images: some of them"
    files.write_figure(args.out / "overlays.png", overlay_grid([row for row in rows if row[1]], title))
    metrics = findings.metrics(len(rejected))
    files.write_json(args.out / "metrics.json", metrics)
    return f"{metrics['images']} images, {metrics['empty_masks']} without a mask, {len(rejected)} in quarantine"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"weights": "checkpoint of a segmenter", "out": "folder of the results"},
        sections=("source", "compute", "segment_images"),
        names={"images": "a pack, a folder of image files, s3://bucket/prefix/ at source.endpoint, gs://, or az://"},
    )
