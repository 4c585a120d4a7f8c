"""Score every picture for faults: blank, blurred, turned, cut off, off the topic and others (stage audit_images)."""

import argparse

from radsieve import stage, tables
from radsieve.curation import tables as curation_tables
from radsieve.curation.burned_in import boxes_of
from radsieve.curation.image_audit import audit_images
from radsieve.curation.plots.audit import worst_grid
from radsieve.curation.stored_images import gray_loader
from radsieve.imaging.audit.text_lines import TextReader
from radsieve.networks.device import choose_device
from radsieve.networks.image_features import ImageFeatures
from radsieve.numbers import count_of
from radsieve.params import Params


def main(args: argparse.Namespace, params: Params) -> str:
    """Write the scores of every picture, those above the thresholds, and a figure of the worst."""
    options = params.audit_images
    raw = tables.read(curation_tables.RAW_DATA, args.raw_data)
    image_table = tables.read(curation_tables.IMAGES, args.images_table)
    read = TextReader().lines if options.text else None
    load, features = gray_loader(args.images), ImageFeatures(choose_device(params.compute))
    thresholds = options.thresholds.model_dump()
    found = audit_images(raw, image_table, load, features, thresholds, params.compute.threads, read)
    image_paths = image_table.set_index("file_id")["image_path"]
    boxes = boxes_of(found.text, image_table)
    worst = worst_grid(found.scores, thresholds, lambda file: load(image_paths[file]), options.grid_images, boxes)
    schemas = (curation_tables.FAULT_SCORES, curation_tables.FAULTY_IMAGES, curation_tables.TEXT_LINES)
    written = zip(schemas, (found.scores, found.faulty, found.text), strict=True)
    tables.write_results(args.out, written, {"worst": worst}, found.metrics)
    return f"{count_of(found.metrics['pictures'], 'picture')}, {found.metrics['faulty']} with a fault"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "raw-data": "table of graded images",
            "images-table": "table of their files",
            "images": "folder of the images",
            "out": "folder of the results",
        },
        sections=("compute", "audit_images"),
    )
