"""Learn from the six features of symmetry which images are good (stage train_symmetry)."""

import argparse

from radsieve import files, stage, tables
from radsieve.params import Params
from radsieve.screening.plots.symmetry import plot_calibration, plot_decision_tree, plot_symmetry_curves
from radsieve.screening.symmetry.classifier import LOGISTIC, SAVED, TREE, cross_validate_models, refit
from radsieve.screening.symmetry.evaluation import evaluate_models, symmetry_metrics, symmetry_summary
from radsieve.screening.symmetry.labels import PHANTOMS, read_features, read_labels, read_truth, with_noise
from radsieve.settings import expand
from radsieve.stats.models import read_model, write_model

import numpy as np


def main(args: argparse.Namespace, params: Params) -> str:
    """Evaluate the models by cross-validation, fit the saved ones on all images; write tables, figures, models."""
    options = params.train_symmetry
    images = read_features(args.features, args.images_table, options.grouped_by, options.resampled_by)
    if options.labels == PHANTOMS:
        truth = read_truth(images["image"], args.truth)
        images = images.assign(truth=truth, label=with_noise(truth, options.label_noise, options.seed))
    else:
        path = expand(options.labels, "train_symmetry.labels")
        images = images.assign(truth=np.nan, label=read_labels(images["image"], path))
    evaluated = cross_validate_models(images, options)
    evaluation = evaluate_models(evaluated, images, options)
    fitted = {name: refit(images, name, options) for name in SAVED}
    metrics = symmetry_metrics(evaluation, evaluated, images, {name: chosen for name, (_, chosen) in fitted.items()})
    for name, (model, _) in fitted.items():
        write_model(args.out / f"{name}.skops", model)
    files.write_figure(args.out / "tree.png", plot_decision_tree(read_model(args.out / f"{TREE}.skops")), dpi=130)
    figures = {
        "curves": plot_symmetry_curves(evaluation.curves, evaluation.comparison),
        "calibration": plot_calibration(evaluation.calibration),
    }
    tables.write_results(args.out, evaluation.tables, figures, metrics)
    return f"{len(images)} images, {symmetry_summary(metrics, LOGISTIC)}"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "features": "table of the features of symmetry",
            "images-table": "table of the images, with the columns that params.yaml groups and resamples by",
            "truth": "truth of the phantoms (unused if params.yaml names a table of labels)",
            "out": "folder of the results",
        },
        sections=("train_symmetry",),
    )
