"""Predict the sex from the image by transfer learning, and measure where the net looks (stage train_sex)."""

import argparse

from radsieve import stage, tables
from radsieve.networks.classifier import save_classifier
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter, masks_of
from radsieve.params import Params
from radsieve.screening.classifiers.ablation import ablate, ablation_metrics
from radsieve.screening.classifiers.evaluation import evaluate_held_out
from radsieve.screening.classifiers.fitting import fit_classifier
from radsieve.screening.classifiers.labelled_images import read_labelled
from radsieve.screening.classifiers.shortcut import shortcut_metrics, shortcut_table
from radsieve.screening.classifiers.transfer_learning import frozen_network
from radsieve.screening.plots.heat_maps import sex_heat_grid
from radsieve.screening.tables import ABLATION, REGULARIZATION, SHORTCUT, UNSEEN
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
        "c": fitted.choice.strength,
        "cross_validated": ablation_metrics(ablation),
        "where_it_looks": shortcut_metrics(shortcut, labels, options),
    }
    save_classifier(args.out / "model.safetensors", fitted.classifier)
    point = fitted.classifier.threshold
    heat = sex_heat_grid(shortcut, found.pixels, found.heat, lungs, labels, point, options.grid_images)
    figures = found.figures(fitted.classifier, labels) | {"heatmaps": heat}
    chosen = (ABLATION, ablation), (REGULARIZATION, fitted.choice.path), (UNSEEN, fitted.unseen)
    tables.write_results(args.out, (*found.written, *chosen, (SHORTCUT, shortcut)), figures, metrics)
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
