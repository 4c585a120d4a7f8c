"""Give each image a probability and the maximum of its heat map, by a classifier of images (stage predict_images).

Beside `--out` lie quarantine.csv (what could not be read), heatmaps.png (some images with their heat) and metrics.json.
"""

import argparse
from pathlib import Path

from radsieve import files, stage, tables
from radsieve.imaging.image_batches import BucketOptions, batches_of, image_batches
from radsieve.imaging.image_folders import Rejected, quarantine_table
from radsieve.imaging.rendering import InputForm
from radsieve.networks.classifier import load_classifier
from radsieve.networks.device import choose_device
from radsieve.overwriting import check_outside, check_overwritten
from radsieve.params import Params
from radsieve.progress import track
from radsieve.screening.classifiers.classified_images import ClassifiedImages, predict_set
from radsieve.screening.plots.heat_maps import heat_grid
from radsieve.screening.tables import PREDICTIONS
from radsieve.tables.images import IMAGE_QUARANTINE


def main(args: argparse.Namespace, params: Params) -> str:
    """Classify a pack, a folder of image files, or s3://bucket/prefix, a batch at a time."""
    options = params.predict_images
    folder = args.out.parent
    check_outside(args.out, Path(args.images))
    check_overwritten(args.out, ["quarantine.csv", "heatmaps.png", "metrics.json"], [args.weights])
    classifier = load_classifier(args.weights, choose_device(params.compute))
    rejected: list[Rejected] = []
    bucket = BucketOptions("predict_images", options.access, options.max_withheld)
    form = InputForm.of(classifier.card, args.weights)
    batches = image_batches(args.images, form, options.batch, rejected, params.source, bucket)
    found = ClassifiedImages(options.grid_images, classifier.threshold)
    total = batches_of(args.images, options.batch)
    predict_set(classifier, track(batches, "classifying", total, "batch"), found)
    metrics = found.metrics(classifier.positive, len(rejected))
    tables.write(PREDICTIONS, found.table, args.out)
    tables.write(IMAGE_QUARANTINE, quarantine_table(rejected), folder / "quarantine.csv")
    files.write_figure(folder / "heatmaps.png", heat_grid(found.shown, classifier.positive, metrics["images"]))
    files.write_json(folder / "metrics.json", metrics)
    return (
        f"{metrics['images']} images, {metrics['images_called_positive']} called {classifier.positive}, "
        f"{len(rejected)} in quarantine"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "weights": "checkpoint of a classifier (model.safetensors of train_abnormality or train_sex)",
            "out": "table of the predictions (.csv or .parquet); the other results lie beside it",
        },
        sections=("source", "compute", "predict_images"),
        names={"images": "a pack, a folder of image files, s3://bucket/prefix/ at source.endpoint, gs://, or az://"},
    )
