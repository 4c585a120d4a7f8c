"""Give each film a probability and the maximum of its heat map, by a classifier of films (stage classify_images).

Beside `--out` lie quarantine.csv (what could not be read), heatmaps.png (some films with their heat) and metrics.json.
"""

import argparse
from pathlib import Path

import pandas as pd

from radsieve import files, stage, tables
from radsieve.errors import InputError
from radsieve.imaging.film_batches import batches_of, film_batches
from radsieve.imaging.film_folders import Rejected
from radsieve.networks.classifier import load_classifier
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.plots.classified_films import heat_sheet
from radsieve.progress import track
from radsieve.screening.classified_films import ClassifiedFilms, classify_films
from radsieve.screening_tables import FILM_QUARANTINE, PREDICTIONS


def main(args: argparse.Namespace, params: Params) -> str:
    """Classify a pack, a folder of image files, or s3://bucket/prefix, a batch at a time."""
    options = params.classify_images
    folder = args.out.parent
    if args.out.resolve().is_relative_to(Path(args.images).resolve()):
        raise InputError(f"--out {args.out} lies in --images {args.images}, where its figure would be taken for a film")
    classifier = load_classifier(args.weights, choose_device(params.compute))
    rejected: list[Rejected] = []
    batches = film_batches(args.images, classifier.pixels, classifier.channels, options.batch, rejected, params.source)
    found = ClassifiedFilms(options.sheet_films)
    total = batches_of(args.images, options.batch)
    classify_films(classifier, track(batches, "classifying", total, "batch"), found)
    metrics = found.metrics(classifier.positive, len(rejected))
    quarantine = pd.DataFrame([vars(one) for one in rejected], columns=["name", "reason", "detail"])
    tables.write(PREDICTIONS, found.table, args.out)
    tables.write(FILM_QUARANTINE, quarantine.rename(columns={"name": "film"}), folder / "quarantine.csv")
    files.write_figure(folder / "heatmaps.png", heat_sheet(found.shown, classifier.positive, metrics["films"]))
    files.write_json(folder / "metrics.json", metrics)
    return (
        f"{metrics['films']} films, {metrics['films_taken_for_positive']} taken for {classifier.positive}, "
        f"{len(rejected)} in quarantine"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "weights": "checkpoint of a classifier (model.safetensors of train_abnormality or classify_sex)",
            "out": "table of the predictions (.csv or .parquet); the other results lie beside it",
        },
        sections=("source", "compute", "classify_images"),
        names={"images": "a pack, a folder of image files, or s3://bucket/prefix/ at source.endpoint"},
    )
