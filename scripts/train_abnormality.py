"""Train the classifier of normal and abnormal images (stage train_abnormality)."""

import argparse

from radsieve import stage, tables
from radsieve.networks.classifier import save_classifier
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter, masks_of
from radsieve.params import Params
from radsieve.screening.classifiers.evaluation import evaluate_held_out
from radsieve.screening.classifiers.fitting import fit_classifier
from radsieve.screening.classifiers.labelled_images import read_labelled
from radsieve.screening.classifiers.shortcut import shortcut_metrics, shortcut_table
from radsieve.screening.classifiers.transfer_learning import frozen_network
from radsieve.screening.tables import REGULARIZATION, SHORTCUT, UNSEEN
from radsieve.tables.images import Split


def main(args: argparse.Namespace, params: Params) -> str:
    """Fit the linear unit on train, calibrate it and choose its operating point on validation, measure it on test."""
    options = params.train_abnormality
    images = read_labelled(args.images, args.images_table, options.positive, "train_abnormality.positive")
    labels = (images.negative, images.positive)
    device = choose_device(params.compute)
    segmenter = load_segmenter(args.segmenter, device)
    network = frozen_network(options, "train_abnormality", device)
    fitted = fit_classifier(network, images, [Split.TRAIN], device, options, options.folds)
    found = evaluate_held_out(fitted.classifier, images, options)
    shortcut = shortcut_table(found.predictions, found.heat, masks_of(segmenter, found.pixels))
    metrics = found.metrics | {
        "c": fitted.choice.strength,
        "training_images": len(images.rows(Split.TRAIN)),
        "where_it_looks": shortcut_metrics(shortcut, labels, options),
    }
    save_classifier(args.out / "model.safetensors", fitted.classifier)
    written = *found.written, (REGULARIZATION, fitted.choice.path), (UNSEEN, fitted.unseen), (SHORTCUT, shortcut)
    tables.write_results(args.out, written, found.figures(fitted.classifier, labels), metrics)
    return found.summary


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "images": "pack of images",
            "images-table": "table of the images, as assign_splits writes it",
            "segmenter": "checkpoint of the segmenter of lungs",
            "out": "folder of the results",
        },
        sections=("compute", "train_abnormality"),
    )
