"""Train the classifier of normal and abnormal images (stage train_abnormality)."""

import argparse

from radsieve import files, stage, tables
from radsieve.networks.classifier import THRESHOLD, classify, save_classifier
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.screening.classifiers.labelled_images import (
    held_out_metrics,
    predictions_table,
    read_labelled,
    roc_table,
)
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
    test = images.rows(Split.TEST)
    probability, _ = classify(fitted.classifier, images.pack.images[test])

    predictions = predictions_table(images, test, probability)
    roc, metrics = roc_table(predictions), held_out_metrics(predictions, options)
    save_classifier(args.out / "model.safetensors", fitted.classifier)
    tables.write(REGULARIZATION, fitted.path, args.out / "regularization.csv")
    tables.write(HELD_OUT, predictions, args.out / "predictions.csv")
    tables.write(ROC, roc, args.out / "roc.csv")
    figure = plot_roc(roc, metrics, THRESHOLD, f"{images.positive} against {images.negative}")
    files.write_figure(args.out / "roc.png", figure)
    files.write_json(
        args.out / "metrics.json", metrics | {"c": fitted.strength, "training_images": len(images.rows(Split.TRAIN))}
    )
    return (
        f"{len(test)} held-out images, ROC-AUC {metrics['roc_auc']['value']:.3f}, "
        f"accuracy {metrics['accuracy']['value']:.3f}"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "images": "pack of images",
            "images-table": "table of the images, as pack_images writes it",
            "out": "folder of the results",
        },
        sections=("compute", "train_abnormality"),
    )
