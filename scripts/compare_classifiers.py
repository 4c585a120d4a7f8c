"""Cross-validate every model on the latents of a group (stage compare_classifiers)."""

import argparse

from radsieve import stage, tables
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.prefilter.classifiers.classifiers import (
    FAMILY_OF,
    chosen_models,
    cross_validate_targets,
    has_probability,
    needs_all_groups,
)
from radsieve.prefilter.classifiers.evaluation import (
    classifier_metrics,
    classifier_summary,
    evaluate_confusion,
    evaluate_curves,
    evaluate_folds,
)
from radsieve.prefilter.latents.latent_table import read
from radsieve.prefilter.plots.latent_classifiers import plot_classifier_curves, plot_confusion
from radsieve.prefilter.tables import CLASSIFIER_CONFUSION, CLASSIFIER_CURVES, CLASSIFIER_FOLDS, CLASSIFIER_PREDICTIONS


def main(args: argparse.Namespace, params: Params) -> str:
    """Score every row by models that have not seen it, and write predictions, tables, figures and metrics."""
    options, latents = params.compare_classifiers, params.latents
    models = chosen_models(options.models)
    needed = latents.groups if needs_all_groups(models) else [args.group]
    table = read(args.latents, needed, latents.distribution)
    device = choose_device(params.compute).device
    predictions, reasons = cross_validate_targets(table, args.group, options, latents, device)
    folds = evaluate_folds(predictions, FAMILY_OF, has_probability)
    curves = evaluate_curves(predictions)
    confusion = evaluate_confusion(predictions, has_probability, latents.confidence)
    metrics = classifier_metrics(args.group, len(table.of(args.group)), folds, reasons)
    figures = {
        "curves": plot_classifier_curves(curves, folds, args.group),
        "confusion": plot_confusion(confusion, folds, args.group),
    }
    tables.write(CLASSIFIER_PREDICTIONS, predictions, args.out / "predictions.parquet")
    written = (CLASSIFIER_FOLDS, folds), (CLASSIFIER_CURVES, curves), (CLASSIFIER_CONFUSION, confusion)
    tables.write_results(args.out, written, figures, metrics)
    return classifier_summary(args.group, len(models), folds, reasons)


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"latents": "table of latents", "out": "folder of the results"},
        sections=("latents", "compute", "compare_classifiers"),
        names={"group": "group of images"},
    )
