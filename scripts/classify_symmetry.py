"""Learn from the six features of symmetry which films are good (stage classify_symmetry)."""

import argparse
from typing import Any

import numpy as np

from radsieve import files, stage, tables
from radsieve.models import read_model, write_model
from radsieve.plots.symmetry_classifier import draw_calibration, draw_symmetry_curves, draw_tree
from radsieve.screening.symmetry_classifier import SAVED, TREE, cross_validate_models, refit
from radsieve.screening.symmetry_judgement import evaluate_models, symmetry_metrics
from radsieve.screening.symmetry_labels import PHANTOMS, read_features, read_labels, read_truth, with_noise
from radsieve.screening_tables import (
    SYMMETRY_CALIBRATION,
    SYMMETRY_COMPARISON,
    SYMMETRY_CONFUSION,
    SYMMETRY_CURVES,
    SYMMETRY_PREDICTIONS,
)
from radsieve.storage.sources import expanded


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Judge the models by cross-validation, fit the saved ones on all films, and write tables, figures and models."""
    options = params["classify_symmetry"]
    films = read_features(args.features, args.films_table, options["grouped_by"], options["resampled_by"])
    if options["labels"] == PHANTOMS:
        truth = read_truth(films["film"], args.truth)
        films = films.assign(truth=truth, label=with_noise(truth, options["label_noise"], options["seed"]))
    else:
        path = expanded(options["labels"], "classify_symmetry.labels")
        films = films.assign(truth=np.nan, label=read_labels(films["film"], path))
    judged = cross_validate_models(films, options)
    judgement = evaluate_models(judged, films, options)
    fitted = {name: refit(films, name, options) for name in SAVED}
    metrics = symmetry_metrics(judgement, judged, films, {name: chosen for name, (_, chosen) in fitted.items()})
    for schema, table in (
        (SYMMETRY_COMPARISON, judgement.comparison),
        (SYMMETRY_PREDICTIONS, judgement.predictions),
        (SYMMETRY_CONFUSION, judgement.confusion),
        (SYMMETRY_CURVES, judgement.curves),
        (SYMMETRY_CALIBRATION, judgement.calibration),
    ):
        tables.write(schema, table, args.out / f"{schema.name}.csv")
    for name, (model, _) in fitted.items():
        write_model(args.out / f"{name}.skops", model)
    files.write_figure(args.out / "curves.png", draw_symmetry_curves(judgement.curves, judgement.comparison))
    files.write_figure(args.out / "calibration.png", draw_calibration(judgement.calibration))
    files.write_figure(args.out / "tree.png", draw_tree(read_model(args.out / f"{TREE}.skops")), dpi=130)
    files.write_json(args.out / "metrics.json", metrics)
    best = max(SAVED, key=lambda name: metrics["models"][name]["roc_auc"])
    found = metrics["models"][best]
    before, after = metrics["bad_per_good_before"], found["bad_per_good_after"]
    ratio = f"{before:.2f} bad for each good one" + ("" if after is None else f", {after:.2f} after {best}")
    return f"{len(films)} films, {ratio}, ROC-AUC {found['roc_auc']:.3f}"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "features": "table of the features of symmetry",
            "films-table": "table of the films, with the columns that params.yaml groups and resamples by",
            "truth": "truth of the phantoms (unused if params.yaml names a table of labels)",
            "out": "folder of the results",
        },
        sections=("classify_symmetry",),
    )
