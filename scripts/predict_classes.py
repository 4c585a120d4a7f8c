"""Tell the classes of images by a classifier that train_classifier has stored.

Beside `--out` lies quarantine.csv: what could not be read as an image.
"""

import argparse
from pathlib import Path

from radsieve import stage, tables
from radsieve.imaging.image_batches import BucketOptions, batches_of, image_batches
from radsieve.imaging.image_folders import Rejected, quarantine_table
from radsieve.networks.device import choose_device
from radsieve.overwriting import check_outside, check_overwritten
from radsieve.params import Params
from radsieve.progress import track
from radsieve.tables.images import IMAGE_QUARANTINE
from radsieve.tasks.images.stored import class_table, load_stored
from radsieve.tasks.images.tables import NEW_CLASSES


def main(args: argparse.Namespace, params: Params) -> str:
    """Read the model, classify the images, a batch at a time, and write predictions and quarantine."""
    options = params.predict_images
    check_outside(args.out, Path(args.images))
    check_overwritten(args.out, ["quarantine.csv"], [args.model])
    model = load_stored(args.model, choose_device(params.compute))
    rejected: list[Rejected] = []
    bucket = BucketOptions("predict_images", options.access, options.max_withheld)
    batches = image_batches(args.images, model.form, options.batch, rejected, params.source, bucket)
    found = class_table(model, track(batches, "classifying", batches_of(args.images, options.batch), "batch"))
    tables.write(NEW_CLASSES, found, args.out)
    tables.write(IMAGE_QUARANTINE, quarantine_table(rejected), args.out.parent / "quarantine.csv")
    counts = found.groupby("label", sort=False)["called"].sum().items()
    told = ", ".join(f"{count} called {label}" for label, count in counts)
    return f"{found['image'].nunique()} images, {told}, {len(rejected)} in quarantine"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "model": "best.safetensors of train_classifier",
            "out": "table of the predictions (.csv or .parquet); quarantine.csv lies beside it",
        },
        sections=("source", "compute", "predict_images"),
        names={"images": "a pack, a folder of image files, s3://bucket/prefix/ at source.endpoint, gs://, or az://"},
    )
