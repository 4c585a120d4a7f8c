"""Predict the sex from the image by transfer learning, and measure where the net looks (stage train_sex)."""

import argparse

from radsieve import stage, tables
from radsieve.networks.classifier import THRESHOLD, save_classifier
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter, masks_of
from radsieve.params import Params
from radsieve.screening.classifiers.ablation import ablate, ablation_metrics
from radsieve.screening.classifiers.labelled_images import evaluate_held_out, read_labelled
from radsieve.screening.classifiers.shortcut import shortcut_metrics, shortcut_table
from radsieve.screening.classifiers.transfer_learning import fit_classifier, frozen_network
from radsieve.screening.plots.classifiers import plot_roc
from radsieve.screening.plots.heat_maps import sex_heat_grid
from radsieve.screening.tables import ABLATION, HELD_OUT, ROC, SHORTCUT
from radsieve.tables.images import Split


def main(args: argparse.Namespace, params: Params) -> str:
    """Compare inputs of the net, fit it on train and validation, measure it on test, and write the results."""
    options = params.train_sex
    images = read_labelled(args.images, args.images_table, options.positive, "train_sex.positive")
    labels = (images.negative, images.positive)
    device = choose_device(params.compute)
    segmenter = load_segmenter(args.segmenter, device)
    network = frozen_network(options, "train_sex", device)
    ablation = ablate(network, images, device, options)
    fitted = fit_classifier(network, images, [Split.TRAIN, Split.VALIDATION], device, options, options.inner_folds)
    found = evaluate_held_out(fitted.classifier, images, options)
    lungs = masks_of(segmenter, found.pixels)
    shortcut = shortcut_table(found.predictions, found.heat, lungs)

    metrics = found.metrics | {
        "c": fitted.strength,
        "cross_validated": ablation_metrics(ablation),
        "where_it_looks": shortcut_metrics(shortcut, labels, options),
    }
    save_classifier(args.out / "model.safetensors", fitted.classifier)
    figures = {
        "roc": plot_roc(found.roc, metrics, THRESHOLD, f"{images.positive} against {images.negative}"),
        "heatmaps": sex_heat_grid(shortcut, found.pixels, found.heat, lungs, labels, THRESHOLD, options.grid_images),
    }
    written = (ABLATION, ablation), (HELD_OUT, found.predictions), (ROC, found.roc), (SHORTCUT, shortcut)
    tables.write_results(args.out, written, figures, metrics)
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
        sections=("compute", "train_sex"),
    )
