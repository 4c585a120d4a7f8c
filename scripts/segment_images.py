"""Find the lungs, or what else a segmenter was trained for, on any number of films (stage segment_images)."""

import argparse
from pathlib import Path

import pandas as pd

from radsieve import files, stage, tables
from radsieve.errors import InputError
from radsieve.imaging.film_batches import batches_of, film_batches
from radsieve.imaging.film_folders import Rejected
from radsieve.imaging.packs import is_pack, read_pack, write_array
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter
from radsieve.params import Params
from radsieve.plots.segmentation import overlay_sheet
from radsieve.progress import track
from radsieve.screening.segmented_films import Findings, segment_films, write_mask_files
from radsieve.screening_tables import FILM_QUARANTINE, SEGMENTED


def main(args: argparse.Namespace, params: Params) -> str:
    """Segment a pack, a folder of image files, or s3://bucket/prefix, a batch at a time."""
    settings = params.segment_images
    images = Path(args.images)
    if args.out.resolve().is_relative_to(images.resolve()):
        raise InputError(
            f"--out {args.out} lies in --images {args.images}: its masks would be taken for films; move it"
        )
    segmenter = load_segmenter(args.weights, choose_device(params.compute))
    rejected: list[Rejected] = []
    batches = film_batches(args.images, segmenter.pixels, segmenter.channels, settings.batch, rejected, params.source)
    findings = Findings(settings.overlays)
    total = batches_of(args.images, settings.batch)
    found = segment_films(segmenter, track(batches, "segmenting", total, "batch"), findings)
    if is_pack(images):
        shape = (len(read_pack(images).names), 1, segmenter.pixels, segmenter.pixels)
        write_array(args.out / "masks.npy", (mask for _, _, masks in found for mask in masks), shape)
    else:
        write_mask_files(args.out, found, segmenter.threshold)
    quarantine = pd.DataFrame([vars(one) for one in rejected], columns=["name", "reason", "detail"])
    tables.write(SEGMENTED, findings.table, args.out / "segmented.csv")
    tables.write(FILM_QUARANTINE, quarantine.rename(columns={"name": "film"}), args.out / "quarantine.csv")
    rows = [("first films", findings.first), ("greatest doubt\n(mean entropy)", findings.doubtful)]
    title = f"Outlines found on {len(findings.rows)} films: some of them"
    files.write_figure(args.out / "overlays.png", overlay_sheet([row for row in rows if row[1]], title))
    metrics = findings.metrics(len(rejected))
    files.write_json(args.out / "metrics.json", metrics)
    return f"{metrics['films']} films, {metrics['empty_masks']} without a mask, {len(rejected)} in quarantine"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"weights": "checkpoint of a segmenter", "out": "folder of the results"},
        sections=("source", "compute", "segment_images"),
        names={"images": "a pack, a folder of image files, or s3://bucket/prefix/ at source.endpoint"},
    )
