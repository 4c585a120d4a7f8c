"""Train the classifier of normal and abnormal images (stage train_abnormality)."""

import argparse

from radsieve import stage, tables
from radsieve.networks.classifier import THRESHOLD, save_classifier
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.screening.classifiers.labelled_images import evaluate_held_out, read_labelled
from radsieve.screening.classifiers.transfer_learning import fit_classifier, frozen_network
from radsieve.screening.plots.classifiers import plot_roc
from radsieve.screening.tables import HELD_OUT, REGULARIZATION, ROC
from radsieve.tables.images import Split


def main(args: argparse.Namespace, params: Params) -> str:
    """Fit the linear unit on the training split, calibrate it on validation, measure it on test; write everything."""
    options = params.train_abnormality
    images = read_labelled(args.images, args.images_table, options.positive, "train_abnormality.positive")
    device = choose_device(params.compute)
    network = frozen_network(options, "train_abnormality", device)
    fitted = fit_classifier(network, images, [Split.TRAIN], device, options, options.folds)
    found = evaluate_held_out(fitted.classifier, images, options)
    metrics = found.metrics | {"c": fitted.strength, "training_images": len(images.rows(Split.TRAIN))}
    save_classifier(args.out / "model.safetensors", fitted.classifier)
    figures = {"roc": plot_roc(found.roc, metrics, THRESHOLD, f"{images.positive} against {images.negative}")}
    written = (REGULARIZATION, fitted.path), (HELD_OUT, found.predictions), (ROC, found.roc)
    tables.write_results(args.out, written, figures, metrics)
    return found.summary


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "images": "pack of images",
            "images-table": "table of the images, as assign_splits writes it",
            "out": "folder of the results",
        },
        sections=("compute", "train_abnormality"),
    )
